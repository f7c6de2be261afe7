import Expressions
import RunbookParser

extension RunState {
  /// Feeds a hasher with all that what can still happen to the run depends on.
  ///
  /// Two states of one plan that feed the same go on in the same way, whatever comes. What people are told of what
  /// happened, such as why a step failed, bears on nothing and is left out.
  /// - Parameter withTimes: Whether the plan asks what time it is, or how long the run has gone on.
  package func feedFuture(into hasher: inout Hasher, withTimes: Bool) {
    feedPhase(into: &hasher)
    feedWayBack(into: &hasher)
    feedPeople(into: &hasher)
    feedServices(into: &hasher)
    hasher.combine(frames.count)
    for frame in frames { frame.feedFuture(into: &hasher) }
    hasher.combine(steps.count)
    for place in steps.indices { steps[place].feedFuture(into: &hasher) }
    if withTimes || holdsTimes { hasher.combine(now) }
    guard withTimes else { return }
    hasher.combine(startedAt)
    hasher.combine(livedBefore)
    hasher.combine(engineStartedAt)
    hasher.combine(callTimes)
  }

  /// Whether something goes on that began, or ends, at a certain time.
  private var holdsTimes: Bool {
    switch phase {
    case .preconditions: return true
    default: break
    }
    if services.values.contains(where: { !$0.isDown && !$0.isUp }) { return true }
    return steps.indices.contains { steps[$0].phase.holdsTime || steps[$0].undo.holdsTime }
  }

  private func feedPhase(into hasher: inout Hasher) {
    hasher.combine(phase)
    hasher.combine(pause)
    hasher.combine(engine)
    hasher.combine(failure?.step)
    hasher.combine(failure?.failure.cause)
    hasher.combine(laterFailures)
    hasher.combine(outputs)
    hasher.combine(finallyBegun)
    hasher.combine(hadToleratedFailure)
    hasher.combine(finallyInterrupts)
    hasher.combine(finallyAborted)
    hasher.combine(unmet.isEmpty)
    hasher.combine(pendingEnds)
    hasher.combine(pendingFailure)
    hasher.combine(ownProbes)
    hasher.combine(lateTools)
    hasher.combine(ready[readyHead...])
    hasher.combine(readyAtOnce)
    hasher.combine(endsInFlight)
    hasher.combine(slotsUsed)
    hasher.combine(callSlots)
    hasher.combine(overdueCalls)
    hasher.combine(unfinished)
    hasher.combine(live)
    hasher.combine(liveBlocks)
    hasher.combine(busy)
    hasher.combine(deadlineSerial)
    hasher.combine(serial)
  }

  private func feedWayBack(into hasher: inout Hasher) {
    hasher.combine(intents)
    hasher.combine(rolledBack)
    hasher.combine(undoReach)
    hasher.combine(reachUndone)
    hasher.combine(temporaryUndone)
    hasher.combine(reachIncomplete)
    hasher.combine(rollbackInterrupts)
    hasher.combine(activeUndo)
    hasher.combine(barrier)
    hasher.combine(aborting)
    hasher.combine(pendingUndoEnds)
    hasher.combine(rollbackOwed)
    hasher.combine(heldInterrupts)
    hasher.combine(deadlineHeld)
    hasher.combine(Set(undoneHolders.keys))
  }

  private func feedPeople(into hasher: inout Hasher) {
    hasher.combine(notices)
    hasher.combine(gatesTold)
    hasher.combine(failureTold)
    hasher.combine(endTold)
    hasher.combine(asked)
    hasher.combine(absent)
    hasher.combine(gates)
  }

  private func feedServices(into hasher: inout Hasher) {
    hasher.combine(services)
    hasher.combine(tunnelPorts)
    hasher.combine(opening)
    hasher.combine(reopenings)
  }
}

extension Frame {
  /// Feeds what became of the list since it was made; what it is made of the plan and the recorded lists say.
  fileprivate func feedFuture(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(owner)
    hasher.combine(inputs)
    hasher.combine(values)
    hasher.combine(hasBegun)
    hasher.combine(endedByChoice)
  }
}

extension StepState {
  /// Whether nothing has come of it yet.
  private var isUntouched: Bool {
    guard case .waiting = phase, case .none = undo else { return false }
    return end == nil && serial == 0 && attempt == 0 && !isEnding && frames == nil && undoLeft == nil
      && heldBackBy == nil && lost == nil && certainty == .known
  }

  fileprivate func feedFuture(into hasher: inout Hasher) {
    hasher.combine(openNeeds)
    if isUntouched { return }
    hasher.combine(frames)
    hasher.combine(phase)
    hasher.combine(undo.withoutReason)
    hasher.combine(isEnding)
    switch end {
    case .succeeded: hasher.combine(1)
    case .skipped: hasher.combine(2)
    case .failed(let failure, let inDoubt):
      hasher.combine(inDoubt ? 4 : 3)
      hasher.combine(failure.cause)
    case nil: hasher.combine(0)
    }
    hasher.combine(mayHaveStarted)
    hasher.combine(inDoubt)
    hasher.combine(evidence)
    hasher.combine(outputs)
    // An action that has ended is not started again, and what comes of its step later only needs names of its own.
    if end == nil || !undo.isAtRest {
      hasher.combine(attempt)
      hasher.combine(serial)
      hasher.combine(resolved)
      hasher.combine(resolvedDryRun)
    }
    hasher.combine(certainty)
    hasher.combine(heldBackBy)
    hasher.combine(lost == nil)
    hasher.combine(process)
    hasher.combine(undoAttempt)
    hasher.combine(undoBase)
    hasher.combine(undoIssued)
    hasher.combine(undoLeft?.withoutReason)
    hasher.combine(undoPlace)
    hasher.combine(undoFrom)
    hasher.combine(undoResumed)
  }
}

extension StepPhase {
  /// Whether it began, or ends, at a certain time.
  fileprivate var holdsTime: Bool {
    switch self {
    case .waiting, .awaiting, .askingPrecondition, .confirming, .ready, .acting, .opening, .ended: false
    case .block(.preconditions): true
    case .block: false
    case .checking, .approving, .reverifying, .inner, .pausing, .settling, .verifying: true
    }
  }
}

extension UndoPhase {
  /// Whether it began, or ends, at a certain time.
  fileprivate var holdsTime: Bool {
    switch self {
    case .none, .awaiting, .askingPassage, .acting, .askingDoubt, .ended: false
    case .probing, .inner, .pausing, .verifying: true
    }
  }

  fileprivate var isAtRest: Bool {
    switch self {
    case .none, .ended: true
    default: false
    }
  }

  /// Where it is, and how it ended, without what people are told of why.
  fileprivate var withoutReason: UndoPhase {
    guard case .ended(let end) = self else { return self }
    return switch end {
    case .undone: .ended(.undone)
    case .spared: .ended(.spared(""))
    case .left: .ended(.left(""))
    case .failed(_, let inDoubt): .ended(.failed("", inDoubt: inDoubt))
    case .heldBack: .ended(.heldBack(""))
    }
  }
}
