import RunbookParser

extension RunState {
  /// The way back begins.
  mutating func beginRollback() {
    rolledBack = true
    tell(.rollingBack)
    phase = .rollingBack(next: intents.count - 1)
    releaseServices()
    nextUndo()
  }

  /// `belay rollback`: undoes a run that an engine left, or that is over.
  mutating func goBack() {
    rollbackOwed = false
    forgetReady()
    if rolledBack || undoReach != nil || steps.contains(where: { $0.undo != .none }) { return rollBackAnew() }
    if failure == nil {
      failure = FirstFailure(step: nil, failure: Failure(.operator, "rolled back on request"))
    }
    phase = .failing(.rollback)
    for place in steps.indices { leaveForRollback(StepIndex(place)) }
    completeFailing()
  }

  /// Goes once more through a way back that was begun before, from the last intent on, and tries again what failed.
  private mutating func rollBackAnew() {
    for place in steps.indices {
      let step = StepIndex(place)
      steps[place].heldBackBy = nil
      switch steps[place].undo {
      case .none, .ended(.undone), .ended(.spared): break
      case .ended(.left):
        // A point of no return is asked about again.
        if self[step].effect == .irreversible { setUndo(step, .none) }
      case .ended(.failed(_, let inDoubt)):
        // What was undone is not undone again, and a doubt is settled first.
        steps[place].undoFrom = steps[place].undoPlace
        if inDoubt, steps[place].undoIssued > 0 {
          steps[place].undoLeft = .askingDoubt(steps[place].undoPlace, nextID(step, .policy))
        }
        setUndo(step, .none)
      case .ended(.heldBack): setUndo(step, .none)
      case .awaiting: setUndo(step, .none)
      case .probing, .askingPassage, .acting, .inner, .pausing, .verifying, .askingDoubt:
        steps[place].undoLeft = steps[place].undo
        setUndo(step, .none)
      }
      leaveForRollback(step)
    }
    if failure == nil {
      failure = FirstFailure(step: nil, failure: Failure(.operator, "rolled back on request"))
    }
    rolledBack = true
    tell(.rollingBack)
    undoReach = nil
    barrier = nil
    aborting = false
    activeUndo = nil
    phase = .rollingBack(next: intents.count - 1)
    nextUndo()
  }

  /// Ends a step that an earlier engine had in flight.
  mutating func leaveForRollback(_ step: StepIndex) { leaveBehind(step, "stopped by a rollback") }

  /// Ends a step that an earlier engine had in flight, and with which nobody will go on.
  mutating func leaveBehind(_ step: StepIndex, _ reason: String) {
    switch steps[Int(step.value)].phase {
    case .waiting, .ended: break
    case .checking, .askingPrecondition, .confirming: setPhase(step, .waiting)
    case .ready where steps[Int(step.value)].attempt == 0, .awaiting where steps[Int(step.value)].attempt == 0,
      .approving where steps[Int(step.value)].attempt == 0, .reverifying where steps[Int(step.value)].attempt == 0:
      setPhase(step, .waiting)
    case .ready, .awaiting, .approving, .reverifying, .opening, .pausing, .verifying: fail(step, .stopped, reason)
    case .block: fail(step, .stopped, reason)
    case .inner(.manual), .inner(.decide):
      forgetStart(step)
      fail(step, .stopped, "interrupted")
    case .acting, .settling, .inner:
      fail(step, .stopped, "interrupted", inDoubt: self[step].effect != .observe)
    }
  }

  // MARK: The end

  /// A step ended on its way back.
  mutating func endUndo(_ step: StepIndex, _ end: UndoEnd, _ evidence: Evidence) {
    setUndo(step, .ended(end))
    pendingUndoEnds -= 1
    switch end {
    case .failed, .heldBack:
      if !undoActions(step).contains(where: \.continuesOnFailure) { holdBackNeeds(of: step) }
    case .undone, .spared, .left: break
    }
    if activeUndo == step {
      activeUndo = nil
      releaseServices()
      nextUndo()
    } else if case .rollingBack(let next) = phase, next < 0, activeUndo == nil {
      finishRollback()
    }
  }

  /// Forbids the undo of everything that a step needs, directly or through others.
  private mutating func holdBackNeeds(of step: StepIndex) {
    var open = needs(of: step)
    while let need = open.popLast() {
      guard steps[Int(need.value)].heldBackBy == nil else { continue }
      steps[Int(need.value)].heldBackBy = step
      open += needs(of: need)
    }
  }

  mutating func finishRollback() {
    guard pendingUndoEnds == 0, activeUndo == nil else { return }
    var undone = false
    var incomplete = false
    for step in intents where !isFinal(step) && reaches(step) {
      guard case .ended(let end) = steps[Int(step.value)].undo else { continue }
      switch end {
      case .undone: undone = true
      case .spared: break
      case .left:
        undone = true
        if self[step].effect == .irreversible { incomplete = true }
      case .failed, .heldBack: incomplete = true
      }
    }
    if let undoReach {
      if aborting, undoReach == .temporary {
        self.undoReach = nil
        return finish(.aborted)
      }
      return endReach(undoReach, incomplete: incomplete)
    }
    finish(aborting ? .aborted : incomplete ? .rollbackIncomplete : undone ? .rolledBack : outcomeWithoutChanges())
  }

  /// The operator aborts the way back: nothing new starts, and the undo in flight is ended.
  mutating func abortRollback() {
    aborting = true
    guard let step = activeUndo else { return nextUndo() }
    switch steps[Int(step.value)].undo {
    case .acting(let place, let id, let stopping):
      if stopping == nil { effects.append(.stop(id)) }
      setUndo(step, .acting(place, id, stopping: .rollback))
    case .probing(var run):
      run.cancel(&self)
      continueProbing(step, run)
    case .verifying(let place, let number, var run, let settling):
      run.cancel(&self)
      continueVerifyingUndo(step, place, number, run, settling: settling)
    case .askingPassage(let id), .askingDoubt(_, let id):
      withdraw(id)
      endNow(step, .heldBack("the operator aborted the rollback"))
    case .inner(let place, let id, let inner):
      let left = cancelChecks(of: inner)
      setUndo(step, .inner(place, id, left))
      for question in left.questions { withdraw(question) }
      if !left.hasProbeInFlight { endNow(step, .failed("the operator aborted the rollback", inDoubt: true)) }
    case .awaiting:
      endNow(step, .heldBack("the operator aborted the rollback"))
    case .pausing:
      endNow(step, .failed("the operator aborted the rollback", inDoubt: true))
    case .none, .ended:
      nextUndo()
    }
  }
}
