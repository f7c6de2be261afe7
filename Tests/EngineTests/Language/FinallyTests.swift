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
}
