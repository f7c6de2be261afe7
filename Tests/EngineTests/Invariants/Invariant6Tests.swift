import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("Invariant 6: one undo at a time, in reverse order, and never past what needs it")
struct Invariant6Tests {
  @Test("Invariant 6: in random runs, with engines that die anywhere")
  func invariant6_randomRuns() async {
    let broken = await RandomSweep.findings.breaking("invariant 6")
    #expect(broken.isEmpty, "\(broken)")
  }

  @Test("Invariant 6: parallel steps are undone one by one, in reverse order of their first intents")
  func invariant6_reverseOrder() {
    let run = Scenario([
      .change("a", needs: []), .change("b", needs: []), .change("c", needs: ["a"]), .change("d", needs: ["b"]),
      .observe("fail", needs: ["c", "d"]),
    ]) { $0.onFailure = .rollback }
    .at("steps.a", .exit(0, takes: 50)).at("steps.fail", .exit(1)).play()
    #expect(run.intents == ["a", "b", "d", "c", "fail", "undo c", "undo d", "undo b", "undo a"])
    #expect(run.outcome == .rolledBack)
    #expect(run.violations == [])
  }

  @Test("Invariant 6: past an undo that failed, what its step needs stays, and the rest is undone")
  func invariant6_heldBack() {
    let run = Scenario([
      .change("primary", needs: []), .change("other", needs: []), .observe("check", needs: ["primary"]),
      .change("standby", needs: ["check"]), .observe("fail", needs: ["standby", "other"]),
    ]) { $0.onFailure = .rollback }
    .at("steps.fail", .exit(1)).at("steps.standby.rollback", .exit(1)).play()
    #expect(run.starts.filter { $0.hasPrefix("undo") } == ["undo standby", "undo other"])
    guard case .heldBack? = run.undo(of: "primary") else {
      Issue.record("primary: \(String(describing: run.undo(of: "primary")))")
      return
    }
    #expect(run.undo(of: "other") == .undone)
    #expect(run.outcome == .rollbackIncomplete)
    #expect(run.violations == [])
  }

  @Test("Invariant 6: `on-failure: continue` of a rollback lifts that for its step")
  func invariant6_continues() {
    let run = Scenario([
      .change("primary"),
      .change("standby") {
        $0.rollback = .actions([.program("standby") { $0.continuesOnFailure = true }])
      }, .observe("fail"),
    ]) { $0.onFailure = .rollback }
    .at("steps.fail", .exit(1)).at("steps.standby.rollback", .exit(1)).play()
    #expect(run.undo(of: "primary") == .undone)
    #expect(run.outcome == .rollbackIncomplete)
  }

  @Test("Invariant 6: the run's deadline does not cut its rollback short")
  func invariant6_theDeadlineDoesNotReachIt() {
    let run = Scenario([.change("fence"), .change("promote"), .observe("slow")]) {
      $0.onFailure = .rollback
      $0.timeout = 1000
    }
    .at("steps.slow", .hangs()).at("steps.promote.rollback", .exit(0, takes: 5000))
    .at("steps.fence.rollback", .exit(0, takes: 5000)).play()
    #expect(run.cause == .deadline)
    #expect(run.outcome == .rolledBack)
    #expect(run.took > 11_000)
    #expect(run.violations == [])
  }

  @Test("Invariant 6: a rollback that another engine takes up again holds back what it held back before")
  func invariant6_heldBackAcrossEngines() {
    let run = Scenario([
      .change("primary", needs: []), .change("other", needs: []), .change("standby", needs: ["primary"]),
      .observe("fail", needs: ["standby", "other"]),
    ]) { $0.onFailure = .rollback }
    .at("steps.fail", .exit(1)).at("steps.standby.rollback", .exit(1)).dies(.afterIntent("undo other"))
    .person("steps.other", .choice("repeat")).play().then(.resume)
    #expect(run.undo(of: "other") == .undone)
    #expect(run.outcome == .rollbackIncomplete)
    #expect(run.isApplied("primary"))
    #expect(run.violations == [])
  }

  @Test("Invariant 6: an interrupted rollback that is asked for again tries again what failed, in order")
  func invariant6_askedForAgain() {
    let run = Scenario([.change("a", needs: []), .change("b", needs: []), .observe("fail", needs: ["a", "b"])]) {
      $0.onFailure = .rollback
    }
    .at("steps.fail", .exit(1)).at("steps.b.rollback", .exit(1)).dies(.afterIntent("undo a"))
    .person("steps.a", .choice("repeat")).play()
    run.now("steps.b.rollback", .exit(0)).then(.rollback)
    #expect(run.starts == ["a", "b", "fail", "undo b", "undo b", "undo a"])
    #expect(run.outcome == .rolledBack)
    #expect(run.violations == [])
  }
}
