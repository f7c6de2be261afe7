import RunbookParser
import Testing

@testable import Rehearsal

/// What an exploration covers, leaves out, and cannot play.
@Suite struct ExplorationTests {
  private static let settings = """
    name: p
    people: {ann: {login: ann}}
    roles: {lead: [ann]}
    """

  private func explore(
    _ runbook: String, _ scenario: String = "", pairs: Bool = false, limit: Int = Explorer.usualLimit
  ) -> Exploration {
    let planned = Rehearsing(runbook, settings: Self.settings).planned(scenario)
    return Explorer(planned, limit: limit).explore(pairs: pairs) { count, work in (0..<count).map(work) }
  }

  private static let repeated = """
    on-failure: rollback
    defaults: {timeout: 1m}
    steps:
      - id: shift
        for-each: "['a', 'b']"
        approval: {from: [lead], within: 1h}
        exec: [change, "${{ item }}"]
        applied: {exec: [look]}
        verify: [{exec: [look]}]
        rollback: {exec: [undo], repeatable: true}
    """

  @Test("what is done for each item is tried, and so is the gate that is one for all")
  func repetition() {
    let exploration = explore(Self.repeated)
    #expect(exploration.faultCoverage.missing == [])
    // Six ends of the action and of the way back, the engine's death around both, five checks' ends, the gate's two.
    #expect(exploration.faultCoverage.whole == 6 + 2 + 6 + 2 + 1 + 2 + 2)
    #expect(exploration.rollbackCoverage.missing == [])
    #expect(exploration.findings.map(\.key) == [])
    let scenario = Rehearsing(Self.repeated, settings: Self.settings)
    #expect(scenario.mistakes("people: {steps.shift: {deny: ann}}") == [])
    #expect(scenario.play("people: {steps.shift: {deny: ann}}\nexpect: {outcome: denied}").complaints == [])
  }

  @Test("what the run never comes to is not covered")
  func uncovered() {
    let exploration = explore(
      """
      on-failure: rollback
      defaults: {timeout: 1m}
      inputs: {much: {type: bool, default: false}}
      steps:
        - {id: look, effect: observe, exec: [look]}
        - {id: more, when: inputs.much, exec: [change], applied: {exec: [look]}, rollback: {exec: [undo], repeatable: true}}
      """)
    #expect(exploration.rollbackCoverage.missing == ["steps.more.rollback"])
    #expect(exploration.rollbackCoverage.percent == 0)
    #expect(exploration.faultCoverage.missing.allSatisfy { $0.contains("steps.more") })
    #expect(exploration.faultCoverage.covered == 5)
  }

  @Test("the limit of cases is kept, and what was left out is counted")
  func limited() {
    let whole = explore(Self.repeated)
    let few = explore(Self.repeated, limit: 10)
    #expect(few.cases == 10)
    #expect(few.untried == whole.cases - 10)
    #expect(!few.isComplete)
    let pairs = explore(Self.repeated, pairs: true)
    #expect(pairs.isComplete)
    #expect(pairs.merged > 0)
    let some = explore(Self.repeated, pairs: true, limit: whole.cases + 50)
    #expect(some.cases <= whole.cases + 50)
    #expect(some.untried == 0)
    #expect(some.leftOut > 0)
  }

  @Test("what is needed and nobody says ends an exploration, or is told with the fault that asks for it")
  func unplayable() {
    let runbook = """
      on-failure: rollback
      defaults: {timeout: 1m}
      steps:
        - {id: look, effect: observe, exec: [look], outputs: {n: {type: int, value: "int(result.stdout)"}}}
        - {id: more, when: steps.look.outputs.n > 1, effect: observe, exec: [more]}
      """
    let none = explore(runbook)
    #expect(none.cases == 1)
    #expect(none.unplayable.count == 1)
    #expect(none.unplayable.first?.faults == [])
    let said = explore(runbook, "answers: {steps.look: {stdout: \"2\"}}")
    #expect(said.unplayable.map(\.message) == [])
    #expect(said.faultCoverage.missing == [])
  }

  @Test("each question at a step is tried: its confirmation, its gate and what its action asks")
  func questions() {
    let exploration = explore(
      """
      on-failure: rollback
      defaults: {timeout: 1m}
      steps:
        - id: move
          confirm: Move it?
          approval: {from: [lead], within: 1h}
          preconditions: [{exec: [look]}]
          manual: Move it
          effect: change
          verify: [{exec: [look]}]
          rollback: {exec: [undo]}
      """)
    #expect(exploration.faultCoverage.missing == [])
    #expect(exploration.findings.map(\.key) == [Finding.Key(.unsafeUndo, "steps.move.rollback")])
    #expect(exploration.findings.first?.faults.map(\.kind) == [.refused])
  }

  @Test("a gate of what holds others is looked at, too")
  func heldGate() {
    func group(_ own: String) -> [Finding.Kind] {
      explore(
        """
        on-failure: rollback
        defaults: {timeout: 1m}
        steps:
          - {id: first, check: {exec: [look]}}
          - id: all
            approval: {from: [lead], within: 1h}
            steps:
              - id: change
                \(own)
                exec: [change]
                applied: {exec: [look]}
                rollback: {exec: [undo], repeatable: true}
        """
      ).findings.map(\.key.kind)
    }
    #expect(group("title: Change") == [.staleGate])
    #expect(group("preconditions: [{exec: [look]}]") == [])
  }

  @Test("what is worked out from what is known cannot fail by itself")
  func assertions() {
    let exploration = explore(
      """
      on-failure: rollback
      defaults: {timeout: 1m}
      inputs: {n: {type: int, default: 3}}
      preconditions: [{assert: inputs.n > 1}]
      steps:
        - {id: see, check: {assert: inputs.n > 2}}
        - {id: look, effect: observe, exec: [look], verify: [{assert: inputs.n > 1}, {all: [{assert: inputs.n > 1}, {exec: [a]}]}]}
      """)
    #expect(exploration.faultCoverage.missing == [])
    #expect(exploration.findings.map(\.key) == [])
  }

  @Test("a run that does not come to its end as it is, is no success")
  func interrupted() {
    let exploration = explore(
      """
      steps:
        - {id: choose, decide: {question: Which?, options: [{id: a, title: A}, {id: b, title: B}]}}
      """)
    #expect(exploration.unplayable.count == 1)
    #expect(exploration.outcome == .interrupted)
  }

  @Test(
    "a change that counts as undone and is in place fails a rehearsal, and a resume in vain is none of the runbook's faults"
  )
  func falselyUndone() {
    let runbook = """
      on-failure: stop
      defaults: {timeout: 1m}
      steps:
        - id: change
          exec: [change]
          applied: {exec: [look]}
          rollback: {exec: [undo], repeatable: true, when: steps.change.status != 'failed'}
        - {id: choose, decide: {question: Which?, options: [{id: a, title: A}, {id: b, title: B}]}}
      """
    let result = Rehearsing(runbook).play("answers: {steps.change: {exit: 1, applied: true}}\nthen: rollback")
    #expect(result.failures == ["steps.change is in place, and counts as undone"])
    let exploration = explore(
      runbook.replacing(", when: steps.change.status != 'failed'", with: ""), "people: {steps.choose: []}\nthen: resume"
    )
    #expect(exploration.findings.map(\.key) == [])
  }
}
