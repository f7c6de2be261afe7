import Testing

/// What people say in a rehearsal.
@Suite struct ScriptedPeopleTests {
  private static let project = """
    people: {alice: {}, bob: {}, carol: {}}
    roles: {lead: [alice, bob], ops: [carol]}
    """
  private static let gated = Rehearsing(
    """
    steps:
      - id: promote
        exec: [promote]
        approval: {from: [lead], count: 2, within: 15m}
        rollback: {exec: [demote]}
    """, settings: project)

  @Test("a gate opens when as many have said yes as it takes, and not before")
  func gate() {
    let both = Self.gated.play(
      "people: {steps.promote: [{approve: bob, after: 6m}, {approve: alice, after: 4m}]}\nexpect: {outcome: succeeded}")
    #expect(both.complaints.isEmpty, "\(both.complaints)")
    #expect(both.elapsed == 361_000)
    let one = Self.gated.play(
      "people: {steps.promote: {approve: alice}}\nexpect: {outcome: denied, never: [steps.promote]}")
    #expect(one.complaints.isEmpty, "\(one.complaints)")
    #expect(one.elapsed == 930_000)
    let wrong = Self.gated.play(
      "people: {steps.promote: [{approve: alice}, {approve: carol}]}\nexpect: {outcome: denied}")
    #expect(wrong.complaints.isEmpty, "\(wrong.complaints)")
    let nobody = Self.gated.play("people: {steps.promote: []}\nexpect: {outcome: denied}")
    #expect(nobody.complaints.isEmpty, "\(nobody.complaints)")
  }

  @Test("one no ends it, and where nobody is named those come whom it takes")
  func denial() {
    let no = Self.gated.play(
      "people: {steps.promote: [{approve: alice, after: 1m}, {deny: bob, reason: not tonight, after: 2m}]}\nexpect: {outcome: denied}"
    )
    #expect(no.complaints.isEmpty, "\(no.complaints)")
    #expect(no.state.failure?.failure.message.contains("not tonight") == true)
    #expect(Self.gated.play("expect: {outcome: succeeded}").complaints.isEmpty)
  }

  @Test("what nobody is asked is refused, and people whom the project does not have")
  func unasked() {
    let main = Rehearsing(
      """
      steps:
        - {id: list, checklist: [Lights]}
        - {id: plain, exec: [change], rollback: {exec: [undo]}}
        - {id: gated, exec: [change], rollback: {exec: [undo]}, approval: {from: [lead]}}
        - {id: task, effect: observe, manual: Look.}
      """, settings: Self.project)
    for (address, words) in [
      ("steps.list", "tick: false"), ("steps.plain", "confirm: false"), ("steps.plain", "deny: bob"),
      ("steps.task", "approve: alice"), ("steps.plain.rollback", "confirm: true"), ("steps.gated", "approve: mallory"),
    ] {
      #expect(main.mistakes("people: {\(address): {\(words)}}").count == 1, "\(words) at \(address)")
    }
    for (address, words) in [
      ("steps.list.items.0", "tick: false"), ("steps.plain", "choose: applied"), ("steps.gated", "deny: bob"),
      ("steps.task", "confirm: false"), ("run", "choose: stop"),
    ] {
      #expect(main.mistakes("people: {\(address): {\(words)}}").isEmpty, "\(words) at \(address)")
    }
  }

  @Test("votes outlive the engine")
  func crash() {
    let result = Self.gated.play(
      """
      people: {steps.promote: [{approve: alice, after: 1m}, {approve: bob, after: 2m}]}
      faults: [{at: steps.promote, kind: crash-before}]
      expect: {outcome: interrupted}
      """)
    // It is in doubt: nothing says whether it took effect.
    #expect(result.complaints.isEmpty, "\(result.complaints)")
  }

  @Test("what was under way when the engine died is said to the next one")
  func unheard() {
    let main = Rehearsing(
      """
      steps:
        - {id: change, needs: [], exec: [change], applied: {exec: [is-there]}, rollback: {exec: [undo]}}
        - {id: way, needs: [], decide: {question: Which?, options: [{id: left}, {id: right}]}}
      """)
    let result = main.play(
      """
      people: {steps.way: {choose: right, after: 1m}}
      faults: [{at: steps.change, kind: crash-after}]
      expect: {outcome: succeeded}
      """)
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.engines == 2)
  }

  @Test("people confirm, choose, tick and type")
  func answers() {
    let main = Rehearsing(
      """
      steps:
        - {id: sure, exec: [change], confirm: Really?, rollback: {exec: [undo]}}
        - id: way
          decide: {question: Which?, options: [{id: left}, {id: right}]}
          outputs: {way: {type: string, value: result.choice}}
        - id: list
          checklist: [{id: lights, text: Lights}, {id: doors, text: Doors, not-applicable: true}]
        - id: count
          effect: observe
          manual: {text: Count them., fields: {sheep: int}}
          outputs: {sheep: {type: int, value: result.fields.sheep}}
        - {id: right, assert: steps.way.outputs.way == 'right' && steps.count.outputs.sheep == 7}
      """)
    let people = """
      people:
        steps.way: {choose: right}
        steps.list.items.doors: {tick: not-applicable}
        steps.count: {fields: {sheep: 7}, by: bob, after: 1h}
      """
    let result = main.play(people + "\nexpect: {outcome: succeeded}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.elapsed > 3_600_000)
    let unsure = main.play(people + "\n  steps.sure: {confirm: false}\nexpect: {outcome: denied, never: [steps.sure]}")
    #expect(unsure.complaints.isEmpty, "\(unsure.complaints)")
    let dark = main.play(
      people + "\n  steps.list.items.lights: {tick: false}\nexpect: {statuses: {steps.list: failed}}")
    #expect(dark.complaints.isEmpty, "\(dark.complaints)")
    #expect(main.mistakes("people: {steps.way: {choose: up}}") == ["BLY0137 there is no option `up`"])
    #expect(main.mistakes("people: {steps.count: {fields: {sheep: many}}}").count == 1)
    let silent = main.play("expect: {outcome: interrupted}")
    #expect(silent.complaints.isEmpty, "\(silent.complaints)")
  }

  @Test("what a failure leads to is asked, and undone where nobody says otherwise")
  func policy() {
    let main = Rehearsing(
      "steps: [{id: one, exec: [a], rollback: {exec: [b]}}, {id: two, effect: observe, exec: [c]}]")
    let usual = main.play("answers: {steps.two: {exit: 1}}\nexpect: {outcome: rolled-back}")
    #expect(usual.complaints.isEmpty, "\(usual.complaints)")
    let stop = main.play(
      "answers: {steps.two: {exit: 1}}\npeople: {run: {choose: stop}}\nexpect: {outcome: stopped, residue: [steps.one]}"
    )
    #expect(stop.complaints.isEmpty, "\(stop.complaints)")
  }
}
