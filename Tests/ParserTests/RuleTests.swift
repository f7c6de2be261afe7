import BelayTestSupport
import Diagnostics
import Presentation
import RunbookParser
import Testing

/// Every rule, held to its own examples and to its page in the reference.
@Suite struct RuleTests {
  static let folder = BelayBinary.projectRoot + "/docs/diagnostics"
  static let codes = RuleDescription.all.map(\.code.rawValue)

  @Test("a bad example breaks its rule at the marked places, and is otherwise sound", arguments: codes)
  func badExamples(code: String) throws {
    let rule = try #require(RuleDescription.of(code))
    #expect(!rule.bad.isEmpty)
    for example in rule.bad where example.asked == .compiler {
      #expect(!example.places.isEmpty, "nothing is marked in \(example.text)")
      let found = example.diagnostics()
      let shown = DiagnosticTextRenderer(colour: false).render(found)
      let own = found.filter { $0.code == rule.code }
      #expect(own.map(\.span) == example.places.sorted(), "\(shown)")
      #expect(own.allSatisfy { $0.severity == rule.severity }, "\(shown)")
      #expect(found.allSatisfy { $0.code == rule.code || $0.severity == .warning }, "\(shown)")
    }
  }

  @Test("a good example is without any mistake", arguments: codes)
  func goodExamples(code: String) throws {
    let rule = try #require(RuleDescription.of(code))
    #expect(!rule.good.isEmpty)
    for example in rule.good {
      #expect(example.places.isEmpty)
      let found = example.diagnostics()
      #expect(found.isEmpty, "\(DiagnosticTextRenderer(colour: false).render(found))")
    }
  }

  @Test("every code has its rule, and every rule its code, once")
  func everyCodeIsDescribed() throws {
    let listed = CommandRunner.run(["find", BelayBinary.projectRoot + "/Sources", "-name", "*Codes.swift"])
    var declared: [String] = []
    for path in listed.output.split(separator: "\n") {
      let text = try #require(TestFile.read(String(path)))
      declared += text.matches(of: /DiagnosticCode\(rawValue: "(BLY[0-9]{4})"\)/).map { String($0.output.1) }
    }
    #expect(declared.count > 40)
    #expect(declared.sorted() == Self.codes)
  }

  @Test("the reference holds each rule's page", arguments: codes)
  func page(code: String) throws {
    let page = RulePage(try #require(RuleDescription.of(code))).markdown()
    if let difference = GoldenFile.difference(page, from: "\(Self.folder)/\(code).md") {
      Issue.record("\(difference)")
    }
  }

  @Test("the reference lists every rule, and holds nothing else")
  func index() {
    if let difference = GoldenFile.difference(RulePage.index(), from: "\(Self.folder)/README.md") {
      Issue.record("\(difference)")
    }
    #expect(GoldenFile.names(in: Self.folder, suffix: ".md") == Self.codes + ["README"])
  }
}
