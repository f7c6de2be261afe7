import Journal
import Rehearsal
import RunEngine
import Testing

/// What goes wrong in a rehearsal.
@Suite struct FaultTests {
  private static let two = Rehearsing(
    """
    steps:
      - id: fence
        exec: [fence]
        timeout: 10s
        applied: {exec: [is-fenced]}
        verify: [{exec: [is-fenced]}]
        rollback: {exec: [unfence], timeout: 5s}
      - id: promote
        exec: [promote]
        timeout: 10s
        repeatable: true
        verify: [{exec: [is-primary]}]
        rollback: {exec: [demote]}
    """)

  @Test("an engine that dies before an action starts it once more")
  func crashBefore() {
    let result = Self.two.play(
      "faults: [{at: steps.fence, kind: crash-before}]\nexpect: {outcome: succeeded, order: [fence, promote]}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.engines == 2)
    #expect(Self.starts(of: "steps.fence", in: result) == 2)
  }

  @Test("an engine that dies after an action took effect does not start it again")
  func crashAfter() {
    let result = Self.two.play(
      "faults: [{at: steps.fence, kind: crash-after}]\nexpect: {outcome: succeeded, order: [fence, promote]}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.engines == 2)
    #expect(Self.starts(of: "steps.fence", in: result) == 1)
    #expect(result.state.overallEvidence == .scripted)
  }

  @Test("an engine that dies on the way back goes on with it")
  func crashOnTheWayBack() {
    let scenario = """
      answers: {steps.promote.verify.0: {holds: false}}
      expect: {outcome: rolled-back, order: [fence, promote, undo promote, undo fence], residue: []}
      """
    for kind in ["crash-before", "crash-after"] {
      let result = Self.two.play(
        scenario + "\nfaults: [{at: steps.fence.rollback, kind: \(kind)}]"
          + (kind == "crash-before" ? "\npeople: {steps.fence: {choose: repeat}}" : ""))
      #expect(result.engines == 2, "\(kind)")
      #expect(result.problems.isEmpty, "\(result.problems)")
    }
  }

  @Test("a verification that settles a doubt is answered as it is otherwise")
  func doubtByVerification() {
    let result = Self.two.play(
      """
      answers: {steps.promote: {stdout: done}, steps.promote.verify.0: {stdout: primary}}
      faults: [{at: steps.promote, kind: crash-after}]
      expect: {outcome: succeeded}
      """)
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(Self.starts(of: "steps.promote", in: result) == 1)
    let doubted = Self.two.play(
      """
      answers: {steps.promote.verify.0: [{exit: 1}, {exit: 0}]}
      faults: [{at: steps.promote, kind: crash-after}]
      expect: {outcome: succeeded}
      """)
    #expect(Self.starts(of: "steps.promote", in: doubted) == 2)
  }

  @Test("a doubt that nothing settles needs a person")
  func doubt() {
    let main = Rehearsing("steps: [{id: change, exec: [change], rollback: {exec: [undo]}}]")
    let alone = main.play(
      "faults: [{at: steps.change, kind: crash-after}]\nexpect: {outcome: interrupted, residue: [steps.change]}")
    #expect(alone.complaints.isEmpty, "\(alone.complaints)")
    let settled = main.play(
      "faults: [{at: steps.change, kind: crash-after}]\npeople: {steps.change: {choose: applied}}\nexpect: {outcome: succeeded}"
    )
    #expect(settled.complaints.isEmpty, "\(settled.complaints)")
  }

  @Test("actions that fail, or take too long, are undone with what came before")
  func failures() {
    for kind in ["exit", "timeout"] {
      let result = Self.two.play(
        """
        faults: [{at: steps.promote, kind: \(kind)}]
        expect:
          outcome: rolled-back
          order: [fence, promote, undo promote, undo fence]
          statuses: {steps.fence: rolled-back, steps.promote: rolled-back}
        """)
      #expect(result.complaints.isEmpty, "\(kind): \(result.complaints)")
    }
  }

  @Test("a verification that never holds fails its step")
  func verification() {
    let result = Self.two.play(
      "faults: [{at: steps.fence, kind: verify-fails}]\nexpect: {outcome: rolled-back, never: [steps.promote]}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
  }

  @Test("a way back that fails leaves its change, and holds back what its step needs")
  func rollback() {
    let result = Self.two.play(
      """
      answers: {steps.promote.verify.0: {holds: false}}
      faults: [{at: steps.promote, kind: rollback-fails}]
      expect:
        outcome: rollback-incomplete
        order: [fence, promote, undo promote]
        residue: [steps.fence, steps.promote]
      """)
    #expect(result.complaints.isEmpty, "\(result.complaints)")
  }

  @Test("where the journal is full nothing is started")
  func journal() {
    let result = Self.two.play(
      """
      faults: [{at: steps.promote, kind: journal-full}]
      expect: {outcome: interrupted, order: [fence], never: [steps.promote], residue: [steps.fence]}
      """)
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.standstill == "the journal is full, and nothing more is started")
  }

  @Test("a fault that never happens is a failure")
  func unhappened() {
    let result = Self.two.play(
      "answers: {steps.fence: {exit: 1}}\nfaults: [{at: steps.promote, kind: crash-after}]")
    #expect(result.failures == ["the fault crash-after at steps.promote never happened"])
    let wrong = Self.two.play(
      "answers: {steps.fence: {exit: 1}}\nfaults: [{at: steps.promote, kind: crash-after}]\nexpect: {outcome: succeeded}"
    )
    #expect(wrong.failures.count == 2)
  }

  @Test("a fault is one whatever `expect` would let pass")
  func tolerant() {
    let main = Rehearsing(
      """
      steps:
        - {id: look, effect: observe, exec: [look], expect: result.exit <= 1}
        - {id: fetch, http: {url: "http://shop"}, expect: result.status >= 200}
      """)
    for address in ["steps.look", "steps.fetch"] {
      let result = main.play(
        "faults: [{at: \(address), kind: exit}]\nexpect: {outcome: failed, statuses: {\(address): failed}}")
      #expect(result.complaints.isEmpty, "\(result.complaints)")
    }
  }

  @Test("an engine may die after any record, and the next one comes to the same end")
  func records() {
    let main = Rehearsing(
      """
      steps:
        - {id: change, exec: [change], applied: {exec: [look]}, verify: [{exec: [look]}], rollback: {exec: [undo]}}
        - {id: look, effect: observe, exec: [look]}
      """)
    let whole = main.play("")
    var deaths = 0
    for record in 2...whole.events.count {
      let result = main.play("faults: [{at: records.\(record), kind: crash-after}]\nexpect: {outcome: succeeded}")
      #expect(result.complaints.isEmpty, "record \(record): \(result.complaints)")
      if result.engines == 2 { deaths += 1 }
    }
    // With the last records the run is over.
    #expect(deaths > whole.events.count - 4)
    let never = main.play("faults: [{at: records.99, kind: crash-after}]")
    #expect(never.complaints == ["the fault crash-after at records.99 never happened"])
  }

  @Test("a run that is over is rolled back on request, and one that is interrupted is resumed or rolled back")
  func acts() {
    let main = Rehearsing(
      """
      steps:
        - {id: change, exec: [change], applied: {exec: [look]}, rollback: {exec: [undo]}}
        - {id: choose, decide: {question: Which?, options: [{id: a, title: A}, {id: b, title: B}]}}
      """)
    let back = main.play(
      """
      people: {steps.choose: {choose: a}}
      then: rollback
      expect: {outcome: rolled-back, order: [change, undo change], residue: []}
      """)
    #expect(back.complaints.isEmpty, "\(back.complaints)")
    #expect(back.engines == 2)
    let resumed = main.play("then: [resume, rollback]\nexpect: {outcome: rolled-back, residue: []}")
    #expect(resumed.complaints.isEmpty, "\(resumed.complaints)")
    #expect(resumed.engines == 3)
    let over = main.play("people: {steps.choose: {choose: a}}\nthen: resume")
    #expect(over.complaints == ["`then: resume` finds a run that is over"])
  }

  @Test("a run whose journal was full is rolled back once there is room")
  func room() {
    let main = Rehearsing(
      """
      steps:
        - {id: first, exec: [change], applied: {exec: [look]}, rollback: {exec: [undo]}}
        - {id: second, exec: [change], applied: {exec: [look]}, rollback: {exec: [undo]}}
      """)
    let result = main.play(
      """
      faults: [{at: steps.second, kind: journal-full}]
      then: rollback
      expect: {outcome: rolled-back, order: [first, undo first], never: [steps.second], residue: []}
      """)
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.standstill == nil)
  }

  @Test("what cannot happen to an action is refused")
  func impossible() {
    let main = Rehearsing(
      """
      steps:
        - {id: pause, wait: 3s}
        - {id: look, check: {exec: [look]}}
        - {id: inside, steps: [{id: deep, effect: observe, exec: [look]}]}
        - {id: change, exec: [change], rollback: {exec: [undo]}}
      """)
    for (address, kind) in [
      ("steps.pause", "exit"), ("steps.pause", "crash-after"), ("steps.look", "crash-after"),
      ("steps.inside", "crash-before"), ("steps.inside", "exit"),
    ] {
      #expect(main.mistakes("faults: [{at: \(address), kind: \(kind)}]").count == 1, "\(kind) at \(address)")
    }
    for (address, kind) in [
      ("steps.pause", "crash-before"), ("steps.look", "exit"), ("steps.inside/deep", "exit"),
      ("steps.change.rollback", "exit"), ("steps.look", "timeout"), ("steps.change.rollback", "timeout"),
    ] {
      #expect(main.mistakes("faults: [{at: \(address), kind: \(kind)}]").isEmpty, "\(kind) at \(address)")
    }
  }

  @Test("what was killed in the middle took effect only where that is said")
  func effectOfWhatHangs() {
    let main = Rehearsing(
      """
      steps:
        - id: change
          exec: [change]
          timeout: 5s
          applied: {exec: [is-there]}
          retry: {attempts: 2, delay: 1s}
          rollback: {exec: [undo]}
      """)
    let hangs = "answers: {steps.change: [{exit: 0, takes: 1h}, {exit: 0}]}\nexpect: {outcome: succeeded}"
    #expect(Self.starts(of: "steps.change", in: main.play(hangs)) == 2)
    let applies = hangs.replacing("takes: 1h", with: "takes: 1h, applied: true")
    #expect(Self.starts(of: "steps.change", in: main.play(applies)) == 1)
  }

  private static func starts(of address: String, in result: RehearsalResult) -> Int {
    result.events.count { happened in
      if case .intended(let id, _, _) = happened.event {
        RunEventCodec.address(id, result.state) == address
      } else {
        false
      }
    }
  }
}
