import BelayTestSupport

/// A runbook that the project ships, run in a store of the test's own.
struct ProjectRunbook {
  /// The folder of all of them.
  static let folder = BelayBinary.projectRoot + "/runbooks"

  private let file: String
  private let inputs: [String]
  private let store = TemporaryDirectory()

  /// A runbook by its place in the folder, with what is given for its inputs.
  init(_ name: String, inputs: [String: String] = [:]) {
    file = Self.folder + "/" + name
    self.inputs = inputs.sorted { $0.key < $1.key }.flatMap { ["--input", "\($0.key)=\($0.value)"] }
  }

  /// Plans it.
  func plan(_ options: [String] = []) -> CommandResult { belay("plan", [file] + inputs + options) }

  /// Runs it with nobody there to answer.
  func run(_ options: String..., environment: [String: String] = [:]) -> CommandResult {
    belay("run", [file] + inputs + options, environment: environment)
  }

  /// Starts it with nobody there to answer.
  func start() -> CommandRunner.Running { BelayBinary.start(["run", file] + inputs, store: store.path) }

  /// Anything else that `belay` does with the last run.
  func last(_ command: String, _ options: String...) -> CommandResult { belay(command, ["last"] + options) }

  /// Everything that the store keeps, as text.
  var kept: String { CommandRunner.run(["grep", "--recursive", "--text", "", store.path]).output }

  private func belay(
    _ command: String, _ arguments: [String], environment: [String: String] = [:]
  ) -> CommandResult {
    BelayBinary.run([command] + arguments, store: store.path, environment: environment)
  }
}
