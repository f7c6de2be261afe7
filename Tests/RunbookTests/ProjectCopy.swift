import BelayTestSupport

/// The project's runbooks as somebody has them who copied the folder: its environment `staging` is a test's own.
final class ProjectCopy: Sendable {
  private let directory = TemporaryDirectory()
  /// The variables with which `belay` finds the test's cluster.
  let variables: [String: String]

  /// The folder.
  var folder: String { directory.path("runbooks") }

  /// - Parameters:
  ///   - platform: What the environment says of the inventory, as YAML.
  ///   - variables: Variables of every run.
  init(platform: KeyValuePairs<String, String>, variables: [String: String] = [:]) {
    self.variables = variables
    let copied = CommandRunner.run(["cp", "-R", ProjectRunbook.folder, directory.path("runbooks")])
    precondition(copied.status == 0, copied.errors)
    var project = directory.read("runbooks/belay.yaml") ?? ""
    let head = "\n  staging:\n    platform:\n"
    guard let start = project.firstRange(of: head)?.upperBound,
      let end = project[start...].firstRange(of: "\n  production:")?.lowerBound
    else { preconditionFailure("belay.yaml has no environment `staging` before `production`") }
    let said = platform.map { "      \($0.key): \($0.value)\n" }.joined()
    project.replaceSubrange(start..<end, with: said)
    directory.write("runbooks/belay.yaml", project)
  }
}
