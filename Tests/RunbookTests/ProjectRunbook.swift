import BelayTestSupport

/// A runbook that the project ships, run in a store of the test's own.
struct ProjectRunbook {
  /// The folder of all of them.
  static let folder = BelayBinary.projectRoot + "/runbooks"

  private let file: String
  private let inputs: [String]
  private let copy: ProjectCopy?
  private let store = TemporaryDirectory()

  /// A runbook by its place in the folder, with what is given for its inputs; one of a copy runs in the environment `staging`.
  init(_ name: String, inputs: [String: String] = [:], in copy: ProjectCopy? = nil) {
    file = (copy?.folder ?? Self.folder) + "/" + name
    self.copy = copy
    self.inputs = inputs.sorted { $0.key < $1.key }.flatMap { ["--input", "\($0.key)=\($0.value)"] }
  }

  /// Plans it.
  func plan(_ options: [String] = []) -> CommandResult { belay("plan", [file] + inputs + environment + options) }

  /// Runs it with nobody there to answer.
  func run(_ options: String..., environment: [String: String] = [:]) -> CommandResult {
    belay("run", [file] + inputs + self.environment + options, environment: environment)
  }

  /// Starts it with nobody there to answer.
  func start(_ options: String...) -> CommandRunner.Running {
    BelayBinary.start(
      ["run", file] + inputs + environment + options, store: store.path, environment: copy?.variables ?? [:])
  }

  /// Anything else that `belay` does with the last run.
  func last(_ command: String, _ options: String...) -> CommandResult { belay(command, ["last"] + options) }

  /// Everything that the store keeps, as text.
  var kept: String { CommandRunner.run(["grep", "--recursive", "--text", "", store.path]).output }

  private var environment: [String] { copy == nil ? [] : ["--environment", "staging"] }

  private func belay(
    _ command: String, _ arguments: [String], environment: [String: String] = [:]
  ) -> CommandResult {
    let variables = (copy?.variables ?? [:]).merging(environment) { _, given in given }
    return BelayBinary.run([command] + arguments, store: store.path, environment: variables)
  }
}
