import BelayTestSupport
import RunEngine
import RunbookExecutor
import RunbookParser
import Testing

@Suite("Invariant 2: a dry run never starts a changing action")
struct Invariant2Tests {
  /// The first words of what changes the world in random plans: `do` and `undo`; a `dry-run` action says `dry`.
  private static func changes(_ request: StartRequest) -> Bool {
    guard case .program(let program) = request.action else { return request.effect != .observe }
    return program.arguments.first == "do" || program.arguments.first == "undo"
  }

  @Test("Invariant 2: no change reaches the real performer, in 300 random plans")
  func invariant2_aDryRunStartsNoChange() {
    for seed in UInt64(0)..<300 {
      let rig = LoopRig(RandomPlan.make(seed: seed), dryRun: true)
      let end = rig.run()
      rig.real.memory.withLock { memory in
        let changing = memory.starts.filter(Self.changes)
        #expect(changing.isEmpty, "seed \(seed)")
        #expect(memory.starts.allSatisfy { $0.effect == .observe }, "seed \(seed)")
        #expect(memory.questions.isEmpty, "seed \(seed)")
      }
      if case .fault(let text) = end { Issue.record("seed \(seed): \(text)") }
    }
  }

  @Test("Invariant 2: what observes is done really, and a change is assumed")
  func invariant2_changesAreAssumed() {
    let plan = RunPlan.of([
      .observe("look"), .change("promote") { $0.verify = [.asking("is-it-so")] }, .observe("after"),
    ])
    let rig = LoopRig(plan, dryRun: true)
    #expect(rig.run() == .ended(.succeeded))
    rig.real.memory.withLock { memory in
      #expect(memory.starts.map(\.id.step) == [StepIndex(0), StepIndex(2)])
      #expect(memory.probes.isEmpty, "the verification of a change that was not made is not asked")
    }
    #expect(rig.loop.currentState.overallEvidence == .assumed)
    #expect(rig.loop.currentState.steps[1].evidence == .assumed)
  }

  @Test("Invariant 2: a `dry-run` action stands for its change")
  func invariant2_aDryRunActionStandsForItsChange() {
    let plan = RunPlan.of([.change("apply") { $0.dryRun = .program(.words("dry", "apply")) }])
    let rig = LoopRig(plan, dryRun: true)
    #expect(rig.run() == .ended(.succeeded))
    rig.real.memory.withLock { memory in
      #expect(
        memory.starts.map(\.action) == [.program(ResolvedProgram(arguments: ["dry", "apply"]))])
    }
    #expect(rig.loop.currentState.overallEvidence == .assumed)
  }

  @Test("Invariant 2: what rests on a change that was not made is asked once, and not waited for", arguments: [0, 1])
  func invariant2_whatRestsOnAssumptionsIsAskedOnce(expected: Int) {
    var check = Check.asking("takes-writes", within: 1_000_000, holds: 10_000)
    check.expect = expression("result.exit == \(expected)")
    let plan = RunPlan.of([.change("promote"), StepSketch("see", .observe, .check(check))])
    let dry = LoopRig(plan, dryRun: true)
    #expect(dry.run() == .ended(.succeeded))
    dry.real.memory.withLock { #expect($0.probes.count == 1) }
    let real = LoopRig(plan)
    #expect(real.run() == .ended(expected == 0 ? .succeeded : .rolledBack))
    real.real.memory.withLock { #expect($0.probes.count > 1) }
  }

  @Test("Invariant 2: a background program that was not ready, for want of a change, is not started once more")
  func invariant2_whatWasNotReadyStaysDown() {
    var ready = Check.asking("serves", within: 1)
    ready.expect = expression("result.exit == 1")
    let plan = RunPlan.of([
      .change("install"),
      StepSketch("serve", .observe, .program(.words("serve"))) { $0.ready = ready },
      .observe("use"), .observe("again"),
    ])
    let rig = LoopRig(plan, dryRun: true)
    #expect(rig.run() == .ended(.succeeded))
    rig.real.memory.withLock { memory in
      #expect(memory.starts.map(\.id.step) == [StepIndex(1)], "what needs it is unknown, too")
    }
    #expect(rig.loop.currentState.steps[2...3].allSatisfy { $0.evidence == .assumed && $0.end == .succeeded })
    #expect(rig.loop.currentState.overallEvidence == .assumed)
  }

  @Test("Invariant 2: a dry run that fails undoes nothing really")
  func invariant2_aFailedDryRunUndoesNothing() {
    // Nothing of it is assumed to rest on the change, so that its failure is one.
    let plan = RunPlan.of([.change("fence"), .observe("fail", needs: [])]) { $0.onFailure = .rollback }
    let rig = LoopRig(plan, dryRun: true, exit: { _ in 1 })
    #expect(rig.run() == .ended(.rolledBack))
    rig.real.memory.withLock { memory in
      #expect(memory.starts.map(\.id.step) == [StepIndex(1)])
    }
    #expect(rig.loop.currentState.overallEvidence == .assumed)
  }
}
