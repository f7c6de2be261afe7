import RunEngine
import RunbookParser

/// What is known of the present way back.
struct UndoFacts {
  /// The undo in flight.
  var active: EffectID?
  /// The place in the order of first intents of the step undone last.
  var lastPlace: Int?
  /// The step undone last.
  var lastStep: Int?
  /// Steps whose undo did not succeed.
  var failed: [Int] = []
  /// Points of no return that a person passed.
  var passed: Set<Int> = []
}

extension SimulationOracle {
  mutating func takeUndoIntent(_ step: Int, _ place: Int) {
    if terminating { report("4.14: the undo of \(name(step)) is intended after TERM") }
    if !rollingBack { report("invariant 6: \(name(step)) is undone outside a rollback") }
    guard let own = order.firstIndex(of: step) else {
      return report("invariant 6: \(name(step)) is undone and never started")
    }
    if let active = undo.active { report("invariant 6: \(name(step)) is undone while \(active) is") }
    if let last = undo.lastPlace, own > last {
      report("invariant 6: \(name(step)) is undone after what started before it")
    }
    undo.lastPlace = own
    undo.lastStep = step
    for failure in undo.failed where closure(of: failure).contains(step) {
      report("invariant 6: \(name(step)) is undone though \(name(failure)), which needs it, is not")
    }
    for other in order[(own + 1)...] where steps[other].effect == .irreversible && !isFinal(other) {
      if !undo.passed.contains(other), !isSpared(other) {
        report("4.5: \(name(step)) is undone past the point of no return \(name(other))")
      }
    }
    if facts.contains(where: { $0.started > 0 && $0.end == nil }) {
      for other in plan.steps.indices where facts[other].started > 0 && facts[other].end == nil {
        report("invariant 6: \(name(step)) is undone while \(name(other)) has not ended")
      }
    }
  }

  mutating func takeUndoStart(_ id: EffectID, _ step: Int) {
    if let active = undo.active { report("invariant 6: \(id) starts while \(active) is in flight") }
    if inFlight.keys.filter({ !isKept($0) }).count > 1 {
      report("invariant 6: \(id) starts while something else is in flight")
    }
    undo.active = id
  }

  mutating func takeUndoEnd(_ step: Int, _ end: UndoEnd) {
    facts[step].undoEnd = end
    switch end {
    case .failed:
      guard case .actions(let actions) = steps[step].rollback else { return }
      if !actions.contains(where: \.continuesOnFailure) { undo.failed.append(step) }
    case .undone, .spared, .left, .heldBack: break
    }
  }

  mutating func checkOutcome(_ outcome: RunOutcome) {
    let ends = order.filter { !isFinal($0) }.map { (step: $0, end: facts[$0].undoEnd) }
    let bad = ends.filter { entry in
      switch entry.end {
      case .failed, .heldBack: true
      default: false
      }
    }
    if let first = bad.first, outcome != .rollbackIncomplete, outcome != .aborted {
      report("invariant 6: the outcome is \(outcome) though the undo of \(name(first.step)) did not succeed")
    }
    if outcome == .rolledBack {
      for entry in ends where entry.end == nil && steps[entry.step].effect != .observe {
        report("invariant 6: the outcome is \(outcome) and \(name(entry.step)) was not looked at")
      }
    }
    if outcome == .succeeded {
      for step in plan.steps.indices {
        if case .failed = facts[step].end { report("4.13: the run succeeds though \(name(step)) failed") }
      }
    }
  }

  private func isSpared(_ step: Int) -> Bool {
    if case .spared = facts[step].undoEnd { true } else { false }
  }

  /// Everything a step needs, directly or through others.
  func closure(of step: Int) -> Set<Int> {
    var found: Set<Int> = []
    var open = needs[step]
    while let next = open.popLast() {
      if found.insert(next).inserted { open += needs[next] }
    }
    return found
  }
}
