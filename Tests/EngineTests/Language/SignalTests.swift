import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.14 Signals")
struct SignalTests {
  @Test(
    "a pause that the operator asks for is one under `detached: go-on` too", arguments: [DetachedPolicy.pause, .goOn])
  func requestedPause(policy: DetachedPolicy) {
    let run = Scenario([.change("a"), .change("b")]) { $0.detached = policy }
      .at("steps.a", .exit(0, takes: 500)).event(.pauseRequested, after: 100).withPerson().play()
    #expect(run.end == .paused(.requested))
  }

  @Test("TERM: actions in flight are ended and in doubt; no rollback, no `finally`; interrupted")
  func term() {
    let run = Scenario([.change("a"), .change("slow"), .observe("after")], finally: [.observe("tell")])
      .at("steps.slow", .hangs()).event(.terminated, after: 100).play()
    #expect(run.end == .paused(.terminated))
    #expect(run.starts == ["a", "slow"])
    #expect(run.fate("slow") == .inDoubt)
    #expect(run.violations == [])
    run.now("steps.slow", .exit(0)).then(.resume)
    #expect(run.end == .paused(.personNeeded), "nobody knows whether it took effect")
  }

  @Test(
    "TERM ends checks, and the next engine asks them anew",
    arguments: [
      StepSketch.change("a") { $0.verify = [.asking("v", within: 3_600_000)] },
      .change("a") { $0.preconditions = [Precondition(check: .asking())] },
      StepSketch("a", .observe, .check(.asking("c", within: 3_600_000))),
      StepSketch("a", .observe, .checklist([.check(.asking()), .check(.asking())])),
    ])
  func termInChecks(step: StepSketch) {
    let addresses = ["steps.a.verify.0", "steps.a.preconditions.0", "steps.a.items.0"]
    var scenario = Scenario([step]).event(.terminated, after: 100)
    for address in addresses { scenario = scenario.at(address, .hangs()) }
    let run = scenario.play()
    #expect(run.end == .paused(.terminated))
    for address in addresses { run.now(address, .exit(0)) }
    run.then(.resume)
    #expect(run.outcome == .succeeded)
    #expect(run.violations == [])
  }

  @Test("TERM while tools are looked up and preconditions asked")
  func termBeforeTheStart() {
    let scenario = Scenario([.change("a")]) {
      $0.tools = [ToolRequirement(name: "psql")]
      $0.preconditions = [Precondition(check: .asking())]
    }.event(.terminated, after: 100)
    for address in ["tools.psql", "preconditions.0"] {
      let run = scenario.at(address, .hangs()).play()
      #expect(run.end == .paused(.terminated))
      #expect(run.now(address, .exit(0)).then(.resume).outcome == .succeeded)
    }
  }

  @Test("TERM in a rollback: the undo in flight is ended; resume goes on with it")
  func termInARollback() {
    let run = Scenario([
      .change("a"), .change("b") { $0.rollback = .actions([.program("b") { $0.repeatable = true }]) },
      .observe("fail"),
    ]) { $0.onFailure = .rollback }
    .at("steps.fail", .exit(1)).at("steps.b.rollback", .hangs(), .exit(0)).event(.terminated, after: 500).play()
    #expect(run.end == .paused(.terminated))
    run.then(.resume)
    #expect(run.outcome == .rolledBack)
    #expect(run.starts.suffix(3) == ["undo b", "undo b", "undo a"])
  }

  @Test("a terminal that is gone: `pause` lets steps in flight end, `go-on` goes on unattended")
  func detached() {
    func scenario(_ policy: DetachedPolicy) -> Scenario {
      Scenario([.change("a"), .change("b")]) { $0.detached = policy }
        .at("steps.a", .exit(0, takes: 500)).event(.detached, after: 100).withPerson()
    }
    let paused = scenario(.pause).play()
    #expect(paused.end == .paused(.detached))
    #expect(paused.status("a") == .succeeded)
    #expect(paused.starts == ["a"])
    #expect(paused.then(.resume).outcome == .succeeded)
    #expect(scenario(.goOn).play().outcome == .succeeded)
  }

  @Test("INT is a failure with the cause `operator`, so the policy applies")
  func interrupt() {
    func scenario(_ policy: FailurePolicy) -> Scenario {
      Scenario([.change("a"), .change("slow")]) { $0.onFailure = policy }
        .at("steps.slow", .exit(0, takes: 500)).event(.operatorInterrupted, after: 100)
    }
    let back = scenario(.rollback).play()
    #expect(back.outcome == .rolledBack)
    #expect(back.cause == .operator)
    #expect(back.failure(of: "slow") == .stopped)
    let stopped = scenario(.stop).play()
    #expect(stopped.outcome == .stopped)
    #expect(stopped.status("slow") == .succeeded)
  }

  @Test(
    "INT before the first step ends the run once what was asked has ended",
    arguments: [
      "tools.psql", "preconditions.0",
    ])
  func interruptBeforeTheStart(address: String) {
    let run = Scenario([.change("a")]) {
      $0.tools = [ToolRequirement(name: "psql")]
      $0.preconditions = [Precondition(check: .asking())]
    }.at(address, .hangs()).event(.operatorInterrupted, after: 100).play()
    #expect(run.outcome == .failed)
    #expect(run.cause == .operator)
    #expect(run.violations == [])
  }

  @Test("in a rollback the first INT only reports, the next one aborts")
  func interruptInARollback() {
    let scenario = Scenario([.change("a"), .change("b"), .observe("fail")]) { $0.onFailure = .rollback }
      .at("steps.fail", .exit(1)).at("steps.b.rollback", .exit(0, takes: 1000))
      .event(.operatorInterrupted, after: 200)
    #expect(scenario.play().outcome == .rolledBack)
    let aborted = scenario.event(.operatorInterrupted, after: 300).play()
    #expect(aborted.outcome == .aborted)
    #expect(aborted.isApplied("a"))
    guard case .failed(_, inDoubt: true)? = aborted.undo(of: "b"), case .heldBack? = aborted.undo(of: "a") else {
      Issue.record("\(aborted.simulator.state.residue)")
      return
    }
    #expect(aborted.violations == [])
  }

  @Test(
    "an abort ends what a rollback polls or asks, too",
    arguments: [
      UndoAction(.check(.asking("c", within: 3_600_000))), UndoAction(.manual(Manual(text: .literal("by hand")))),
      UndoAction.program("a") { $0.verify = [.asking("v", within: 3_600_000)] }, UndoAction(.wait(3_600_000)),
    ])
  func abortOfChecks(undo: UndoAction) {
    let run = Scenario([.change("a") { $0.rollback = .actions([undo]) }, .observe("fail")]) {
      $0.onFailure = .rollback
    }
    .at("steps.fail", .exit(1)).at("steps.a.items.0", .hangs()).at("steps.a.rollback.verify.0", .hangs())
    .person("steps.a.rollback", nil).event(.operatorInterrupted, after: 200).event(.operatorInterrupted, after: 300)
    .play()
    #expect(run.outcome == .aborted)
    #expect(run.violations == [])
  }
}
