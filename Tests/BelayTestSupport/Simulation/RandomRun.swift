import RunEngine
import RunbookParser

/// One run of a random plan in a random world, with as many engines as it takes to come to its end.
package struct RandomRun {
  /// The seed, which says everything.
  package let seed: UInt64
  /// What ran.
  package let plan: RunPlan
  /// What drove it.
  package let simulator: Simulator
  /// How each engine's work ended.
  package private(set) var ends: [SimulationEnd] = []
  /// What was wrong.
  package private(set) var violations: [String] = []

  package init(seed: UInt64) {
    self.seed = seed
    plan = RandomPlan.make(seed: seed)
    let script = RandomScript(seed: seed)
    simulator = Simulator(plan: plan, script: script)
    play(script)
    violations += simulator.violations + SimulationOracle.check(simulator.entries, of: plan)
    checkStandstill()
    if !script.lies { checkTruth() }
  }

  private mutating func play(_ script: RandomScript) {
    var purpose = EngineStart.Purpose.run
    for turn in 0..<12 {
      if turn == 8 { script.isCalm = true }
      for (event, after) in script.disturbances() { simulator.schedule(event, after: after) }
      simulator.login = script.login()
      var end = simulator.drive(
        purpose, attended: script.isAttended(), survivorsPossible: purpose != .run && script.leavesSurvivors())
      ends.append(end)
      if case .paused = end, script.rarely(4) {
        end = simulator.abandon()
        ends.append(end)
      }
      if end == .crashed, case .ended(let outcome) = simulator.state.phase { end = .ended(outcome) }
      switch end {
      case .ended:
        guard script.rarely(25), simulator.state.isTerminal else { return }
        purpose = .rollback
      case .paused, .crashed, .waiting:
        purpose = script.nextPurpose()
        if simulator.state.engine == nil { purpose = .run }
      case .stuck, .endless, .fault:
        violations.append("an engine's work ended as \(end)")
        return
      }
      simulator.pass(1000)
    }
    if simulator.state.isTerminal { return }
    violations.append("the run does not come to its end: \(ends)")
  }

  /// Where a run is over, no step may be under way.
  private mutating func checkStandstill() {
    guard simulator.state.isTerminal else { return }
    for (place, step) in simulator.state.steps.enumerated() {
      switch step.phase {
      case .waiting, .ended: break
      default: violations.append("invariant 5: step \(place) of a run that is over is in \(step.phase)")
      }
      switch step.undo {
      case .none, .ended: break
      default: violations.append("invariant 5: the undo of step \(place) of a run that is over is in \(step.undo)")
      }
    }
  }

  /// Where every answer was true and no person settled a doubt, what the run says of the world is so.
  private mutating func checkTruth() {
    var started: Set<EffectID> = []
    for entry in simulator.entries {
      switch entry {
      case .performed(.start(let request), _, _): started.insert(request.id)
      case .committed(.asked(_, let question), _, _):
        if case .choose(let choices) = question.kind, choices.contains(where: { $0.id == "repeat" }) { return }
      default: break
      }
    }
    guard case .ended(let outcome) = simulator.state.phase else { return }
    for place in simulator.state.steps.indices where !simulator.state.isFinal(StepIndex(place)) {
      let step = simulator.state.steps[place]
      let planned = simulator.state.step(StepIndex(place))
      let acted = started.contains { $0.step == StepIndex(place) && $0.slot == .action }
      guard acted, planned.effect == .change, case .program = planned.action else { continue }
      let applied = simulator.world.applied[place]
      if outcome == .succeeded, step.end == .succeeded, step.undo == .none, planned.applied != nil, !applied {
        violations.append("4.13: the run succeeds though \(planned.id) is not applied")
      }
      if outcome == .rolledBack, Self.isUndoneByPrograms(planned), applied {
        violations.append("invariant 6: the run is rolled back though \(planned.id) is applied")
      }
    }
  }

  private static func isUndoneByPrograms(_ step: PlannedStep) -> Bool {
    guard case .actions(let actions) = step.rollback else { return false }
    return actions.allSatisfy { action in
      if case .program = action.action { action.when == nil && action.verify.isEmpty } else { false }
    }
  }

  /// What happened, for people.
  package var account: String {
    let lines = simulator.entries.enumerated().map { "\($0.offset + 1). \($0.element)" }
    let state = simulator.state
    let steps = state.steps.indices.map { place in
      let step = state.step(StepIndex(place))
      return "  \(place) \(state.path(of: StepIndex(place))) \(step.effect) needs \(step.needs)"
        + " \(step.onFailure.map { "\($0)" } ?? "") \(step.undoScope.map { "\($0)" } ?? "") \(step.temporary)"
    }
    return (["seed \(seed)", "ends \(ends)"] + steps + violations + lines).joined(separator: "\n")
  }
}
