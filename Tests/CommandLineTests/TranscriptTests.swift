import BelayTestSupport
import Testing

/// Each runbook in `Transcripts` with what commands about it show.
///
/// The commands stand in the file's first lines, after `# $ `. What differs from run to run is replaced by a word.
@Suite struct TranscriptTests {
  static let folder = BelayBinary.projectRoot + "/Tests/CommandLineTests/Transcripts"
  static let names = GoldenFile.names(in: folder, suffix: ".yaml")

  @Test("commands show what they showed", arguments: names)
  func isTheSame(name: String) throws {
    let world = TemporaryDirectory()
    let text = try #require(TestFile.read("\(Self.folder)/\(name).yaml"))
    world.write("runbook.yaml", text)
    var transcript = ""
    for line in text.split(separator: "\n") where line.hasPrefix("# $ ") {
      let command = String(line.dropFirst(4))
      let result = CommandRunner.run(
        ["bash", "-c", command],
        environment: [
          "PATH": Self.path, "BELAY_STORE": world.path("store"), "BELAY_EFFECT": "", "NO_COLOR": "1", "LC_ALL": "C",
          "TOKEN": "s3cret-t0ken", "SWIFT_BACKTRACE": "enable=no",
        ], directory: world.path)
      transcript += "$ \(command)\n\(result.output)"
      if !result.errors.isEmpty { transcript += "--- standard error\n\(result.errors)" }
      transcript += "--- exit \(result.status)\n\n"
    }
    let shown = Normalizing(world: world.path).normalized(transcript)
    if let difference = GoldenFile.difference(shown, from: "\(Self.folder)/\(name).txt") {
      Issue.record("\(difference)")
    }
  }

  /// The program under test comes first in the path.
  static let path: String = {
    let folder = BelayBinary.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return folder.joined(separator: "/") + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  }()
}

/// Replaces what differs from run to run.
struct Normalizing {
  let world: String

  func normalized(_ text: String) -> String {
    var text = text.replacing(world, with: "WORLD").replacing(TranscriptTests.path, with: "SEARCHED")
    if let found = text.firstMatch(of: /Run ([a-z0-9]{12})/) { text = text.replacing(found.output.1, with: "RUN") }
    for found in text.matches(of: /Run ([a-z0-9]{12})/) { text = text.replacing(found.output.1, with: "RUN") }
    text = text.replacing(/[0-9a-f]{64}/, with: "DIGEST")
    text = text.replacing(/plan [0-9a-f]{16}/, with: "plan DIGEST")
    text = text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "TIME")
    text = text.replacing(/\b[0-9]+(ms|\.[0-9]{2}s)\b/, with: "TIME")
    text = text.replacing(/"(started|updated|ts|duration)":( ?)[0-9]+/) { "\"\($0.output.1)\":\($0.output.2)0" }
    return text.replacing(/\ by [a-z_][a-z0-9_-]*, unproven/, with: " by OPERATOR, unproven")
      .replacing(/"operator":( ?)"[^"]*"/, with: "\"operator\": \"OPERATOR\"")
  }
}
