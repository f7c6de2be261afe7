import Diagnostics
import RunbookParser
import Testing

/// What inputs say of themselves, and what the project gives them.
@Suite struct InputDeclarationTests {
  /// Each mistake with the text that it marks.
  private static func mistakes(_ inputs: String, project: Project? = nil, head: String = "") -> [String] {
    let text = Compiling.runbook(Compiling.step("a"), head: "\(head)\ninputs:\n\(inputs)")
    return RunbookCompiler.compile(SourceText(name: "runbook.yaml", text: text), project: project).diagnostics.map {
      let marked = $0.source.bytes[Int($0.span.start)..<Int($0.span.end)]
      return "\($0.code) \($0.message) @\($0.source.name) \(String(decoding: marked, as: UTF8.self))"
    }
  }

  private struct Project: ProjectSources {
    let settings: SourceText?

    func library(named name: String) -> SourceText? { nil }
    func runbook(named name: String) -> SourceText? { nil }
    func file(at path: String) -> SourceText? { nil }
  }

  @Test("a default that looks at a later input, or at its own, is told so") func laterInputs() {
    let later = "  a: {type: int, default: \"${{ inputs.b + 1 }}\"}\n  b: {type: int, default: 1}\n"
    #expect(
      Self.mistakes(later) == ["BLY0112 the input `b` is not declared before this one @runbook.yaml inputs.b"])
    #expect(
      Self.mistakes("  a: {type: int, default: \"${{ inputs.a }}\"}\n") == [
        "BLY0112 the input `a` is not declared before this one @runbook.yaml inputs.a"
      ])
    #expect(
      Self.mistakes("  a: {type: int, default: \"${{ inputs.c }}\"}\n") == [
        "BLY0112 `inputs` has no `c` @runbook.yaml c"
      ])
    #expect(Self.mistakes("  b: {type: int, default: 1}\n  a: {type: int, default: \"${{ inputs.b + 1 }}\"}\n") == [])
  }

  @Test(
    "bounds that no value is within",
    arguments: [
      ("int", "3", "2"), ("number", "0.5", "0.25"), ("duration", "1m", "30s"), ("size", "1Gi", "512Mi"),
    ])
  func bounds(type: String, min: String, max: String) {
    let message = "BLY0105 no value is within the bounds: `max` is less than `min` @runbook.yaml"
    #expect(Self.mistakes("  a: {type: \(type), min: \(min), max: \(max)}\n") == ["\(message) \(max)"])
    #expect(Self.mistakes("  a: {type: \(type), min: \(max), max: \(min)}\n") == [])
    #expect(Self.mistakes("  a: {type: \(type), min: \(min), max: \(min)}\n") == [])
    #expect(
      Self.mistakes("  a: {type: list, of: {type: \(type), min: \(min), max: \(max)}}\n") == ["\(message) \(max)"])
  }

  @Test("a word that an enum lists twice") func words() {
    #expect(
      Self.mistakes("  a: {type: enum, values: [low, high, low]}\n") == [
        "BLY0107 the word `low` is listed twice @runbook.yaml low"
      ])
  }

  @Test("what an environment gives an input is held to its type, where it stands") func givenInputs() {
    let settings = SourceText(
      name: "belay.yaml",
      text: """
        project: 1
        environments:
          staging: {inputs: {count: 2, token: abc, other: x}}
          production: {inputs: {count: many}}

        """)
    let project = Project(settings: settings)
    let inputs = "  count: {type: int}\n"
    let message = "BLY0123 input `count`: `many` is not an integer"
    let found = Self.mistakes(inputs, project: project)
    #expect(found.count == 1 && found[0].hasSuffix("@belay.yaml many"), "\(found), not \(message)")
    #expect(Self.mistakes(inputs, project: project, head: "environments: [staging]") == [])
    #expect(Self.mistakes(inputs, project: project, head: "environments: [staging, production]").count == 1)
    let secret = Self.mistakes("  token: {type: secret, from: prompt}\n", project: project)
    #expect(
      secret.count == 1 && secret[0].hasPrefix("BLY0115") && secret[0].hasSuffix("@belay.yaml token"), "\(secret)")
  }
}
