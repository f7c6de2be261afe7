import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

/// What random runs found: failures, choices and crashes where steps stand inside others.
@Suite("4.5, 4.10 Failures among steps that hold others")
struct BlockFailureTests {
  private static let other = """
    belay: 1
    name: other
    version: 1.0.0
    preconditions: [{exec: [ready]}, {exec: [free]}]
    steps: [{id: inner, exec: [do], repeatable: true, rollback: {exec: [undo], repeatable: true}}]
    finally: [{id: last, effect: observe, exec: [last]}]

    """

  @Test("a call's own preconditions and those of the runbook it calls are told apart")
  func preconditionsOfBoth() {
    let run = Scenario(
      runbook: """
        steps:
          - {id: call, runbook: {name: other}, preconditions: [{exec: [one]}, {exec: [two]}, {exec: [three]}]}

        """, project: ["other": Self.other]
    ).play()
    #expect(run.outcome == .succeeded)
    #expect(run.probes == (0..<5).map { "steps.call.preconditions.\($0)" })
    #expect(run.violations == [])
  }

  @Test("an engine that takes a run up begins no step of a call before its preconditions hold")
  func resumedPreconditions() {
    let run = Scenario(
      runbook: "steps:\n  - {id: call, runbook: {name: other}}\n", project: ["other": Self.other]
    ).at("steps.call.preconditions.1", .hangs(), .exit(1)).event(.terminated, after: 1000).play().then(.resume)
    #expect(run.outcome == .unmet)
    #expect(run.starts == ["call/last"])
    #expect(run.violations == [])
  }

  @Test("a run that fails while a call's preconditions are asked awaits them, and resumes without them")
  func failuresBesidePreconditions() {
    let scenario = Scenario(
      runbook: """
        on-failure: stop
        steps:
          - {id: call, needs: [], runbook: {name: other}}
          - {id: fails, needs: [], effect: observe, exec: [fail]}

        """, project: ["other": Self.other]
    ).at("steps.call.preconditions.0", .hangs()).at("steps.fails", .exit(1, takes: 50))
    let run = scenario.play()
    #expect(run.outcome == .failed)
    #expect(run.violations == [])
    let resumed = scenario.dies(.beforeEnd("call precondition.0")).play().then(.resume)
    #expect(resumed.outcome == .failed)
    #expect(resumed.violations == [])
  }

  @Test("a point of no return in another branch holds back what a scoped way back would undo, and is asked about again")
  func pointOfNoReturnElsewhere() {
    let scenario = Scenario(
      runbook: """
        on-failure: rollback
        steps:
          - id: local
            needs: []
            exec: [do]
            repeatable: true
            rollback: {exec: [undo], repeatable: true}
            on-failure: {undo: step, then: continue}
          - {id: delete, needs: [], effect: irreversible, exec: [delete], repeatable: true, verify: [{exec: [gone]}]}
          - {id: later, needs: [local, delete], exec: [more], repeatable: true, rollback: {exec: [less], repeatable: true}}
          - {id: fails, effect: observe, exec: [fail]}

        """, project: [:]
    ).at("steps.local", .exit(1, takes: 50)).at("steps.fails", .exit(1))
    let alone = scenario.play()
    #expect(alone.starts == ["local", "delete"])
    #expect(alone.outcome == .rollbackIncomplete)
    #expect(alone.violations == [])
    let passed = scenario.person("steps.delete", .yes, .no).play()
    #expect(passed.starts == ["local", "delete", "undo local", "later", "fails", "undo later"])
    #expect(passed.violations == [])
    let refused = scenario.person("steps.delete", .no).play()
    #expect(refused.starts == ["local", "delete"])
    #expect(refused.violations == [])
  }

  @Test("a point of no return before a scoped way back is not asked about")
  func pointOfNoReturnBefore() {
    let run = Scenario(
      runbook: """
        on-failure: rollback
        steps:
          - {id: delete, effect: irreversible, exec: [delete], repeatable: true, verify: [{exec: [gone]}]}
          - id: local
            exec: [do]
            repeatable: true
            rollback: {exec: [undo], repeatable: true}
            on-failure: {undo: step, then: stop}

        """, project: [:]
    ).at("steps.local", .exit(1)).play()
    #expect(run.starts == ["delete", "local", "undo local"])
    #expect(run.violations == [])
  }

  @Test("a repetition whose last item fails has failed")
  func lastItem() {
    let run = Scenario(
      runbook: "on-failure: stop\nsteps:\n  - {id: each, for-each: \"[1, 2]\", effect: observe, exec: [look]}\n"
    ).at("steps.each[1]", .exit(1)).play()
    #expect(run.status("each") == .failed)
    #expect(run.violations == [])
  }

  @Test("a group whose steps all succeeded has, though something else failed meanwhile")
  func goodGroupBesideAFailure() {
    let run = Scenario(
      runbook: """
        on-failure: stop
        steps:
          - {id: group, needs: [], steps: [{id: slow, effect: observe, exec: [look]}]}
          - {id: fails, needs: [], effect: observe, exec: [fail]}

        """
    ).at("steps.group/slow", .exit(0, takes: 500)).at("steps.fails", .exit(1)).play()
    #expect(run.status("group") == .succeeded)
    #expect(run.violations == [])
  }

  private static let scoped = """
    on-failure: stop
    steps:
      - {id: scoped, needs: [], exec: [do], repeatable: true, rollback: {exec: [undo], repeatable: true},
         on-failure: {undo: item, then: continue}}
      - {id: slow, needs: [], effect: observe, exec: [slow]}
      - {id: after, needs: [scoped, slow], effect: observe, exec: [after]}

    """

  @Test("what fails while a failure is undone by itself counts once that is undone")
  func laterFailures() {
    let run = Scenario(runbook: Self.scoped).at("steps.scoped", .exit(1)).at("steps.slow", .exit(1, takes: 500)).play()
    #expect(run.starts == ["scoped", "slow", "undo scoped"])
    #expect(run.failure(of: "slow") == .failed)
    #expect(run.simulator.state.failure?.step == StepIndex(1))
    #expect(run.outcome == .failed)
    #expect(run.violations == [])
  }

  @Test("an interrupt while a failure is undone by itself is not lost, nor is the run's deadline")
  func interruptsAndDeadlines() {
    let base = Scenario(runbook: Self.scoped).at("steps.scoped", .exit(1)).at("steps.slow", .exit(0, takes: 5000))
    let interrupted = base.event(.operatorInterrupted, after: 100).play()
    #expect(!interrupted.starts.contains("after"))
    #expect(interrupted.violations == [])
    let late = Scenario(runbook: "timeout: 1s\n" + Self.scoped).at("steps.scoped", .exit(1))
      .at("steps.slow", .exit(0, takes: 5000)).play()
    #expect(!late.starts.contains("after"))
    #expect(late.cause == .deadline)
    #expect(late.violations == [])
  }

  @Test("the deadline does not cut short what undoes temporary steps")
  func deadlineOfTemporary() {
    let run = Scenario(
      runbook: """
        timeout: 1s
        steps:
          - {id: mode, temporary: true, exec: [on], repeatable: true, rollback: {exec: [off], repeatable: true}}

        """
    ).at("steps.mode.rollback", .exit(0, takes: 5000)).play()
    #expect(run.outcome == .succeeded)
    #expect(run.undo(of: "mode") == .undone)
    #expect(run.violations == [])
  }

  private static let group = """
    on-failure: rollback
    steps:
      - id: group
        steps:
          - {id: scoped, exec: [do], repeatable: true, rollback: {exec: [undo], repeatable: true},
             on-failure: {undo: item, then: stop}}

    """

  @Test("an abort of what is undone by itself ends the run, with what holds it")
  func aborts() {
    let run = Scenario(runbook: Self.group).at("steps.group/scoped", .exit(1))
      .at("steps.group/scoped.rollback", .exit(0, takes: 5000)).event(.operatorInterrupted, after: 1000)
      .event(.operatorInterrupted, after: 1100).play()
    #expect(run.outcome == .aborted)
    #expect(run.violations == [])
    run.now("steps.group/scoped.rollback", .exit(0)).then(.rollback, attended: true)
    #expect(run.outcome == .rolledBack, "asked for again, it is tried again")
    #expect(run.violations == [])
  }

  @Test("what is left of a call's `finally` runs in the end, the inner call's before the outer's")
  func owedFinally() {
    let outer = Self.other.replacing("name: other", with: "name: outer")
      .replacing(
        "{id: inner, exec: [do], repeatable: true, rollback: {exec: [undo], repeatable: true}}",
        with: "{id: deep, runbook: {name: other}}"
      )
      .replacing("preconditions: [{exec: [ready]}, {exec: [free]}]\n", with: "")
    let run = Scenario(
      runbook: "on-failure: rollback\nsteps:\n  - {id: call, runbook: {name: outer}}\n",
      project: ["other": Self.other, "outer": outer]
    ).at("steps.call/deep/inner", .exit(1)).play()
    #expect(run.starts == ["call/deep/inner", "undo call/deep/inner", "call/deep/last", "call/last"])
    #expect(run.outcome == .rolledBack)
    #expect(run.violations == [])
    let inFinally = Scenario(
      runbook: "steps:\n  - {id: a, effect: observe, exec: [a]}\nfinally:\n  - {id: call, runbook: {name: other}}\n",
      project: [
        "other": Self.other.replacing(
          "[do], repeatable: true, rollback: {exec: [undo], repeatable: true}", with: "[do], effect: observe")
      ]
    ).at("finally.call.preconditions.0", .exit(1)).play()
    #expect(inFinally.starts == ["a", "call/last"])
    #expect(inFinally.outcome == .failed)
    #expect(inFinally.violations == [])
  }

  private static func groups(_ policy: String, call: Bool = false) -> Scenario {
    let steps = """
      - {id: in1, exec: [in1], repeatable: true, rollback: {exec: [unin1], repeatable: true}}
      - {id: bad, exec: [bad], repeatable: true, rollback: {exec: [unbad], repeatable: true}}
      - {id: in2, exec: [in2], repeatable: true, rollback: {exec: [unin2], repeatable: true}}
      """
    let inside =
      call
      ? "runbook: {name: callee}"
      : "steps:\n" + steps.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
    let source = """
      steps:
        - id: blk
          for-each: "['x', 'y', 'z']"
          on-failure: \(policy)
          \(inside)
        - {id: post, effect: observe, exec: [post]}
      """
    let callee = "belay: 1\nname: callee\nversion: 1.0.0\nsteps:\n" + steps
    return Scenario(runbook: source, project: ["callee": callee]).at("steps.blk[1]/bad", .exit(1))
  }

  @Test("what stands inside an undone item does not begin, and the other items do", arguments: [false, true])
  func undoneItems(call: Bool) {
    let run = Self.groups("{undo: item, then: continue}", call: call).play()
    #expect(
      run.starts == [
        "blk[0]/in1", "blk[0]/bad", "blk[0]/in2", "blk[1]/in1", "blk[1]/bad", "undo blk[1]/bad", "undo blk[1]/in1",
        "blk[2]/in1", "blk[2]/bad", "blk[2]/in2", "post",
      ])
    #expect(run.outcome == .failed)
    #expect(run.violations == [])
  }

  @Test("all of a step is undone that says so, and nothing more of it begins", arguments: [false, true])
  func undoneSteps(call: Bool) {
    let run = Self.groups("{undo: step, then: continue}", call: call).play()
    #expect(run.starts.filter { $0.hasPrefix("undo") }.count == 5, "\(run.starts)")
    #expect(run.starts.suffix(1) == ["post"])
    #expect(!run.starts.contains("blk[2]/in1"))
    #expect(!run.starts.contains("blk[1]/in2"))
    #expect(run.violations == [])
    let stopped = Self.groups("{undo: step, then: stop}", call: call).play()
    #expect(stopped.starts.filter { $0.hasPrefix("undo") }.count == 5, "\(stopped.starts)")
    #expect(!stopped.starts.contains("post"))
    #expect(stopped.violations == [])
  }

  @Test("the `finally` of a call knows what its steps came to")
  func outcomeOfCalls() {
    let callee = """
      belay: 1
      name: callee
      version: 1.0.0
      steps: [{id: work, effect: observe, exec: [work], on-failure: continue}]
      finally:
        - {id: well, when: run.outcome == 'succeeded', effect: observe, exec: [well]}
        - {id: ill, when: run.outcome == 'failed', effect: observe, exec: [ill, "${{ run.failed }}"]}
      """
    let scenario = Scenario(runbook: "steps: [{id: call, runbook: {name: callee}}]", project: ["callee": callee])
    #expect(scenario.play().starts == ["call/work", "call/well"])
    #expect(scenario.play().outcome == .succeeded)
    #expect(scenario.at("steps.call/work", .exit(1)).play().starts == ["call/work", "call/ill"])
  }

  @Test(
    "the `finally` of a call that was undone by itself ends the call, before what comes after it", arguments: [0, 1, 2])
  func finallyOfUndoneCalls(shape: Int) {
    let inner = """
      belay: 1
      name: inner
      version: 1.0.0
      inputs: {k: string}
      steps:
        - {id: make, exec: [do], repeatable: true, rollback: {exec: [undo], repeatable: true}}
        - {id: boom, effect: observe, when: inputs.k == 'b', exec: [boom]}
        - {id: rest, effect: observe, exec: [rest]}
      finally: [{id: bye, effect: observe, exec: [bye]}]

      """
    let middle = """
      belay: 1
      name: middle
      version: 1.0.0
      inputs: {k: string}
      steps:
        - {id: group, steps: [{id: call, runbook: {name: inner, inputs: {k: "${{ inputs.k }}"}}}, {id: not, effect: observe, exec: [not]}]}
      finally: [{id: later, effect: observe, exec: [later]}]

      """
    let calls = [
      "for-each: \"['a', 'b', 'c']\"\n    on-failure: {undo: item, then: continue}\n"
        + "    runbook: {name: inner, inputs: {k: \"${{ item }}\"}}",
      "on-failure: {undo: step, then: continue}\n    runbook: {name: inner, inputs: {k: b}}",
      "on-failure: {undo: step, then: continue}\n    runbook: {name: middle, inputs: {k: b}}",
    ]
    let place = ["calls[1]", "calls", "calls/group/call"][shape]
    let scenario = Scenario(
      runbook: "steps:\n  - id: calls\n    \(calls[shape])\n  - {id: after, effect: observe, exec: [after]}\n",
      project: ["inner": inner, "middle": middle]
    ).at("steps.\(place)/boom", .exit(1))
    let run = scenario.play()
    let starts = [
      [
        "calls[0]/make", "calls[0]/rest", "calls[0]/bye", "calls[1]/make", "calls[1]/boom", "undo calls[1]/make",
        "calls[1]/bye", "calls[2]/make", "calls[2]/rest", "calls[2]/bye", "after",
      ], ["calls/make", "calls/boom", "undo calls/make", "calls/bye", "after"],
      [
        "calls/group/call/make", "calls/group/call/boom", "undo calls/group/call/make", "calls/group/call/bye",
        "calls/later", "after",
      ],
    ][shape]
    #expect(run.starts == starts)
    #expect(run.outcome == .failed)
    #expect(run.failure(of: place) == .failed)
    #expect(run.status("after") == .succeeded)
    #expect(run.violations == [])
    let resumed = scenario.dies(.afterIntent("\(place)/bye")).play().then(.resume)
    #expect(resumed.status("after") == .succeeded)
    #expect(resumed.failure(of: place) == .failed)
    #expect(Set(resumed.starts) == Set(starts))
    #expect(resumed.violations == [])
  }
}
