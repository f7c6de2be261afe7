import RunbookParser

/// Ways back short of a whole one: what a failure undoes by itself, and what is temporary.
extension RunState {
  /// What the first failure undoes before its policy says how the run goes on; nil where it says nothing of it.
  var reachOfFailure: UndoReach? {
    guard let step = failure?.step, let scope = self.step(step).undoScope else { return nil }
    var candidate = step
    var next: StepIndex? = step
    while let step = next {
      let frame = frame(of: step)
      if case .item = frame.kind {
        candidate = scope == .step ? frame.owner ?? step : step
        break
      }
      next = frame.owner
    }
    return .within(candidate)
  }

  /// Whether a step is another, or stands inside it.
  func isWithin(_ step: StepIndex, _ holder: StepIndex) -> Bool {
    var next: StepIndex? = step
    while let step = next {
      if step == holder { return true }
      next = owner(of: step)
    }
    return false
  }

  /// Whether the way back that goes on comes to a step at all.
  func reaches(_ step: StepIndex) -> Bool {
    switch undoReach {
    case nil: true
    case .within(let holder): isWithin(step, holder)
    case .temporary: self.step(step).temporary
    }
  }

  /// Whether something temporary is to be undone now that all went well.
  var owesTemporaryUndo: Bool {
    guard index.hasTemporary, !temporaryUndone else { return false }
    return intents.contains { step in
      guard self.step(step).temporary, !isFinal(step) else { return false }
      if case .none = steps[Int(step.value)].undo { return true }
      return false
    }
  }

  /// Some steps are undone.
  mutating func beginUndo(_ reach: UndoReach) {
    undoReach = reach
    if case .within = reach { tell(.rollingBack) }
    phase = .rollingBack(next: intents.count - 1)
    nextUndo()
  }

  /// What was to be undone is: the run goes on as the failure's policy says, or to its end.
  mutating func endReach(_ reach: UndoReach, incomplete: Bool) {
    undoReach = nil
    if incomplete { reachIncomplete = true }
    switch reach {
    case .temporary:
      temporaryUndone = true
      finish(reachIncomplete ? .rollbackIncomplete : hadToleratedFailure ? .failed : .succeeded)
    case .within:
      reachUndone = true
      guard let failure else { return }
      let policy = incomplete ? FailurePolicy.stop : policy(for: failure.step)
      guard policy == .continue, case .within(let holder) = reach else {
        phase = .failing(policy)
        return completeFailing()
      }
      goOn(without: failure, holder)
    }
  }

  /// The run goes on without what failed and was undone.
  ///
  /// - Parameter holder: What was undone; where it holds other steps, these are not begun any more.
  private mutating func goOn(without failed: FirstFailure, _ holder: StepIndex) {
    phase = .forward
    failure = nil
    reachUndone = false
    hadToleratedFailure = true
    if let step = failed.step { satisfyDependents(of: step) }
    if case .block = steps[Int(holder.value)].phase {
      // What stands inside ends from the inside out.
      for place in steps.indices.reversed() {
        let step = StepIndex(place)
        if case .block = steps[place].phase, isWithin(step, holder) {
          fail(step, .failed, "it was undone: \(failed.failure.message)")
        }
      }
    }
    let left = steps.indices.filter { !frame(of: StepIndex($0)).isAtEnd }.map { (StepIndex($0), steps[$0].phase) }
    for (step, phase) in left where !isWithin(step, holder) {
      switch phase {
      case .waiting: beginIfReady(step)
      case .block(let progress): resumeBlock(step, progress)
      default: break
      }
    }
    fillSlots()
    completeForward()
  }
}
