import RunbookParser

/// An engine that stops working on a run that is not over.
extension RunState {
  /// Nothing new starts until the next engine; what is in flight comes to its end.
  mutating func beginPause(_ reason: PauseReason) {
    guard pause == nil, !isTerminal else { return }
    pause = Pause(reason: reason, complete: false)
  }

  /// The engine was told to end: what is in flight is ended too and stays in doubt.
  mutating func terminate() {
    guard !isTerminal else { return }
    pause = Pause(reason: .terminated, complete: false)
    for service in services.keys.sorted() { end(service) }
    stopTelling()
    if case .tools = phase { stopOwnProbes() }
    if case .preconditions(let place, var run) = phase {
      run.cancel(&self)
      phase = .preconditions(place, run)
    }
    // What an earlier engine left is not in flight.
    if opening != nil { return }
    for place in steps.indices where steps[place].activity != .none { terminate(StepIndex(place)) }
  }

  private mutating func terminate(_ step: StepIndex) {
    switch steps[Int(step.value)].undo {
    case .none, .ended: break
    case .acting(let undo, let id, let stopping):
      if stopping == nil { effects.append(.stop(id)) }
      setUndo(step, .acting(undo, id, stopping: .termination))
      return
    case .probing(var run):
      run.cancel(&self)
      setUndo(step, .probing(run))
      return
    case .verifying(let undo, let place, var run, let settling):
      run.cancel(&self)
      setUndo(step, .verifying(undo, place, run, settling: settling))
      return
    case .inner(let undo, let id, let inner):
      setUndo(step, .inner(undo, id, cancelChecks(of: inner)))
      return
    case .awaiting, .pausing, .askingDoubt, .askingPassage: return
    }
    switch steps[Int(step.value)].phase {
    case .acting(let id, let stopping):
      if stopping == nil { effects.append(.stop(id)) }
      setPhase(step, .acting(id, stopping: .termination))
    case .checking(let place, var run, let afterPerson):
      run.cancel(&self)
      setPhase(step, .checking(place, run, afterPerson: afterPerson))
    case .verifying(let place, var run):
      run.cancel(&self)
      setPhase(step, .verifying(place, run))
    case .inner(let inner):
      setPhase(step, .inner(cancelChecks(of: inner)))
    case .block(.preconditions(let place, var run)):
      run.cancel(&self)
      setPhase(step, .block(.preconditions(place, run)))
    case .settling(var settling):
      switch settling.stage {
      case .applied(var run):
        run.cancel(&self)
        settling.stage = .applied(run)
      case .verify(let place, var run):
        run.cancel(&self)
        settling.stage = .verify(place, run)
      case .asking: break
      }
      setPhase(step, .settling(settling))
    case .waiting, .awaiting, .askingPrecondition, .confirming, .approving, .reverifying, .ready, .opening, .pausing,
      .block, .ended:
      break
    }
  }

  /// Records the pause once nothing is in flight any more.
  mutating func completePause() {
    guard let pause, !pause.complete, !isTerminal, !hasPendingDecisions else { return }
    if pause.reason == .terminated {
      guard !inFlight else { return }
    } else {
      // What an earlier engine left is not taken up any more.
      guard busy == 0 || opening != nil else { return }
      switch phase {
      case .tools where opening == nil: return
      case .preconditions(_, let run) where run.verdict == nil && !run.waitsForPerson: return
      default: break
      }
      guard !isTelling, closeServices(), !hasPendingDecisions else { return }
    }
    effects.append(.record(.paused(pause.reason)))
  }

  private var hasPendingDecisions: Bool {
    effects.contains { if case .record = $0 { true } else { false } }
  }

  /// Whether a process or a request is in flight anywhere.
  private var inFlight: Bool {
    if !ownProbes.isEmpty || isTelling || services.values.contains(where: { !$0.isDown }) { return true }
    if live == 0 || opening != nil { return false }
    return steps.contains { $0.hasEffectInFlight }
  }
}

extension StepState {
  /// Whether a process or a request of the step is in flight.
  var hasEffectInFlight: Bool {
    switch undo {
    case .acting: return true
    case .probing(let run), .verifying(_, _, let run, _): return run.hasProbeInFlight
    case .inner(_, _, let inner): return inner.hasProbeInFlight
    case .awaiting, .pausing, .askingPassage, .askingDoubt: return false
    case .none, .ended: break
    }
    switch phase {
    case .acting: return true
    case .checking(_, let run, _), .verifying(_, let run), .block(.preconditions(_, let run)):
      return run.hasProbeInFlight
    case .inner(let inner): return inner.hasProbeInFlight
    case .settling(let settling):
      switch settling.stage {
      case .applied(let run), .verify(_, let run): return run.hasProbeInFlight
      case .asking: return false
      }
    case .waiting, .awaiting, .askingPrecondition, .confirming, .approving, .reverifying, .ready, .opening, .pausing,
      .block, .ended:
      // What is kept running speaks for itself.
      return false
    }
  }
}

extension InnerAction {
  /// Whether a check of it asks the world right now.
  var hasProbeInFlight: Bool {
    switch self {
    case .check(let run): run.hasProbeInFlight
    case .checklist(let items):
      items.contains { if case .checking(let run) = $0 { run.hasProbeInFlight } else { false } }
    case .wait, .manual, .decide: false
    }
  }
}
