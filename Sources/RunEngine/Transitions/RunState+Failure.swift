import RunbookParser

extension RunState {
  /// Whether a failure decided that no step begins any more.
  var failureInProgress: Bool {
    switch phase {
    case .failing: true
    case .forward: failure != nil
    default: endsFinally
    }
  }

  /// Whether the operator ended `finally`, and it is not over yet.
  var endsFinally: Bool { if case .finishing = phase { finallyAborted } else { false } }

  /// Whether what is in flight is ended, rather than coming to its own end: the way back waits for it, or the operator
  /// did not want to.
  var stopsInFlight: Bool {
    guard case .failing(let policy) = phase else { return endsFinally }
    return policy == .rollback || endsInFlight
  }

  /// Whether a step neither begins nor tries again: the run failed, or the time of the runbook it belongs to is over.
  func goesNoFurther(_ step: StepIndex) -> Bool { failureInProgress || isOverdue(step) }

  /// Whether a step in flight is ended, rather than coming to its own end.
  func isStopped(_ step: StepIndex) -> Bool { stopsInFlight || isOverdue(step) }

  /// Ends a step that was stopped: something else failed, what it needs ended, or the time is over.
  mutating func failStopped(
    _ step: StepIndex, _ message: String = "stopped because something else failed", inDoubt: Bool = false
  ) {
    if !failureInProgress, let call = overdueCall(around: step) {
      let inDoubt = inDoubt && self[step].effect != .observe
      return fail(step, .deadline, overdueMessage(call), inDoubt: inDoubt)
    }
    fail(step, .stopped, message, inDoubt: inDoubt)
  }

  /// The first failure decided how the run goes on.
  mutating func decideFailure(_ step: StepIndex?, _ failure: Failure, _ policy: FailurePolicy) {
    let isFirst = !failureTold
    failureTold = true
    if self.failure == nil { self.failure = FirstFailure(step: step, failure: failure) }
    phase = .failing(policy)
    if isFirst { tell(.failed) }
    opening = nil
    for place in steps.indices where steps[place].activity != .none {
      settleForFailure(StepIndex(place), policy)
    }
    releaseServices()
    completeFailing()
  }

  /// Whether a step belongs to what the failure undoes by itself.
  private func isUndoneByFailure(_ step: StepIndex) -> Bool {
    guard case .within(let holder)? = reachOfFailure else { return false }
    return isWithin(step, holder)
  }

  /// Brings a step in flight to its end after something else failed.
  mutating func settleForFailure(_ step: StepIndex, _ policy: FailurePolicy) {
    let undoing = policy == .rollback || endsInFlight || isUndoneByFailure(step)
    let irreversible = self[step].effect == .irreversible
    switch steps[Int(step.value)].phase {
    case .waiting, .ended:
      break
    case .opening:
      if undoing { end(.program(step)) }
    case .checking(let place, var run, let afterPerson):
      run.cancel(&self)
      setPhase(step, run.verdict == nil ? .checking(place, run, afterPerson: afterPerson) : .waiting)
    case .approving(let id, _) where steps[Int(step.value)].attempt > 0:
      withdraw(id)
      failStopped(step, "not tried again: " + steps[Int(step.value)].lastFailure)
    case .askingPrecondition(_, let id, _), .confirming(let id), .approving(let id, _):
      withdraw(id)
      setPhase(step, .waiting)
    case .reverifying:
      releaseSlot(step)
      if steps[Int(step.value)].attempt == 0 {
        setPhase(step, .waiting)
      } else {
        failStopped(step, "not tried again: " + steps[Int(step.value)].lastFailure)
      }
    case .ready, .awaiting:
      if steps[Int(step.value)].attempt == 0 {
        setPhase(step, .waiting)
      } else {
        failStopped(step, "not tried again: " + steps[Int(step.value)].lastFailure)
      }
    case .pausing:
      failStopped(step, "not tried again: " + steps[Int(step.value)].lastFailure)
    case .acting(let id, let stopping):
      guard undoing, !irreversible else { return }
      if stopping == nil { effects.append(.stop(id)) }
      setPhase(step, .acting(id, stopping: .rollback))
    case .inner(let inner):
      guard undoing, !irreversible else { return }
      cancelInner(step, inner)
    case .settling(let settling):
      cancelSettling(step, settling)
    case .block(.preconditions(let place, var run)):
      run.cancel(&self)
      setPhase(step, .block(.preconditions(place, run)))
      if run.verdict != nil { failStopped(step) }
    case .block:
      // It ends when nothing inside it goes on any more.
      break
    case .verifying(let place, var run):
      guard undoing, !irreversible else { return }
      run.cancel(&self)
      setPhase(step, .verifying(place, run))
      if run.verdict != nil { failStopped(step) }
    }
  }

  /// Goes on once nothing is in flight any more after a failure.
  mutating func completeFailing() {
    // Ends that are recorded but not applied yet come first.
    guard case .failing(let policy) = phase, pendingEnds == 0, ownProbes.isEmpty, pause == nil, let failure
    else { return }
    guard live == liveBlocks else { return }
    if policy != .rollback, !reachUndone, let reach = reachOfFailure {
      return effects.append(.record(.undoStarted(reach)))
    }
    if live > 0 { return closeBlocks() }
    switch policy {
    case .rollback:
      effects.append(.record(.rollbackStarted))
    case .stop, .continue:
      finish(aborting ? .aborted : outcomeWithoutRollback())
    case .ask:
      let id = nextID(nil, .policy)
      phase = .askingPolicy(id)
      let what = failure.step.map { "Step \(path(of: $0)) failed" } ?? "The run failed"
      let choices = [
        Question.Choice(id: FailurePolicy.rollback.rawValue, title: "undo what was done, in reverse order"),
        Question.Choice(id: FailurePolicy.stop.rawValue, title: "stop, and leave changes in place"),
      ]
      effects.append(
        .record(.asked(id, Question(text: "\(what): \(failure.failure.message)", kind: .choose(choices)))))
    }
  }

  /// Whether any change may be in place.
  var hasChanges: Bool {
    intents.contains { step in
      guard self[step].effect != .observe else { return false }
      switch steps[Int(step.value)].undo {
      case .ended(.undone), .ended(.spared): return false
      default: return true
      }
    }
  }

  private func outcomeWithoutRollback() -> RunOutcome {
    if reachIncomplete { return .rollbackIncomplete }
    return hasChanges ? .stopped : outcomeWithoutChanges()
  }

  /// The outcome of a run that failed and changed nothing.
  func outcomeWithoutChanges() -> RunOutcome {
    switch failure?.failure.cause {
    case .unmet: .unmet
    case .denied: .denied
    default: .failed
    }
  }
}
