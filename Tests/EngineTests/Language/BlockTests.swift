import BelayTestSupport
import Expressions
import RunEngine
import RunbookParser
import Testing

@Suite("4.10 For-each, groups and called runbooks")
struct BlockTests {
  private static let each = """
    steps:
      - id: shift
        for-each: "['a', 'b', 'c']"
        exec: [shift, "${{ item }}"]
        repeatable: true
        outputs: {place: {type: int, value: index}}
        rollback: {exec: [back, "${{ item }}"], repeatable: true}
      - {id: after, effect: observe, exec: [after, "${{ size(steps.shift.outputs.place) }}"]}
    """

  @Test("items run in order, one at a time, and are undone in reverse")
  func itemsInOrder() {
    let good = Scenario(runbook: Self.each).play()
    #expect(good.starts == ["shift[0]", "shift[1]", "shift[2]", "after"])
    #expect(good.outcome == .succeeded)
    let bad = Scenario(runbook: Self.each).at("steps.after", .exit(1)).play()
    #expect(bad.starts.suffix(3) == ["undo shift[2]", "undo shift[1]", "undo shift[0]"])
    #expect(bad.outcome == .rolledBack)
    #expect(bad.status("shift") == .rolledBack)
    #expect(good.violations + bad.violations == [])
  }

  @Test("outputs become lists in item order, `null` where missing")
  func outputs() throws {
    let source = """
      steps:
        - id: look
          for-each: "[1, 2, 3]"
          effect: observe
          exec: [look]
          on-failure: continue
          outputs: {n: {type: int, value: item * 10}}
          expect: item != 2
        - {id: after, assert: "steps.look.outputs.n == [10, 20, 30]"}
      """
    let run = Scenario(runbook: source).play()
    #expect(run.status("after") == .succeeded)
    #expect(run.outcome == .failed, "an item failed under `continue`")
    #expect(run.failure(of: "look[1]") == .failed)
  }

  @Test("a failed item begins no further one, except under `continue`")
  func failedItems() {
    let stopped = Scenario(runbook: Self.each).at("steps.shift[1]", .exit(1)).play()
    #expect(stopped.starts == ["shift[0]", "shift[1]", "undo shift[1]", "undo shift[0]"])
    let going = Scenario(
      runbook: Self.each.replacingOnce("repeatable: true", "on-failure: continue\n    repeatable: true")
    ).at("steps.shift[1]", .exit(1)).play()
    #expect(going.starts == ["shift[0]", "shift[1]", "shift[2]", "after"])
  }

  @Test("what a group says of failures holds for items and steps further inside")
  func inheritedPolicy() {
    let source = """
      steps:
        - id: outer
          on-failure: continue
          steps:
            - {id: each, needs: [], for-each: "[1, 2]", effect: observe, exec: [look]}
            - {id: inner, needs: [], steps: [{id: deep, effect: observe, exec: [dig]}]}
        - {id: after, effect: observe, exec: [after]}
      """
    let run = Scenario(runbook: source).at("steps.outer/each[0]", .exit(1)).at("steps.outer/inner/deep", .exit(1))
      .play()
    #expect(run.starts.sorted() == ["after", "outer/each[0]", "outer/each[1]", "outer/inner/deep"])
    #expect(run.outcome == .failed)
    #expect(run.violations == [])
  }

  @Test("so many items at once as the step says")
  func parallelItems() {
    let source = """
      steps:
        - {id: look, for-each: "[1, 2, 3, 4]", max-parallel: 2, effect: observe, exec: [look]}
      """
    let run = Scenario(runbook: source).at("steps.look[0]", .exit(0, takes: 100)).play()
    #expect(run.starts == ["look[0]", "look[1]", "look[2]", "look[3]"])
    #expect(run.outcome == .succeeded)
    #expect(run.took < 200)
  }

  @Test("a list without elements succeeds at once")
  func noItems() {
    let run = Scenario(runbook: Self.each.replacingOnce("\"['a', 'b', 'c']\"", "\"[]\"")).play()
    #expect(run.starts == ["after"])
    #expect(run.outcome == .succeeded)
  }

  @Test("a killed engine's items are not begun again, and the rest follow")
  func resume() {
    for instant in ["shift[0]", "shift[1]", "shift[2]"] {
      let number = ["shift[0]": 0, "shift[1]": 1, "shift[2]": 2][instant] ?? 0
      let run = Scenario(runbook: Self.each).dies(.afterEnd("inner \(number + 2)")).play()
      #expect(run.outcome == nil)
      run.then(.resume)
      #expect(run.starts == ["shift[0]", "shift[1]", "shift[2]", "after"], "killed after \(instant)")
      #expect(run.outcome == .succeeded)
      #expect(run.violations == [])
    }
  }

  @Test("`{undo: item, then: stop}` restores the failed item, keeps the earlier, and begins no more")
  func undoItem() {
    let source = Self.each.replacingOnce(
      "repeatable: true", "on-failure: {undo: item, then: stop}\n    repeatable: true")
    let run = Scenario(runbook: source).at("steps.shift[1]", .exit(1)).play()
    #expect(run.starts == ["shift[0]", "shift[1]", "undo shift[1]"])
    #expect(run.outcome == .stopped)
    #expect(run.fate("shift[0]") == .applied)
    #expect(run.fate("shift[1]") == .undone)
    run.then(.rollback)
    #expect(run.starts.suffix(1) == ["undo shift[0]"])
    #expect(run.outcome == .rolledBack)
    #expect(run.violations == [])
  }

  @Test("the last item that fails ends its repetition once, and as failed", arguments: [true, false])
  func undoLastItem(isGroup: Bool) {
    let policy = "on-failure: {undo: item, then: stop}"
    let plain = Self.each.replacingOnce("repeatable: true", "\(policy)\n    repeatable: true")
    let grouped = """
      steps:
        - id: shift
          for-each: "['a', 'b', 'c']"
          \(policy)
          steps: [{id: one, exec: [one], repeatable: true, rollback: {exec: [unone], repeatable: true}}]
      """
    let end = isGroup ? "/one" : ""
    let run = Scenario(runbook: isGroup ? grouped : plain).at("steps.shift[2]\(end)", .exit(1)).play()
    #expect(run.starts == ["shift[0]", "shift[1]", "shift[2]", "undo shift[2]"].map { $0 + end })
    #expect(run.outcome == .stopped)
    #expect(run.violations == [])
  }

  @Test("`{undo: step, then: continue}` undoes all items and goes on without the step")
  func undoStep() {
    let source = Self.each.replacingOnce(
      "repeatable: true", "on-failure: {undo: step, then: continue}\n    repeatable: true"
    ).replacingOnce("\"${{ size(steps.shift.outputs.place) }}\"", "after")
    let run = Scenario(runbook: source).at("steps.shift[1]", .exit(1)).play()
    #expect(run.starts == ["shift[0]", "shift[1]", "undo shift[1]", "undo shift[0]", "after"])
    #expect(run.outcome == .failed)
    #expect(run.violations == [])
  }

  private static let group = """
    steps:
      - {id: first, exec: [first], repeatable: true, rollback: {exec: [unfirst], repeatable: true}}
      - id: both
        when: steps.first.status == 'succeeded'
        steps:
          - {id: one, exec: [one], repeatable: true, rollback: {exec: [unone], repeatable: true}}
          - {id: two, needs: [one], exec: [two], repeatable: true, rollback: {exec: [untwo], repeatable: true}}
      - {id: last, effect: observe, exec: [last]}
    """

  @Test("a group's steps see what is around, and what it needs is held back with what stands inside")
  func groups() {
    let good = Scenario(runbook: Self.group).play()
    #expect(good.starts == ["first", "both/one", "both/two", "last"])
    let bad = Scenario(runbook: Self.group).at("steps.last", .exit(1)).at("steps.both/two.rollback", .exit(1)).play()
    #expect(bad.undo(of: "both/one") == .heldBack("two needs it and is not undone"))
    #expect(bad.undo(of: "first") == .heldBack("two needs it and is not undone"))
    #expect(bad.outcome == .rollbackIncomplete)
  }

  private static let callee = """
    belay: 1
    name: callee
    version: 2.0.0
    inputs:
      who: {type: string}
      greeting: {type: string, default: "${{ 'hello ' + inputs.who }}"}
    values: {loud: {type: string, value: "inputs.greeting + '!'"}}
    on-failure: stop
    preconditions: [{id: ready, exec: [ready, "${{ inputs.who }}"]}]
    steps:
      - {id: say, exec: [say, "${{ values.loud }}"], repeatable: true, rollback: {exec: [unsay], repeatable: true}}
    finally:
      - {id: bye, effect: observe, exec: [bye, "${{ inputs.who }}"]}
    outputs: {said: {type: string, value: values.loud}}
    """
  private static let call = """
    steps:
      - {id: ask, effect: observe, exec: [ask], outputs: {who: {type: string, value: "'ada'"}}}
      - id: call
        runbook: {name: callee, inputs: {who: "${{ steps.ask.outputs.who }}"}}
        outputs: {said: {type: string, value: result.outputs.said}}
      - {id: check, assert: "steps.call.outputs.said == 'hello ada!'"}
    """

  @Test("a called runbook is one step: its preconditions, its steps, its `finally`, its outputs")
  func calls() {
    let run = Scenario(runbook: Self.call, project: ["callee": Self.callee]).play()
    #expect(run.starts == ["ask", "call/say", "call/bye"])
    #expect(run.probes == ["steps.call.preconditions.ready"])
    #expect(run.status("check") == .succeeded)
    #expect(run.outcome == .succeeded)
    #expect(run.violations == [])
  }

  @Test("an unmet precondition of a called runbook fails the step unbegun, and its `finally` ends the call")
  func unmetCalls() {
    let run = Scenario(runbook: Self.call, project: ["callee": Self.callee])
      .at("steps.call.preconditions.ready", .exit(1)).play()
    #expect(run.failure(of: "call") == .unmet)
    #expect(!run.starts.contains("call/say"))
  }

  @Test("its `on-failure` is its steps' default, and its `finally` runs after the rollback it was cut short by")
  func failingCalls() {
    let stopped = Scenario(runbook: Self.call, project: ["callee": Self.callee]).at("steps.call/say", .exit(1)).play()
    #expect(stopped.starts == ["ask", "call/say", "call/bye"])
    #expect(stopped.outcome == .stopped)
    let back = Scenario(
      runbook: Self.call, project: ["callee": Self.callee.replacingOnce("on-failure: stop", "on-failure: rollback")]
    ).at("steps.call/say", .exit(1)).play()
    #expect(back.starts == ["ask", "call/say", "undo call/say", "call/bye"])
    #expect(back.outcome == .rolledBack)
  }

  @Test("a called runbook in which something failed, however deep, has failed, though its own steps went on")
  func failedDeepInside() {
    let callee = """
      belay: 1
      name: callee
      version: 1.0.0
      steps:
        - id: points
          on-failure: continue
          steps: [{id: each, for-each: "[1, 2]", effect: observe, exec: [look]}]
        - {id: after, effect: observe, exec: [after]}
      """
    let source = "steps: [{id: call, runbook: {name: callee}}, {id: next, effect: observe, exec: [next]}]"
    let run = Scenario(runbook: source, project: ["callee": callee]).at("steps.call/points/each[1]", .exit(1)).play()
    #expect(run.starts == ["call/points/each[0]", "call/points/each[1]", "call/after"])
    #expect(run.failure(of: "call") == .failed)
    #expect(run.violations == [])
    let told = source.replacingOnce("{name: callee}", "{name: callee}, expect: result.status == 'failed'")
    let expected = Scenario(runbook: told, project: ["callee": callee]).at("steps.call/points/each[1]", .exit(1)).play()
    #expect(expected.status("next") == .succeeded)
  }

  @Test("what a project says for all its runbooks holds for a called one too, beside defaults of its own")
  func defaultsOfCalls() {
    let project = [
      "belay": "project: 1\ndefaults: {timeout: 7s, prometheus: {server: \"http://metrics:9090\"}}",
      "callee": """
      belay: 1
      name: callee
      version: 1.0.0
      defaults: {timeout: 5s}
      steps: [{id: look, prometheus: {query: up}, expect: result.value > 0.0}]
      """,
    ]
    let run = Scenario(runbook: "steps: [{id: call, runbook: {name: callee}}]", project: project)
    #expect(String(describing: run.plan).contains("http://metrics:9090"))
  }

  @Test("what is temporary is undone when all went well, before `finally`")
  func temporary() {
    let source = """
      steps:
        - {id: page, exec: [page], temporary: true, repeatable: true, rollback: {exec: [unpage], repeatable: true}}
        - {id: work, exec: [work], repeatable: true, rollback: {exec: [unwork], repeatable: true}}
      finally:
        - {id: tell, effect: observe, exec: [tell]}
      """
    let good = Scenario(runbook: source).play()
    #expect(good.starts == ["page", "work", "undo page", "tell"])
    #expect(good.outcome == .succeeded)
    #expect(good.isApplied("work"))
    let bad = Scenario(runbook: source).at("steps.page.rollback", .exit(1)).play()
    #expect(bad.outcome == .rollbackIncomplete)
    let killed = Scenario(runbook: source).dies(.afterIntent("undo page")).play()
    killed.then(.resume)
    #expect(killed.outcome == .succeeded)
    good.then(.rollback)
    #expect(good.starts.suffix(1) == ["undo work"])
    #expect(good.outcome == .rolledBack)
  }
}

extension String {
  /// The text with the first occurrence of a part replaced.
  fileprivate func replacingOnce(_ part: String, _ other: String) -> String {
    guard let range = firstRange(of: part) else { preconditionFailure("there is no `\(part)`") }
    return replacingCharacters(in: range, other)
  }

  private func firstRange(of part: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }

  private func replacingCharacters(in range: Range<String.Index>, _ other: String) -> String {
    String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
