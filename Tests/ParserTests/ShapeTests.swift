import Diagnostics
import RunbookParser
import Testing

/// Files that are held to their shapes as a whole.
@Suite struct ShapeTests {
  private static func codes(_ text: String) -> [String] {
    RunbookCompiler.compile(SourceText(name: "test.yaml", text: text)).diagnostics.filter { $0.severity == .error }
      .map { "\($0.code.rawValue) \($0.message)" }
  }

  @Test("a mistake hides no other one, wherever they stand")
  func allAtOnce() {
    let found = Self.codes(
      Compiling.runbook(
        """
          - id: a
            exec: nothing
            timeout: soon
            verify: [{exec: ["true"], evry: 1s}]
            rollback: {exec: ["true"], retry: {delay: 1}}
          - exec: ["true"]
            effect: observe
            env: [A]

        """))
    #expect(
      found == [
        "BLY0104 `exec` is a list: the program and its arguments", "BLY0105 `timeout` is a duration, not `soon`",
        "BLY0101 a check has no key `evry`", "BLY0102 `retry` needs `attempts`",
        "BLY0105 `delay` is a duration, not `1`",
        "BLY0102 a step needs `id`", "BLY0104 `env` is a mapping, not a list",
      ])
  }

  @Test(
    "nothing is taken and ignored",
    arguments: [
      "rollback: {because: it stays, exec: [\"true\"]}", "rollback: {because: it stays, why: x}",
      "rollback: [{because: it stays}]", "rollback: {exec: [\"true\"], effect: observe}",
      "rollback: {exec: [\"true\"], id: back}", "rollback: []",
    ])
  func nothingIsIgnored(rollback: String) {
    let text = Compiling.runbook("  - id: a\n    exec: [\"true\"]\n    repeatable: true\n    \(rollback)\n")
    #expect(!Self.codes(text).isEmpty)
  }

  @Test("a record may hold records, and their keys are looked at")
  func records() {
    let input = "inputs: {a: {type: list, of: {fields: {b: {type: record, fields: {c: int}}}}}}"
    #expect(Self.codes(Compiling.runbook(Compiling.step("a"), head: input)) == [])
    let wrong = "inputs: {a: {type: list, of: {fields: {b: int}, fieldz: {}}}}"
    #expect(Self.codes(Compiling.runbook(Compiling.step("a"), head: wrong)) == ["BLY0101 a field has no key `fieldz`"])
    let secret = "inputs: {a: {type: record, fields: {b: secret}}}"
    #expect(Self.codes(Compiling.runbook(Compiling.step("a"), head: secret)).count == 1)
  }
}
