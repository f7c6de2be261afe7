import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.12 Finally")
struct FinallyTests {
  private static let tell = StepSketch.observe("tell")

  @Test("runs after every outcome, and after the rollback")
  func always() {
    let good = Scenario([.change("a")], finally: [Self.tell]).play()
    #expect(good.starts == ["a", "tell"])
    let bad = Scenario([.change("a"), .observe("fail")], finally: [Self.tell]).at("steps.fail", .exit(1)).play()
    #expect(bad.starts == ["a", "fail", "undo a", "tell"])
    #expect(bad.outcome == .rolledBack)
    let unmet = Scenario([.change("a")], finally: [Self.tell]) {
      $0.preconditions = [Precondition(check: .asking())]
    }.at("preconditions.0", .exit(1)).play()
    #expect(unmet.starts == ["tell"])
    #expect(unmet.outcome == .unmet)
  }

  @Test("does not run for a run that is interrupted, and runs once when it is resumed")
  func interrupted() {
    let run = Scenario([.manual("ask")], finally: [Self.tell]).play()
    #expect(run.starts.isEmpty)
    run.then(.resume, attended: true)
    #expect(run.starts == ["tell"])
  }

  @Test("each step as if `on-failure: continue`; a failed one turns `succeeded` into `failed`")
  func failures() {
    let run = Scenario([.observe("a")], finally: [.observe("first"), .observe("second")])
      .at("finally.first", .exit(1)).play()
    #expect(run.starts == ["a", "first", "second"])
    #expect(run.outcome == .failed)
    let undone = Scenario([.change("a"), .observe("fail")], finally: [Self.tell])
      .at("steps.fail", .exit(1)).at("finally.tell", .exit(1)).play()
    #expect(undone.outcome == .rolledBack, "a worse outcome stays")
  }

  @Test("`run.outcome` and all statuses are in scope")
  func scope() {
    let run = Scenario(
      [.change("a"), .observe("fail")],
      finally: [
        .observe("bad") { $0.when = expression("run.outcome == 'rolled-back' && run.failed == 'fail'") },
        .observe("good") { $0.when = expression("run.outcome == 'succeeded'") },
        .observe("undone") { $0.when = expression("steps.a.status == 'rolled-back'") },
      ]
    ).at("steps.fail", .exit(1)).play()
    #expect(run.starts.suffix(2) == ["bad", "undone"])
  }

  @Test("an engine that dies in it is followed by one that goes on with it, and begins nothing else")
  func resumed() {
    let run = Scenario([.change("a"), .observe("fail"), .observe("never")], finally: [Self.tell, .observe("last")]) {
      $0.onFailure = .stop
    }.at("steps.fail", .exit(1)).dies(.beforeEnd("tell")).play().then(.resume)
    #expect(run.starts == ["a", "fail", "tell", "tell", "last"])
    #expect(run.outcome == .stopped)
  }

  @Test("a rollback that is asked for while it is interrupted comes first, and what was left of it last")
  func rollbackAskedFor() {
    let run = Scenario([.change("a")], finally: [Self.tell, .observe("last")])
      .dies(.beforeEnd("tell")).play().then(.rollback)
    #expect(run.starts == ["a", "tell", "undo a", "last"])
    #expect(run.outcome == .rolledBack)
    #expect(run.violations == [])
  }

  @Test("a person who is not there fails its step, and nothing waits")
  func nobody() {
    let run = Scenario([.observe("a")], finally: [.manual("sign"), Self.tell]).play()
    #expect(run.failure(of: "sign") == .denied)
    #expect(run.starts == ["a", "tell"])
    #expect(run.outcome == .failed)
  }

  // MARK: Signals

  private static func interrupted(_ last: [StepSketch], times: Int, then outcome: Before = .good) -> Scenario {
    let steps: [StepSketch] = outcome == .good ? [.change("a")] : [.change("a"), .observe("fail")]
    var scenario = Scenario(steps, finally: last) { $0.onFailure = .rollback }
      .at("steps.fail", .exit(1)).at("finally.tell", .exit(0, takes: 5000))
    for time in 0..<times { scenario = scenario.event(.operatorInterrupted, after: Int64(1000 + 100 * time)) }
    return scenario
  }

  /// What the steps before `finally` come to.
  private enum Before { case good, bad }

  @Test("the first INT says what is running, and ends nothing")
  func oneInterrupt() {
    let run = Self.interrupted([Self.tell, .observe("last")], times: 1).play()
    #expect(run.starts == ["a", "tell", "last"])
    #expect(run.outcome == .succeeded)
    #expect(run.reports.contains { $0.contains("tell") && $0.contains("Interrupt again") }, "\(run.reports)")
    #expect(run.violations == [])
  }

  @Test("the next INT ends what is in flight, and the rest is not run: `succeeded` becomes `failed`")
  func twoInterrupts() {
    let run = Self.interrupted([Self.tell, .observe("last")], times: 2).play()
    #expect(run.starts == ["a", "tell"])
    #expect(run.failure(of: "tell") == .operator)
    #expect(run.status("last") == .notRun)
    #expect(run.outcome == .failed)
    #expect(run.cause == .operator)
    #expect(run.violations == [])
    let undone = Self.interrupted([Self.tell, .observe("last")], times: 2, then: .bad).play()
    #expect(undone.starts == ["a", "fail", "undo a", "tell"])
    #expect(undone.outcome == .rolledBack, "a worse outcome stays")
    #expect(undone.cause == .failed)
    #expect(undone.violations == [])
  }

  @Test(
    "INT ends whatever `finally` waits for",
    arguments: [
      StepSketch("x", .observe, .check(.asking("c", within: 3_600_000))), .wait("x", 3_600_000), .manual("x"),
      .observe("x") { $0.preconditions = [Precondition(check: .asking(within: 3_600_000))] },
      .observe("x") { $0.verify = [.asking("v", within: 3_600_000)] },
      .observe("x") { $0.confirm = Confirmation(message: .literal("go?")) },
      .observe("x") {
        $0.retry = Retry(attempts: 5)
        $0.retry?.delay = 3_600_000
      },
      StepSketch("x", .observe, .checklist([.tick(.init(text: .literal("ready"))), .check(.asking())])),
      StepSketch(
        "x", .observe, .group(Group(steps: [PlannedStep(id: "y", effect: .observe, action: .wait(3_600_000))]))),
    ])
  func interruptsOfWaits(step: StepSketch) {
    var scenario = Self.interrupted([step, .observe("last")], times: 2).person("finally.x", nil)
    for address in ["items.0", "items.1", "preconditions.0", "verify.0"] {
      scenario = scenario.at("finally.x.\(address)", .hangs())
    }
    if step.step.retry != nil { scenario = scenario.at("finally.x", .exit(1)) }
    let run = scenario.play()
    #expect(run.outcome == .failed, "\(run.ends)")
    #expect(!run.starts.contains("last"))
    #expect(run.took < 10_000)
    #expect(run.violations == [])
  }

  @Test("an engine that dies while INT ends `finally` is followed by one that begins nothing of it")
  func resumedAfterInterrupts() {
    let run = Self.interrupted([Self.tell, .observe("last")], times: 2).at("finally.tell", .hangs())
      .dies(.beforeEnd("tell")).play().then(.resume)
    #expect(run.ends == [.crashed, .ended(.failed)])
    #expect(run.starts == ["a", "tell"])
    #expect(run.violations == [])
  }

  @Test("TERM ends what is in flight and begins nothing; the next engine goes on with the rest")
  func terminated() {
    let run = Scenario([.change("a")], finally: [Self.tell, .observe("last")]).at("finally.tell", .hangs(), .exit(0))
      .event(.terminated, after: 1000).play()
    #expect(run.end == .paused(.terminated))
    #expect(run.starts == ["a", "tell"])
    run.then(.resume)
    #expect(run.starts == ["a", "tell", "tell", "last"])
    #expect(run.outcome == .succeeded)
    #expect(run.violations == [])
  }
}
