import Diagnostics
import RunbookParser
import Testing

/// Names that stand for one of a few words, compared with others.
@Suite struct WordTests {
  private static func mistakes(_ steps: String, _ rest: String = "") -> [Diagnostic] {
    Compiling.compile(Compiling.runbook(Compiling.step("a") + steps + rest)).diagnostics
  }

  @Test(
    "a word that no status has is marked, and the nearest one named",
    arguments: [
      ("steps.a.status == 'succeded'", "succeded", "did you mean `succeeded`?"),
      ("'skiped' != steps.a.status", "skiped", "did you mean `skipped`?"),
      ("steps.a.status in ['failed', 'rolledback']", "rolledback", "did you mean `rolled-back`?"),
      ("steps.a.status == 'green'", "'green'", "it is one of succeeded, failed, skipped, rolled-back, not-run"),
      ("steps.a.status == r'green'", "r'green'", "it is one of succeeded, failed, skipped, rolled-back, not-run"),
    ])
  func statuses(condition: String, marked: String, note: String) {
    let found = Self.mistakes("  - {id: b, assert: \"\(condition)\"}\n")
    #expect(found.map(\.code.rawValue) == ["BLY0112"])
    for diagnostic in found {
      let text = diagnostic.source.bytes[Int(diagnostic.span.start)..<Int(diagnostic.span.end)]
      #expect(String(decoding: text, as: UTF8.self) == marked)
      #expect(diagnostic.notes == [note])
      #expect((diagnostic.fix != nil) == note.hasPrefix("did"))
    }
  }

  @Test(
    "words that there are, and texts that are no such words, are let be",
    arguments: [
      "steps.a.status == 'succeeded' || steps.a.status != 'not-run'", "steps.a.status in ['rolled-back', 'skipped']",
      "run.environment == 'succeded'", "steps.a.status.startsWith('suc')", "steps.a.status == run.environment",
    ])
  func letBe(condition: String) {
    #expect(Self.mistakes("  - {id: b, assert: \"\(condition)\"}\n").map(\.message) == [])
  }

  @Test("a misspelled status is one mistake, not an output besides that may be absent") func oneMistake() {
    let given =
      "  - {id: g, when: run.environment == '', effect: observe, exec: [x], outputs: {n: {type: int, value: \"1\"}}}\n"
    let found = Self.mistakes(
      given + "  - {id: b, assert: \"steps.g.status == 'suceeded' && steps.g.outputs.n == 1\"}\n")
    #expect(found.map(\.message) == ["the status of a step is never `suceeded`"])
  }

  @Test("the outcome of a run, an event and the status of a call have their words, too") func others() {
    func final(_ condition: String) -> [String] {
      Self.mistakes("", "finally:\n  - {id: f, assert: \"\(condition)\"}\n").map(\.message)
    }
    #expect(final("run.outcome != 'roled-back'") == ["the outcome of a run is never `roled-back`"])
    #expect(final("run.outcome in ['rolled-back', 'rollback-incomplete', 'succeeded', '']") == [])
  }
}
