import RunbookParser

/// Ways back short of a whole one: what a failure undoes by itself, and what is temporary.
extension RunState {
  /// What the first failure undoes before its policy says how the run goes on; nil where it says nothing of it.
  var reachOfFailure: UndoReach? {
    guard let failure, let step = failure.step, let scope = self[step].undoScope else { return nil }
    // What the called runbook says of its own time comes first.
    if failure.failure.cause == .deadline, case .call(let call) = self[step].action, call.onFailure != nil {
      return nil
    }
    // What says it for all that stands inside it is what is undone.
    var origin = step
    while self[origin].inheritsFailure, let owner = owner(of: origin) { origin = owner }
    var candidate = origin
    var next: StepIndex? = origin
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

  /// How many of the steps inside a step, at any depth, have failed; those that hold others are not counted.
  package func failures(inside holder: StepIndex) -> Int {
    steps.indices.count { place in
      guard case .failed = steps[place].end, !self[StepIndex(place)].action.holdsOthers else { return false }
      return StepIndex(place) != holder && isWithin(StepIndex(place), holder)
    }
  }

  /// Whether a step was undone by itself and the run went on, or stands inside such a one; not in a `finally`, which runs
  /// all the same.
  func isUndoneAlone(_ step: StepIndex) -> Bool {
    !undoneHolders.isEmpty && !isFinal(step) && undoneHolders.keys.contains { isWithin(step, $0) }
  }

  /// Whether the way back that goes on comes to a step at all.
  func reaches(_ step: StepIndex) -> Bool {
    switch undoReach {
    case nil: true
    case .within(let holder): isWithin(step, holder)
    case .temporary: self[step].temporary
    }
  }

  /// Whether something temporary is to be undone now that all went well.
  var owesTemporaryUndo: Bool {
    guard index.hasTemporary, !temporaryUndone else { return false }
    return intents.contains { step in
      guard self[step].temporary, !isFinal(step) else { return false }
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
    if case .within = reach { askAgainAboutPassages() }
    undoReach = nil
    if incomplete { reachIncomplete = true }
    switch reach {
    case .temporary:
      temporaryUndone = true
      finish(reachIncomplete ? .rollbackIncomplete : hadToleratedFailure ? .failed : .succeeded)
    case .within:
      reachUndone = true
      guard let failure else { return }
      let policy = incomplete || aborting ? FailurePolicy.stop : policy(for: failure.step)
      guard policy == .continue, case .within(let holder) = reach else {
        phase = .failing(policy)
        return completeFailing()
      }
      goOn(without: failure, holder)
    }
  }

  /// Points of no return that this way back only passed are asked about again by the next.
  private mutating func askAgainAboutPassages() {
    for step in intents where self[step].effect == .irreversible && !reaches(step) {
      if case .ended = steps[Int(step.value)].undo { setUndo(step, .none) }
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
    // What begins on the way is not what was left.
    let left = steps.indices.filter { !frame(of: StepIndex($0)).isAtEnd }.map { (StepIndex($0), steps[$0].phase) }
    takeLaterFailures(besides: holder)
    undoneHolders[holder] = failed.failure.message
    // What comes after something inside what was undone is undone, too; what holds it ends only now.
    if failed.step == holder, steps[Int(holder.value)].end != nil { satisfyDependents(of: holder) }
    // What stands inside ends from the inside out.
    for place in steps.indices.reversed() where isWithin(StepIndex(place), holder) { endUndone(StepIndex(place)) }
    guard failure == nil else { return }
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

  /// Ends a step that holds others and was undone with them; a called runbook once its `finally` has run.
  mutating func endUndone(_ step: StepIndex) {
    guard case .block(let progress) = steps[Int(step.value)].phase, !holdsOpen(step) else { return }
    if failure == nil, let frame = steps[Int(step.value)].frames.map({ $0.lowerBound + 1 }), isOwed(frame, of: step) {
      if case .finally = progress {} else { setPhase(step, .block(.finally(left: frames[frame].planned.count))) }
      return beginFinally(frame)
    }
    let why = undoneHolders.filter { isWithin(step, $0.key) }.max { $0.key < $1.key }?.value ?? ""
    fail(step, .failed, "it was undone: \(why)")
  }

  /// Whether something inside a step goes on, or has not ended yet.
  private func holdsOpen(_ holder: StepIndex) -> Bool {
    steps.indices.contains { place in
      let state = steps[place]
      guard state.activity != .none, !state.isEnding, state.end == nil else { return false }
      return StepIndex(place) != holder && isWithin(StepIndex(place), holder)
    }
  }

  /// What failed meanwhile counts now, and so does an interrupt: the first that is not tolerated decides.
  private mutating func takeLaterFailures(besides holder: StepIndex) {
    let later = laterFailures.filter { !isWithin($0, holder) && !isUndoneAlone($0) }
    laterFailures = []
    for step in later {
      guard case .failed(let why, _) = steps[Int(step.value)].end else { continue }
      if failure != nil {
        laterFailures.append(step)
      } else if policy(for: step) == .continue, self[step].undoScope == nil {
        satisfyDependents(of: step)
      } else {
        effects.append(.record(.failureDecided(step, why, policy(for: step))))
        failure = FirstFailure(step: step, failure: why)
      }
    }
    if endsInFlight, failure == nil {
      let why = Failure(.operator, "the operator ended the run")
      failFromOutside(why)
    }
    endsInFlight = false
    // Its timer may have come meanwhile, and was worth nothing then.
    if failure == nil, let timeout = plan.timeout, livedBefore + max(0, now - engineStartedAt) >= timeout {
      let why = Failure(.deadline, "the run was not over within \(DurationText.render(timeout))")
      failFromOutside(why)
    }
  }
}
