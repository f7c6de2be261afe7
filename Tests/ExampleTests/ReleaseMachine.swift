import BelayTestSupport
import Glibc

/// A directory that `examples/release/prepare` laid out, with a store beside it; its server ends with the object.
final class ReleaseMachine: Sendable {
  static let example = BelayBinary.projectRoot + "/examples/release"
  static let runbook = example + "/release.yaml"
  /// The command line of the demonstration.
  static let demonstration = [BelayBinary.projectRoot + "/examples/demo.sh", BelayBinary.path]

  let directory = TemporaryDirectory()
  private var root: String { directory.path("machine") }

  init() {
    let result = CommandRunner.run([Self.example + "/prepare", root])
    precondition(result.status == 0, "\(result.errors)")
  }

  deinit { stopServer() }

  func stopServer() {
    _ = CommandRunner.run(["perl", Self.example + "/server", "stop", root])
  }

  /// Runs Belay with this machine's store.
  func belay(_ arguments: String...) -> CommandResult {
    BelayBinary.run(arguments, store: directory.path("store"))
  }

  /// Releases a version.
  func release(_ version: String, _ options: String...) -> CommandResult {
    let inputs = directory.path("machine/inputs.yaml")
    return BelayBinary.run(
      ["run", Self.runbook, "--inputs", inputs, "-i", "version=\(version)"] + options, store: directory.path("store"))
  }

  /// What the server says of itself; nil where none answers.
  var health: String? { Self.health(port: Self.port(in: directory.read("machine/inputs.yaml") ?? "")) }

  /// Where the link to the current version points; nil where there is none.
  var link: String? {
    let result = CommandRunner.run(["readlink", "-n", root + "/current"])
    return result.status == 0 ? result.output : nil
  }

  func hasRelease(_ version: String) -> Bool { TestFile.exists(root + "/releases/" + version) }

  /// All that is on the machine: names, kinds, modes, times, where links point, and the hash of every file.
  var tree: String {
    let script = #"find . -printf '%p %y %m %s %T@ %l\n' | sort; find . -type f -exec sha256sum {} + | sort"#
    return CommandRunner.run(["bash", "-c", script], directory: root).output
  }

  /// The port that a file of inputs names.
  static func port(in inputs: String) -> String {
    inputs.split(separator: "\n").first { $0.hasPrefix("port: ") }.map { String($0.dropFirst(6)) } ?? "0"
  }

  /// What the server on a port says of itself; nil where none answers.
  static func health(port: String) -> String? {
    let script = #"exec 3<> "/dev/tcp/127.0.0.1/$0"; printf 'GET /health HTTP/1.0\r\n\r\n' >&3; tail -n 1 <&3"#
    let result = CommandRunner.run(["bash", "-ec", script, port])
    return result.status == 0 ? result.output.split(separator: "\n").first.map(String.init) : nil
  }

  /// The names in a directory.
  static func names(in path: String) -> [String] {
    CommandRunner.run(["ls", "-A", path]).output.split(separator: "\n").map(String.init)
  }
}
