import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("Invariant 5: no effect is issued twice, and nothing of a run that is over goes on")
struct Invariant5Tests {
  @Test("Invariant 5: in random runs, with engines that die anywhere")
  func invariant5_randomRuns() async {
    let broken = await RandomSweep.findings.breaking("invariant 5")
    #expect(broken.isEmpty, "\(broken)")
  }

  @Test("Invariant 5: random runs come to their ends, and to every kind of outcome")
  func invariant5_everyRunEnds() async {
    let findings = await RandomSweep.findings
    let stray = findings.violations.filter { !$0.text.hasPrefix("invariant") }.prefix(5)
      .map { "seed \($0.seed): \($0.text)" }.joined(separator: "\n")
    #expect(stray.isEmpty, "\(stray)")
    #expect(RunOutcome.allCases.allSatisfy { findings.outcomes[$0, default: 0] > 10 }, "\(findings.outcomes)")
  }

  @Test("Invariant 5: a second rollback gives its undos names of their own")
  func invariant5_namesAreGivenOnce() {
    let run = Scenario([.change("fence"), .observe("fail")]) { $0.onFailure = .rollback }
      .at("steps.fail", .exit(1)).at("steps.fence.rollback", .exit(1), .exit(0)).play()
    #expect(run.outcome == .rollbackIncomplete)
    run.then(.rollback)
    #expect(run.outcome == .rolledBack)
    #expect(run.intents == ["fence", "fail", "undo fence", "undo fence"])
    #expect(run.violations == [])
  }

  @Test("Invariant 5: an answer that comes too late counts for nothing")
  func invariant5_lateAnswers() throws {
    var state = RunState(
      RunStart(
        id: "abcdefghijkl", operatorName: "alice",
        plan: RunPlan.of([
          .observe("fail", needs: []), .change("ask", needs: []) { $0.confirm = .init(message: .literal("go?")) },
        ]) {
          $0.onFailure = .stop
        }), at: 0)
    func apply(_ event: RunEvent) throws {
      var queue = [event]
      while !queue.isEmpty {
        for case .record(let decision) in try state.apply(queue.removeFirst(), at: 0) { queue.append(decision) }
      }
    }
    try apply(.engineStarted(EngineStart(epoch: 1, purpose: .run, attended: true)))
    guard case .confirming(let question) = state.steps[1].phase else {
      Issue.record("the step is in \(state.steps[1].phase)")
      return
    }
    let action = EffectID(step: StepIndex(0), slot: .action, serial: 1)
    try apply(.actionEnded(action, ActionEnd(.exited(status: 1, stdout: CapturedOutput(), stderr: CapturedOutput()))))
    #expect(state.phase == .ended(.failed))
    try apply(.answered(question, .yes(fields: []), by: "alice", evidence: .observed))
    try apply(.unanswerable(question))
    #expect(state.phase == .ended(.failed))
    #expect(state.steps[1].status == .notRun)
  }

  @Test("Invariant 5: a run that is given up leaves no step under way")
  func invariant5_abandoned() {
    let run = Scenario([.change("promote")]).dies(.beforeEnd("promote")).play().then(.resume).abandon()
    #expect(run.outcome == .aborted)
    #expect(run.fate("promote") == .inDoubt)
    #expect(run.violations == [])
  }
}
