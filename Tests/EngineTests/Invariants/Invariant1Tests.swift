import BelayTestSupport
import RunEngine
import RunbookExecutor
import RunbookParser
import Testing

@Suite("Invariant 1: no action starts before its intent is durable")
struct Invariant1Tests {
  /// A chain and two branches, with a failure at the end, so that undos are started too.
  private static let plan = RunPlan.of([
    .change("fence"), .change("switch", needs: []), .change("promote", needs: ["fence"]),
    .observe("fail", needs: ["fence", "switch", "promote"]),
  ]) { $0.onFailure = .rollback }

  private static func exit(_ request: StartRequest) -> Int { request.effect == .observe ? 1 : 0 }

  @Test("Invariant 1: every start, of an action and of an undo, finds its intent durable")
  func invariant1_noActionStartsBeforeItsIntentIsDurable() {
    let rig = LoopRig(Self.plan, exit: Self.exit)
    #expect(rig.run() == .ended(.rolledBack))
    rig.real.memory.withLock { memory in
      #expect(memory.starts.count == 7)
      #expect(memory.withoutIntent.isEmpty)
    }
  }

  @Test("Invariant 1: after a commit that failed nothing starts any more", arguments: 1...9)
  func invariant1_nothingStartsAfterAFailedCommit(commit: Int) {
    let rig = LoopRig(Self.plan, failsAt: commit, exit: Self.exit)
    let end = rig.run()
    rig.real.memory.withLock { memory in
      if rig.durable.failed.load(ordering: .sequentiallyConsistent) {
        if case .journalFailed = end {} else { Issue.record("the loop ended as \(end)") }
      }
      #expect(memory.afterFailure.isEmpty)
      #expect(memory.withoutIntent.isEmpty)
    }
  }

  @Test("Invariant 1: in random runs, with engines that die anywhere")
  func invariant1_randomRuns() async {
    let broken = await RandomSweep.findings.breaking("invariant 1")
    #expect(broken.isEmpty, "\(broken)")
  }
}
