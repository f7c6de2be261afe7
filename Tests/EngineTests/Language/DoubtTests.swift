import BelayTestSupport
import Expressions
import RunEngine
import RunbookParser
import Testing

@Suite("4.6 Doubt")
struct DoubtTests {
  @Test("a `verify` that holds means done, where there is no `applied`; one that does not means nothing")
  func verifyDecides() {
    let steps = [StepSketch.change("promote") { $0.verify = [.asking()] }]
    let holds = Scenario(steps).dies(.beforeEnd("promote")).play().then(.resume)
    #expect(holds.outcome == .succeeded)
    #expect(holds.starts == ["promote"])
    let not = Scenario(steps).dies(.afterIntent("promote")).play().then(.resume)
    #expect(not.end == .paused(.personNeeded))
    #expect(not.starts.isEmpty)
  }

  @Test("`applied` that holds is followed by the verification")
  func appliedThenVerify() {
    let run = Scenario([
      .change("promote") {
        $0.applied = .asking()
        $0.verify = [.asking()]
      }
    ]).dies(.beforeEnd("promote")).play().then(.resume)
    #expect(run.probes == ["steps.promote.applied", "steps.promote.verify.0"])
    #expect(run.outcome == .succeeded)
  }

  @Test(
    "`applied` that could not ask is no answer: neither does a change start again for it, nor is its undo spared",
    arguments: [
      (nil, 0, CheckVerdict.Answer.holds), (nil, 1, .fails), (nil, 2, .none), (nil, 255, .none),
      ("result.stdout == 'there'", 0, .fails), ("result.stdout == 'there'", 1, .none),
      ("result.stdout == ''", 0, .holds), ("result.stdout == ''", 1, .none),
      ("result.exit == 3 || result.stdout == 'there'", 1, .fails), ("result.exit == 3", 3, .holds),
    ] as [(String?, Int, CheckVerdict.Answer)])
  func couldNotAsk(expect: String?, status: Int, answer: CheckVerdict.Answer) throws {
    var check = Check.asking()
    check.expect = try expect.map { try Expression.parse($0).get() }
    let applied = check
    let killed = Scenario([.change("a") { $0.applied = applied }]).at("steps.a.applied", .exit(status))
      .dies(.afterIntent("a")).play().then(.resume)
    switch answer {
    case .holds: #expect(killed.outcome == .succeeded && killed.starts.isEmpty)
    case .fails: #expect(killed.outcome == .succeeded && killed.starts == ["a"])
    case .none, .assumed: #expect(killed.end == .paused(.personNeeded) && killed.starts.isEmpty)
    }
    let undone = Scenario([.change("a") { $0.applied = applied }, .observe("fail")]) { $0.onFailure = .rollback }
      .at("steps.a.applied", .exit(status)).at("steps.fail", .exit(1)).play()
    #expect(undone.starts == (answer == .fails ? ["a", "fail"] : ["a", "fail", "undo a"]))
  }

  @Test(
    "`applied` by a request: success is yes, gone or never there is no, and any other status is no answer",
    arguments: [
      (nil, 200, "", CheckVerdict.Answer.holds), (nil, 204, "", .holds), (nil, 404, "", .fails), (nil, 410, "", .fails),
      (nil, 401, "", .none), (nil, 500, "", .none), (nil, 302, "", .none),
      ("result.body == 'there'", 200, "there", .holds), ("result.body == 'there'", 200, "", .fails),
      ("result.body == 'there'", 503, "there", .none), ("result.status == 503", 503, "", .holds),
      ("result.status == 503", 500, "", .fails),
    ] as [(String?, Int, String, CheckVerdict.Answer)])
  func appliedByRequest(expect: String?, status: Int, body: String, answer: CheckVerdict.Answer) throws {
    var check = Check(.http(HTTPCall(method: "GET", url: .literal("http://127.0.0.1/applied"))))
    check.expect = try expect.map { try Expression.parse($0).get() }
    let applied = check
    let scenario = Scenario([.change("a") { $0.applied = applied }, .observe("fail")]) { $0.onFailure = .rollback }
      .at("steps.a.applied", .reply(status, text: body)).at("steps.fail", .exit(1))
    #expect(scenario.play().starts == (answer == .fails ? ["a", "fail"] : ["a", "fail", "undo a"]))
    let killed = scenario.dies(.afterIntent("a")).play().then(.resume)
    switch answer {
    case .holds: #expect(killed.starts.first == "fail")
    case .fails: #expect(killed.starts.first == "a")
    case .none, .assumed: #expect(killed.end == .paused(.personNeeded) && killed.starts.isEmpty)
    }
  }

  @Test("observing steps are simply repeated")
  func observing() {
    let run = Scenario([.observe("look")]).dies(.beforeEnd("look")).play().then(.resume)
    #expect(run.starts == ["look", "look"])
    #expect(run.outcome == .succeeded)
  }

  @Test("an end that is durable is no doubt, though the engine died with it")
  func durableEnds() {
    let run = Scenario([.change("promote"), .change("repoint")]).dies(.afterEnd("promote")).play().then(.resume)
    #expect(run.ends.first == .crashed)
    #expect(run.starts == ["promote"], "the intent of the second step is durable, and nobody knows more")
    #expect(run.status("promote") == .succeeded)
    #expect(run.end == .paused(.personNeeded))
  }

  @Test("a run that began to roll back never goes forward again; resume continues the rollback")
  func resumeGoesOnBack() {
    let run = Scenario([.change("a"), .change("b"), .observe("fail"), .observe("never")]) {
      $0.onFailure = .rollback
    }.at("steps.fail", .exit(1)).dies(.afterEnd("undo b")).play().then(.resume, attended: true)
    #expect(run.starts.filter { !$0.hasPrefix("undo") } == ["a", "b", "fail"])
    #expect(run.violations == [])
  }

  @Test("an undo in doubt is repeated if it is `repeatable`; its own `verify` comes first")
  func undoInDoubt() {
    func scenario(_ change: @escaping (inout UndoAction) -> Void) -> Scenario {
      Scenario([.change("a") { $0.rollback = .actions([.program("a", change)]) }, .observe("fail")]) {
        $0.onFailure = .rollback
      }.at("steps.fail", .exit(1))
    }
    let repeated = scenario { $0.repeatable = true }.dies(.beforeEnd("undo a")).play().then(.resume)
    #expect(repeated.starts.suffix(2) == ["undo a", "undo a"])
    #expect(repeated.outcome == .rolledBack)
    let verified = scenario { $0.verify = [.asking()] }.dies(.beforeEnd("undo a")).play().then(.resume)
    #expect(verified.starts.suffix(1) == ["undo a"])
    #expect(verified.outcome == .rolledBack)
    let unknown = scenario { _ in }.dies(.beforeEnd("undo a")).play().then(.resume)
    #expect(unknown.outcome == .rollbackIncomplete, "unattended it counts as failed")
    let asked = scenario { _ in }.dies(.beforeEnd("undo a")).play()
    #expect(asked.then(.resume, attended: true).outcome == .rolledBack)
  }

  @Test("what an earlier engine may have left running stays in doubt, undos included")
  func survivors() {
    let run = Scenario([
      .change("a") { $0.rollback = .actions([.program("a") { $0.repeatable = true }]) }, .observe("fail"),
    ]) { $0.onFailure = .rollback }.at("steps.fail", .exit(1)).dies(.afterIntent("undo a")).play()
      .then(.resume, survivorsPossible: true)
    #expect(run.starts == ["a", "fail"])
    #expect(run.outcome == .rollbackIncomplete)
  }

  @Test("steps of `finally` and steps that were not run do not begin because an engine resumes")
  func resumeKeepsItsPlace() {
    let early = Scenario([.observe("look"), .manual("wait")], finally: [.observe("tell")])
      .play().then(.resume)
    #expect(early.end == .paused(.personNeeded))
    #expect(early.starts == ["look"])
    let late = Scenario([.observe("fail"), .observe("never", needs: [])], finally: [.observe("tell")]) {
      $0.onFailure = .stop
      $0.maxParallel = 1
    }.at("steps.fail", .exit(1)).dies(.afterIntent("tell")).play().then(.resume)
    #expect(late.starts == ["fail", "tell"])
    #expect(late.outcome == .failed)
  }
}
