import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.5 Failure and rollback")
struct RollbackTests {
  @Test("with `rollback`, steps in flight are stopped and awaited; irreversible ones run to their end")
  func inFlight() {
    let run = Scenario([
      .change("fence", needs: []), .irreversible("delete", needs: []), .observe("fail", needs: []),
    ]) { $0.onFailure = .rollback }
    .at("steps.fence", .exit(0, takes: 1000)).at("steps.delete", .exit(0, takes: 1000))
    .at("steps.fail", .exit(1, takes: 50)).play()
    #expect(run.failure(of: "fence") == .stopped)
    #expect(run.status("delete") == .succeeded)
    #expect(run.violations == [])
  }

  @Test("with `stop`, steps in flight run to their end and changes are left in place")
  func stop() {
    let run = Scenario([.change("fence", needs: []), .observe("fail", needs: []), .observe("later", needs: ["fence"])])
    {
      $0.onFailure = .stop
    }.at("steps.fence", .exit(0, takes: 1000)).at("steps.fail", .exit(1)).play()
    #expect(run.status("fence") == .succeeded)
    #expect(run.status("later") == .notRun)
    #expect(run.outcome == .stopped)
    #expect(run.fate("fence") == .applied)
  }

  @Test("with `ask`, a person decides", arguments: [("rollback", RunOutcome.rolledBack), ("stop", .stopped)])
  func ask(choice: String, outcome: RunOutcome) {
    let run = Scenario([.change("fence"), .observe("fail")]) { $0.onFailure = .ask }
      .at("steps.fail", .exit(1)).person("run", .choice(choice)).play()
    #expect(run.outcome == outcome)
  }

  @Test("the first failure sets what happens; that of a step being stopped for it changes nothing")
  func firstFailure() {
    let run = Scenario([
      .change("a", needs: []) { $0.onFailure = .stop }, .observe("b", needs: []) { $0.onFailure = .rollback },
    ]).at("steps.a", .hangs()).at("steps.b", .exit(1)).play()
    #expect(run.simulator.state.failure?.step == StepIndex(1))
    #expect(run.starts == ["a", "b", "undo a"])
    #expect(run.outcome == .rolledBack)
  }

  @Test("a refused spawn is no start")
  func refused() {
    let run = Scenario([.change("fence"), .change("promote")]).at("steps.promote", .refused).play()
    #expect(run.starts == ["fence", "promote", "undo fence"])
    #expect(run.outcome == .rolledBack)
    #expect(run.fate("promote") == nil)
  }

  @Test("`applied` saying no spares the undo; no answer does not")
  func spared() {
    let steps = [StepSketch.change("fence") { $0.applied = .asking() }]
    let no = Scenario(steps).at("steps.fence", .exit(1)).play()
    #expect(no.starts == ["fence"])
    #expect(no.outcome == .failed)
    let none = Scenario(steps).at("steps.fence", .exit(1)).at("steps.fence.applied", .signalled()).play()
    #expect(none.starts == ["fence", "undo fence"])
  }

  @Test("an irreversible step that may have taken effect holds back what started before it, in every branch")
  func pointOfNoReturn() {
    let scenario = Scenario([
      .change("early", needs: []), .irreversible("delete", needs: []), .change("late", needs: ["early"]),
      .observe("fail", needs: ["delete", "late"]),
    ]) { $0.onFailure = .rollback }.at("steps.early", .exit(0, takes: 50)).at("steps.fail", .exit(1))
    let alone = scenario.play()
    #expect(alone.starts.suffix(1) == ["undo late"])
    #expect(alone.isApplied("early"))
    #expect(alone.outcome == .rollbackIncomplete)
    let passed = scenario.person("steps.delete", .yes).play()
    #expect(passed.starts.suffix(2) == ["undo late", "undo early"])
    let refused = scenario.person("steps.delete", .no).play()
    #expect(refused.isApplied("early"))
  }

  @Test("a point of no return that is known to be unapplied holds nothing back")
  func unappliedPointOfNoReturn() {
    let run = Scenario([.change("early"), .irreversible("delete") { $0.applied = .asking() }])
      .at("steps.delete", .exit(1)).play()
    #expect(run.starts == ["early", "delete", "undo early"])
    #expect(run.outcome == .rolledBack)
  }

  @Test("a point of no return holds back even where a failed undo would hold back it")
  func heldBackPointOfNoReturn() {
    let run = Scenario([
      .change("other", needs: []), .irreversible("delete", needs: []), .change("on-top", needs: ["delete"]),
      .observe("fail", needs: ["other", "on-top"]),
    ]) { $0.onFailure = .rollback }
    .at("steps.other", .exit(0)).at("steps.fail", .exit(1)).at("steps.on-top.rollback", .exit(1)).play()
    #expect(run.isApplied("other"))
    #expect(run.violations == [])
  }

  @Test("undo actions run in order, each with its verification; a false `when` leaves one out")
  func undoLists() {
    let undos = [
      UndoAction.program("one") { $0.verify = [.asking()] }, .program("two") { $0.when = expression("1 == 2") },
      .program("three"),
    ]
    let run = Scenario([.change("a") { $0.rollback = .actions(undos) }, .observe("fail")])
      .at("steps.fail", .exit(1)).play()
    #expect(run.starts == ["a", "fail", "undo a", "undo a"])
    #expect(run.probes == ["steps.a.rollback.0.verify.0"])
    #expect(run.outcome == .rolledBack)
  }

  @Test("an expression of the way back that errs is a failed undo, never a skip")
  func erringUndo() {
    let run = Scenario([
      .change("a") { $0.rollback = .actions([.program("a") { $0.when = expression("1 / 0 == 1") }]) },
      .observe("fail"),
    ]).at("steps.fail", .exit(1)).play()
    #expect(run.starts == ["a", "fail"])
    #expect(run.outcome == .rollbackIncomplete)
  }

  @Test("`rollback: none` is left by declaration, and is no residue")
  func left() {
    let run = Scenario([
      .change("log") { $0.rollback = .none(because: "it is a log entry", mendedBy: nil) }, .observe("fail"),
    ]).at("steps.fail", .exit(1)).play()
    #expect(run.fate("log") == .left("it is a log entry"))
    #expect(run.simulator.state.residue.isClean)
    #expect(run.outcome == .rolledBack)
  }

  @Test("a rollback on request of a run that is over")
  func onRequest() {
    let run = Scenario([.change("a"), .change("b")]).play()
    #expect(run.outcome == .succeeded)
    run.then(.rollback)
    #expect(run.outcome == .rolledBack)
    #expect(run.starts == ["a", "b", "undo b", "undo a"])
  }

  @Test("a rollback on request asks again at a point of no return")
  func onRequestPastAPointOfNoReturn() {
    let run = Scenario([.change("early"), .irreversible("delete"), .observe("fail")]) { $0.onFailure = .rollback }
      .at("steps.fail", .exit(1)).play().then(.rollback)
    #expect(run.outcome == .rollbackIncomplete)
    #expect(run.isApplied("early"))
    run.then(.rollback, attended: true)
    #expect(!run.isApplied("early"))
    #expect(run.violations == [])
  }
}
