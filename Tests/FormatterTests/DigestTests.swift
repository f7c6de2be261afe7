import BelayTestSupport
import Diagnostics
import Testing
import YAMLSyntax

@testable import RunbookFormatter
@testable import RunbookParser

/// Formatting never changes what a runbook means.
@Suite struct DigestTests {
  /// Every runbook that the project ships, and those of its own tests that can be planned.
  static let files: [String] = {
    let root = BelayBinary.projectRoot
    let folders = ["runbooks", "examples", "Tests/CommandLineTests/Transcripts", "Tests/ParserTests/Diagnostics"]
    let found = CommandRunner.run(["find"] + folders.map { "\(root)/\($0)" } + ["-name", "*.yaml"]).output
    return found.split(separator: "\n").map { String($0.dropFirst(root.utf8.count + 1)) }.sorted()
  }()
  static let shipped = files.filter { file in
    (file.hasPrefix("runbooks/") || file.hasPrefix("examples/"))
      && read(file).map { String(decoding: $0.bytes, as: UTF8.self).hasPrefix("belay: 1\n") } == true
  }

  @Test("the digest of every shipped runbook stays", arguments: shipped)
  func shippedRunbooks(file: String) throws {
    let source = try #require(Self.read(file))
    let digest = try #require(Self.digest(source), "\(file) cannot be planned")
    let formatted = try #require(RunbookFormatter.format(source).text)
    #expect(Self.digest(SourceText(name: file, text: formatted)) == digest)
    #expect(RunbookFormatter.format(SourceText(name: file, text: formatted)).text == formatted)
  }

  @Test("a project's file and its inventory say the same to every runbook, and of its people")
  func shippedProject() throws {
    let formatted = ShippedProject(isFormatted: true)
    for file in Self.shipped where file.hasPrefix("runbooks/") {
      let source = try #require(Self.read(file))
      let digest = try #require(Self.digest(source))
      #expect(digest == Self.digest(source, in: formatted), "\(file)")
    }
    let people = """
      project: 1
      roles: {lead: [a]} # who leads
      people:
          a: {principal: a@example.com, login: a}
      approvals:
          one: {from: [lead], effects: [irreversible]}
      """
    let source = SourceText(name: "belay.yaml", text: people)
    let text = try #require(RunbookFormatter.format(source).text)
    #expect(text != people)
    let said = RunbookCompiler.policyDigest(of: source, in: formatted)
    #expect(said == RunbookCompiler.policyDigest(of: SourceText(name: "belay.yaml", text: text), in: formatted))
    let other = SourceText(name: "belay.yaml", text: people.replacing("[a]", with: "[b]"))
    #expect(said != RunbookCompiler.policyDigest(of: other, in: formatted))
  }

  @Test("files are formatted or refused, and formatting twice is formatting once", arguments: files)
  func everyFile(file: String) throws {
    let source = try #require(Self.read(file))
    let formatting = RunbookFormatter.format(source)
    guard let formatted = formatting.text else {
      #expect(formatting.diagnostics.hasErrors)
      return
    }
    let again = SourceText(name: file, text: formatted)
    #expect(RunbookFormatter.format(again).text == formatted)
    #expect(Self.digest(again) == Self.digest(source))
    #expect(Self.codes(again) == Self.codes(source))
  }

  @Test("runbooks in random styles keep their digest and their comments", arguments: 0..<60)
  func randomLayouts(round: Int) throws {
    for (number, file) in (Self.shipped + ["Tests/ParserTests/Diagnostics/good-everything.yaml"]).enumerated() {
      let source = try #require(Self.read(file))
      let root = try #require(YAMLReader.read(source).root)
      var layout = RandomLayout(seed: UInt64(round * 100 + number))
      layout.write(root, PlaceShape(.runbook))
      let shuffled = SourceText(name: file, text: layout.text)
      let digest = try #require(Self.digest(source))
      try #require(Self.digest(shuffled) == digest, "the test's own writer is wrong:\n\(layout.text)")
      let formatting = RunbookFormatter.format(shuffled)
      let formatted = try #require(formatting.text, "\(formatting.diagnostics.map(\.message))\n\(layout.text)")
      #expect(Self.digest(SourceText(name: file, text: formatted)) == digest)
      let again = RunbookFormatter.format(SourceText(name: file, text: formatted)).text
      #expect(again == formatted, "\(layout.text)")
      for comment in layout.comments {
        #expect(formatted.ranges(of: comment).count == 1, "\(comment)\n\(layout.text)")
      }
    }
  }

  // MARK: Plans

  private static func read(_ file: String) -> SourceText? {
    TestFile.bytes("\(BelayBinary.projectRoot)/\(file)").map { SourceText(name: file, bytes: $0) }
  }

  /// The digest of the plan with values of the test's own for inputs that need one; nil where there is no plan.
  private static func digest(_ source: SourceText, in other: ShippedProject? = nil) -> String? {
    let project = other ?? (source.name.hasPrefix("runbooks/") ? ShippedProject() : nil)
    func compile(_ request: PlanRequest) -> Compilation {
      RunbookCompiler.compile(source, request: request, project: project)
    }
    var request = PlanRequest(environment: nil, inputs: [])
    var compilation = compile(request)
    if let environment = compilation.runbook?.environments.first { request.environment = environment }
    compilation = compile(request)
    let values = [
      "root": "/srv/app", "version": "1.2", "lag": "5s", "replicas": "2", "size": "1Gi", "pods": "3", "memory": "1Gi",
      "image": "registry/api:2", "severity": "SEV-1", "channel": "https://chat.example.com/1",
      "customer-facing": "true", "window-start": "2026-01-12T03:00:00Z", "window-end": "2026-01-12T04:00:00Z",
    ]
    request.inputs = compilation.missing.map { GivenInput(name: $0.name, text: values[$0.name] ?? "a") }
    return compile(request).plan?.digest
  }

  private static func codes(_ source: SourceText) -> [String] {
    RunbookCompiler.compile(source).diagnostics.map { "\($0.code) \($0.message)" }.sorted()
  }
}

/// The project of the shipped runbooks: each file is called as what it holds.
private struct ShippedProject: ProjectSources {
  /// Whether the project's file and the inventory are formatted anew, from another order of keys.
  var isFormatted = false

  var settings: SourceText? { file(at: "belay.yaml") }
  func library(named name: String) -> SourceText? { file(at: "library/\(name).yaml") }
  func runbook(named name: String) -> SourceText? {
    DigestTests.files.first { $0.hasPrefix("runbooks/") && $0.hasSuffix("/\(name).yaml") }
      .flatMap { file(at: String($0.dropFirst("runbooks/".count))) }
  }
  func file(at path: String) -> SourceText? {
    let file = TestFile.bytes("\(BelayBinary.projectRoot)/runbooks/\(path)").map { SourceText(name: path, bytes: $0) }
    guard isFormatted, !path.contains("/"), let file, let root = YAMLReader.read(file).root else { return file }
    var layout = RandomLayout(seed: 7)
    layout.write(root, PlaceShape(path == "belay.yaml" ? .project : .inventory))
    return RunbookFormatter.format(SourceText(name: path, text: layout.text)).text.map {
      SourceText(name: path, text: $0)
    }
  }
}
