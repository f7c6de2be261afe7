import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.7 Retry and timeout")
struct RetryTests {
  private static func step(_ change: @escaping (inout PlannedStep) -> Void) -> StepSketch {
    .change("promote") {
      $0.applied = .asking()
      $0.retry = Retry(attempts: 3)
      change(&$0)
    }
  }

  @Test("`retry` repeats what ended by itself and failed its `expect`")
  func failures() {
    let run = Scenario([Self.step { _ in }]).at("steps.promote", .exit(1), .exit(1), .exit(0)).play()
    #expect(run.starts == ["promote", "promote", "promote"])
    #expect(run.outcome == .succeeded)
    let spent = Scenario([Self.step { _ in }]).at("steps.promote", .exit(1)).play()
    #expect(spent.starts.filter { $0 == "promote" }.count == 3)
    #expect(spent.outcome == .failed, "`applied` says that nothing took effect")
  }

  @Test("`retry.when` must be met")
  func when() {
    let run = Scenario([Self.step { $0.retry?.when = expression("result.exit == 75") }])
      .at("steps.promote", .exit(75), .exit(1)).play()
    #expect(run.starts.filter { $0 == "promote" }.count == 2)
    #expect(run.status("promote") == .failed)
  }

  @Test("pauses grow by `backoff` up to `max-delay`")
  func pauses() {
    let run = Scenario([
      Self.step {
        $0.retry = Retry(attempts: 4)
        $0.retry?.delay = 1000
        $0.retry?.backoffPermille = 3000
        $0.retry?.maxDelay = 5000
      }
    ]).at("steps.promote", .exit(1, takes: 0), .exit(1, takes: 0), .exit(1, takes: 0), .exit(0, takes: 0)).play()
    #expect(run.outcome == .succeeded)
    #expect(run.took == 1000 + 3000 + 5000)
  }

  @Test("after a timeout or a signal `expect` is not evaluated, and a change is repeated only as doubt allows")
  func doubt() {
    let timedOut = Scenario([
      Self.step {
        $0.timeout = 100
        $0.expect = expression("true")
      }
    ]).at("steps.promote", .hangs(), .exit(0)).play()
    #expect(timedOut.probes == ["steps.promote.applied"])
    #expect(timedOut.starts == ["promote", "promote"])
    let signalled = Scenario([Self.step { _ in }]).at("steps.promote", .signalled(effect: true)).play()
    #expect(signalled.starts == ["promote"])
    #expect(signalled.outcome == .succeeded)
    let unknown = Scenario([Self.step { _ in }]).at("steps.promote", .signalled())
      .at("steps.promote.applied", .unanswered).play()
    #expect(unknown.starts == ["promote", "undo promote"])
    #expect(unknown.end(of: "promote").map { if case .failed(_, true) = $0 { true } else { false } } == true)
  }

  @Test("a timeout without `retry` fails the step in doubt")
  func timeoutAlone() {
    let run = Scenario([.change("promote") { $0.timeout = 100 }]) { $0.onFailure = .stop }
      .at("steps.promote", .hangs()).play()
    #expect(run.fate("promote") == .inDoubt)
    #expect(run.outcome == .stopped)
    #expect(run.took < 200)
  }

  @Test("an undo is retried as it says, and after a timeout only where it may be")
  func undos() {
    func run(_ behaviours: Behaviour, repeatable: Bool) -> ScenarioRun {
      let undo = UndoAction.program("a") {
        $0.retry = Retry(attempts: 2)
        $0.timeout = 100
        $0.repeatable = repeatable
      }
      return Scenario([.change("a") { $0.rollback = .actions([undo]) }, .observe("fail")])
        .at("steps.fail", .exit(1)).at("steps.a.rollback", behaviours, .exit(0)).play()
    }
    #expect(run(.exit(1), repeatable: false).outcome == .rolledBack)
    #expect(run(.hangs(), repeatable: true).outcome == .rolledBack)
    #expect(run(.hangs(), repeatable: false).outcome == .rollbackIncomplete)
  }

  @Test("a check's attempt that takes too long is no answer")
  func checkTimeouts() {
    let run = Scenario([.change("a") { $0.verify = [.asking(every: 100, within: 1000, timeout: 50)] }])
      .at("steps.a.verify.0", .hangs(), .exit(0)).play()
    #expect(run.outcome == .succeeded)
    #expect(run.probes.count == 2)
  }

  @Test("the run's deadline counts while an engine lives, and not while none does")
  func deadline() {
    let plan = Scenario([.observe("a"), .observe("b")]) { $0.timeout = 10_000 }
      .at("steps.a", .exit(0, takes: 4000)).at("steps.b", .exit(0, takes: 3000))
    let inTime = plan.dies(.afterEnd("a")).play().then(.resume, after: 3_600_000)
    #expect(inTime.outcome == .succeeded)
    let late = plan.at("steps.b", .hangs()).dies(.afterEnd("a")).play().then(.resume, after: 3_600_000)
    #expect(late.cause == .deadline)
    #expect(late.took < 3_600_000 + 10_100)
  }
}
