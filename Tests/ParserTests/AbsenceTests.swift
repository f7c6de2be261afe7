import Diagnostics
import RunbookParser
import Testing

/// Outputs that are read though they may not be there.
@Suite struct AbsenceTests {
  /// The mistakes of a runbook of these steps.
  private static func mistakes(_ steps: String, _ rest: String = "") -> [String] {
    Compiling.compile(Compiling.runbook(steps + rest)).diagnostics.filter { $0.severity == .error }.map {
      "\($0.code.rawValue) \($0.message)"
    }
  }

  /// A step that gives `n`.
  private static func giving(_ id: String, _ rest: String = "") -> String {
    "  - {id: \(id), effect: observe, exec: [x], outputs: {n: {type: int, value: \"1\"}}\(rest)}\n"
  }

  /// A choice, one of whose options ends the run.
  private static func choice(_ id: String, _ ends: String = ", ends: stop", _ rest: String = "") -> String {
    "  - {id: \(id), decide: {question: Now?, options: [{id: now}, {id: never\(ends)}]}, "
      + "outputs: {n: {type: string, value: result.choice}}\(rest)}\n"
  }

  /// What the runbook gives to whoever calls it.
  private static func reading(_ expression: String) -> String {
    "outputs: {o: {type: json, value: \"\(expression)\"}}\n"
  }

  @Test("what follows a choice that may end the run is not surely there at its end") func choices() {
    let message = "BLY0114 `steps.late.outputs.n` may be absent: the choice of `c` may end the run without the step"
    let steps = Self.giving("early") + Self.choice("c") + Self.giving("late")
    #expect(Self.mistakes(steps, Self.reading("steps.late.outputs.n")) == [message])
    #expect(Self.mistakes(steps, Self.reading("steps.early.outputs.n")) == [])
    #expect(Self.mistakes(steps, Self.reading("steps.c.outputs.n")) == [])
    #expect(Self.mistakes(steps, Self.reading("has(steps.late.outputs.n) ? steps.late.outputs.n : 0")) == [])
    #expect(Self.mistakes(steps, Self.reading("steps.late.status == 'succeeded' ? steps.late.outputs.n : 0")) == [])
    let harmless = Self.giving("early") + Self.choice("c", "") + Self.giving("late")
    #expect(Self.mistakes(harmless, Self.reading("steps.late.outputs.n")) == [])
    // What the run goes on to read has run, or the step that reads it does not.
    #expect(Self.mistakes(steps + "  - {id: last, assert: steps.late.outputs.n == 1}\n") == [])
    // Beside the choice, it may not have begun.
    #expect(
      Self.mistakes(
        Self.choice("c") + Self.giving("late", ", needs: []"), Self.reading("steps.late.outputs.n")) == [message])
  }

  @Test("a group that a choice inside it cuts short has succeeded, and gives nothing") func cutShort() {
    func group(_ inner: String, _ rest: String = "") -> String {
      "  - id: g\n" + rest + "    outputs: {n: {type: int, value: \"1\"}}\n    steps:\n"
        + inner.split(separator: "\n").map { "  " + $0 + "\n" }.joined()
    }
    let cut = group(Self.choice("c") + Self.giving("late"))
    let read = "steps.g.outputs.n"
    let message = "BLY0114 `steps.g.outputs.n` may be absent: a choice inside the step may end the run"
    #expect(Self.mistakes(cut, Self.reading(read)) == [message])
    #expect(Self.mistakes(cut, Self.reading("steps.g.status == 'succeeded' ? \(read) : 0")) == [message])
    #expect(Self.mistakes(cut, Self.reading("has(\(read)) ? \(read) : 0")) == [])
    #expect(
      Self.mistakes(cut, "finally:\n  - {id: f, assert: \"steps.g.status != 'succeeded' || \(read) == 1\"}\n").count
        == 1)
    #expect(Self.mistakes(group(Self.giving("early") + Self.choice("c")), Self.reading(read)) == [])
    #expect(
      Self.mistakes(group(Self.choice("c"), "    for-each: \"[1, 2]\"\n"), Self.reading("size(\(read))")) == [message])
  }

  @Test("a step that was spared as done has succeeded without its outputs") func spared() {
    let done = Self.giving("a", ", preconditions: [{exec: [x], otherwise: done}]")
    let read = "steps.a.outputs.n"
    #expect(Self.mistakes(done + "  - {id: b, assert: \(read) == 1}\n").count == 1)
    #expect(Self.mistakes(done + "  - {id: b, assert: \"steps.a.status != 'succeeded' || \(read) == 1\"}\n").count == 1)
    #expect(Self.mistakes(done + "  - {id: b, assert: \"!has(\(read)) || \(read) == 1\"}\n") == [])
    let skipped = done.replacing("otherwise: done", with: "otherwise: skip")
    #expect(Self.mistakes(skipped + "  - {id: b, assert: \"steps.a.status != 'succeeded' || \(read) == 1\"}\n") == [])
    let asked = done.replacing("otherwise: done", with: "otherwise: ask")
    #expect(Self.mistakes(asked + "  - {id: b, assert: \(read) == 1}\n").count == 1)
  }

  @Test("steps take over what their group says of failures") func inherited() {
    func group(_ policy: String, _ own: String = "") -> String {
      "  - id: g\n\(policy)    steps:\n  " + Self.giving("a", own) + "    - {id: b, assert: steps.a.outputs.n == 1}\n"
    }
    let message = "BLY0114 `steps.a.outputs.n` may be absent: the run goes on if the step fails"
    #expect(Self.mistakes(group("    on-failure: continue\n")) == [message])
    #expect(Self.mistakes(group("    on-failure: continue\n", ", on-failure: stop")) == [])
    #expect(Self.mistakes(group("    on-failure: {undo: step, then: continue}\n")) == [])
    #expect(Self.mistakes(group("")) == [])
  }

  @Test("an item that gave nothing is null in the list, and null is asked about first") func items() {
    func read(_ expression: String, _ more: String) -> [String] {
      Self.mistakes(
        Self.giving("a", ", for-each: \"[1, 2]\"\(more)") + "  - {id: b, assert: \"\(expression)\"}\n")
    }
    let use = "steps.a.outputs.n[0] + 1 == 2"
    let message = "BLY0112 `+` does not take int or null and int"
    for more in [
      ", on-failure: continue", ", on-failure: {undo: item, then: continue}", ", when: item == 1",
      ", preconditions: [{exec: [x], otherwise: skip}]", ", preconditions: [{exec: [x], otherwise: ask}]",
    ] {
      #expect(read(use, more) == [message], "\(more)")
      #expect(read("steps.a.outputs.n[0] == null || \(use)", more) == [], "\(more)")
      #expect(read("steps.a.outputs.n.filter(v, v != null).sum() == 2", more) == [], "\(more)")
    }
    #expect(read(use, "") == [])
    #expect(read(use, ", on-failure: {undo: item, then: stop}") == [])
    #expect(read(use, ", preconditions: [{exec: [x]}]") == [])
  }

  @Test("what the `when` of a step rules out is known in the step") func narrowedByWhen() {
    let list = Self.giving("a", ", for-each: \"[1, 2]\", on-failure: continue")
    let step = "  - {id: b, WHENeffect: observe, exec: [x, \"${{ steps.a.outputs.n[0] + 1 }}\"]}\n"
    #expect(Self.mistakes(list + step.replacing("WHEN", with: "")).count == 1)
    #expect(Self.mistakes(list + step.replacing("WHEN", with: "when: \"steps.a.outputs.n[0] != null\", ")) == [])
    let each =
      "  - {id: b, for-each: steps.a.outputs.n, when: item != null, effect: observe, exec: [x, \"${{ item + 1 }}\"]}\n"
    #expect(Self.mistakes(list + each) == [])
  }

  @Test("a repetition that people may deny, under `continue`, is not surely there") func deniedItems() {
    let denied = Self.giving("a", ", for-each: \"[1, 2]\", confirm: Now?, on-failure: continue")
    let read = "  - {id: b, assert: size(steps.a.outputs.n) == 2}\n"
    #expect(Self.mistakes(denied + read).count == 1)
    #expect(Self.mistakes(denied.replacing(", on-failure: continue", with: "") + read) == [])
  }
}
