import BelayTestSupport
import Testing

/// The scenarios of the project's own files.
@Suite struct RehearsalFilesTests {
  @Test("every scenario of the shipped runbooks comes as it should")
  func runbooks() {
    let world = TemporaryDirectory()
    let result = BelayBinary.run(
      ["rehearse", "--all"], store: world.path("store"), directory: BelayBinary.projectRoot + "/runbooks")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("rehearsals passed"))
  }

  @Test("every shipped runbook has at least two scenarios, one of which does not end well")
  func twoOfEach() {
    let folder = BelayBinary.projectRoot + "/runbooks"
    let runbooks = Self.files(with: "^belay: 1$", in: folder)
    let scenarios = Self.files(with: "^rehearsal: 1$", in: folder).compactMap { TestFile.read($0) }
    #expect(!runbooks.isEmpty)
    for path in runbooks {
      // A runbook's file has its name.
      let name = path.split(separator: "/").last?.dropLast(".yaml".count) ?? ""
      let own = scenarios.filter { $0.contains("\nrunbook: \(name)\n") }
      #expect(own.count >= 2, "\(name) has \(own.count)")
      #expect(own.contains { !$0.contains("\n  outcome: succeeded\n") }, "all of \(name) end well")
    }
  }

  /// The files below a folder that hold a line.
  private static func files(with line: String, in folder: String) -> [String] {
    CommandRunner.run(["grep", "-rl", "--include=*.yaml", line, folder]).output.split(separator: "\n").map(String.init)
  }

  @Test("every scenario of the examples comes as it should")
  func examples() {
    let world = TemporaryDirectory()
    let result = BelayBinary.run(
      ["rehearse", "examples/release/release.yaml", "--all"], store: world.path("store"),
      directory: BelayBinary.projectRoot)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("3 rehearsals passed"))
  }
}
