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
  private mutating func settleForFailure(_ step: StepIndex, _ policy: FailurePolicy) {
    let undoing = policy == .rollback || endsInFlight || isUndoneByFailure(step)
    let irreversible = self.step(step).effect == .irreversible
    switch steps[Int(step.value)].phase {
    case .waiting, .ended:
      break
    case .opening:
      if undoing { end(.program(step)) }
    case .checking(let place, var run, let afterPerson):
      run.cancel(&self)
      setPhase(step, run.verdict == nil ? .checking(place, run, afterPerson: afterPerson) : .waiting)
    case .askingPrecondition(_, let id, _), .confirming(let id):
      effects.append(.withdraw(id))
      setPhase(step, .waiting)
    case .ready, .awaiting:
      if steps[Int(step.value)].attempt == 0 {
        setPhase(step, .waiting)
      } else {
        fail(step, .stopped, "not tried again: " + steps[Int(step.value)].lastFailure)
      }
    case .pausing:
      fail(step, .stopped, "not tried again: " + steps[Int(step.value)].lastFailure)
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
      if run.verdict != nil { fail(step, .stopped, "stopped because something else failed") }
    case .block:
      // It ends when nothing inside it goes on any more.
      break
    case .verifying(let place, var run):
      guard undoing, !irreversible else { return }
      run.cancel(&self)
      setPhase(step, .verifying(place, run))
      if run.verdict != nil { fail(step, .stopped, "stopped because something else failed") }
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
      finish(outcomeWithoutRollback())
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
      guard self.step(step).effect != .observe else { return false }
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

  // MARK: The end of the run

  /// Goes on to `finally` with an outcome that is known now: first that of runbooks whose call did not come to it.
  mutating func finish(_ outcome: RunOutcome) {
    phase = .finishing(outcome)
    let owed = frames.indices.filter(isOwed)
    for place in owed { beginFinally(place) }
    if owed.isEmpty { beginFinalSteps() }
    fillSlots()
    completeForward()
  }

  /// Begins the plan's own `finally`.
  mutating func beginFinalSteps() {
    finallyBegun = true
    for place in frames[1].range where steps[place].openNeeds == 0 && steps[place].end == nil {
      becomeReady(StepIndex(place))
    }
  }

  /// Records the run's end, once people were told of it and nothing is kept running any more.
  mutating func conclude(_ outcome: RunOutcome) {
    if effects.contains(where: { if case .record(.runEnded) = $0 { true } else { false } }) { return }
    var final = outcome
    var failure = self.failure?.failure
    let failedAtEnd = steps.indices.first { place in
      if case .failed = steps[place].end { isFinal(StepIndex(place)) } else { false }
    }.map { steps[$0] }
    if final == .succeeded, let failedAtEnd, case .failed(let why, _) = failedAtEnd.end {
      final = .failed
      failure = why
    } else if final == .succeeded, finallyAborted {
      final = .failed
      failure = Failure(.operator, "the operator ended `finally`")
    }
    var outputs: [NamedValue] = []
    if final == .succeeded {
      let computed = self.outputs(plan.outputs, .none, at: vantage(nil))
      outputs = computed.values
      if let problem = computed.problems.first {
        final = .failed
        failure = Failure(.failed, problem)
      }
    }
    if !endTold {
      endTold = true
      tell(.ended, outcome: final)
    }
    guard notices.isEmpty, closeServices() else { return }
    effects.append(.record(.runEnded(final, failure, outputs: outputs, evidence: overallEvidence)))
  }

  /// What the run as a whole is worth as evidence: no more than its weakest part.
  package var overallEvidence: Evidence {
    steps.contains { $0.end != nil && $0.evidence == .assumed }
      ? .assumed : steps.contains { $0.end != nil && $0.evidence == .scripted } ? .scripted : .observed
  }

  /// The run is over.
  mutating func endRun(_ outcome: RunOutcome, _ failure: Failure?, _ outputs: [NamedValue]) {
    phase = .ended(outcome)
    self.outputs = outputs
    if let failure, self.failure == nil { self.failure = FirstFailure(step: nil, failure: failure) }
    pause = nil
    livedBefore += max(0, now - engineStartedAt)
  }

  // MARK: The operator and the clock

  /// The run took too long.
  mutating func passDeadline() {
    if isOpeningAgain {
      deadlineHeld = true
      return holdUntilOpened()
    }
    guard !rolledBack, failure == nil, !isTerminal else { return }
    if case .finishing = phase { return }
    let bound = plan.timeout.map(DurationText.render) ?? "its time"
    failFromOutside(Failure(.deadline, "the run was not over within \(bound)"))
  }

  /// The operator pressed Ctrl-C.
  mutating func interrupt() {
    if isOpeningAgain {
      heldInterrupts += 1
      return holdUntilOpened()
    }
    switch phase {
    case .rollingBack:
      rollbackInterrupts += 1
      if rollbackInterrupts == 1 {
        effects.append(.report("The rollback goes on. Interrupt again to abort it and leave the rest as it is."))
      } else {
        abortRollback()
      }
    case .failing(let policy) where policy != .rollback:
      endWhatIsInFlight(policy)
    case .finishing:
      interruptFinally()
    case .ended:
      break
    case .new, .tools, .preconditions, .askingPrecondition, .forward, .failing, .askingPolicy:
      guard failure == nil else { return }
      failFromOutside(Failure(.operator, "the operator ended the run"))
    }
  }

  /// The operator interrupted a run that waits for its steps in flight. What cannot be undone is let be all the same.
  private mutating func endWhatIsInFlight(_ policy: FailurePolicy) {
    guard !endsInFlight else { return }
    endsInFlight = true
    for place in steps.indices {
      switch steps[place].phase {
      case .acting, .inner, .verifying: settleForFailure(StepIndex(place), policy)
      default: break
      }
    }
    completeFailing()
  }

  /// Whether an engine has yet to take up what the last one left.
  private var isOpeningAgain: Bool {
    switch opening {
    case .resume, .rollback: true
    case .preconditions, nil: false
    }
  }

  /// The operator interrupted `finally`: told once, and taken at the word the next time.
  private mutating func interruptFinally() {
    guard pause?.reason != .terminated, !finallyAborted else { return }
    finallyInterrupts += 1
    guard finallyInterrupts > 1 else {
      let running = stepsInOrder.filter { steps[Int($0.value)].activity != .none && inner(of: $0).isEmpty }
      let names = running.map { path(of: $0) }.joined(separator: ", ")
      return effects.append(
        .report("`finally` goes on: \(names). Interrupt again to end it and leave the rest of it out."))
    }
    finallyAborted = true
    for place in steps.indices where steps[place].activity != .none {
      settleForFailure(StepIndex(place), .rollback)
    }
    completeForward()
  }

  private mutating func failFromOutside(_ failure: Failure) {
    let policy: FailurePolicy = plan.onFailure ?? (engine?.attended == true ? .ask : .rollback)
    if policy != .rollback, policy != .continue, live > 0 {
      effects.append(.report("Steps in flight come to their end first. Interrupt again to end them."))
    }
    switch phase {
    case .tools:
      stopOwnProbes()
      holdUntilOpened()
    case .preconditions(let place, var run):
      run.cancel(&self)
      phase = .preconditions(place, run)
    case .askingPrecondition(_, let id), .askingPolicy(let id):
      effects.append(.withdraw(id))
    default: break
    }
    effects.append(.record(.failureDecided(nil, failure, policy == .continue ? .rollback : policy)))
  }

  private mutating func stopOwnProbes() {
    for id in ownProbes.sorted(by: { $0.serial < $1.serial }) { effects.append(.stop(id)) }
  }

  /// The operator gives up a run that no engine drives.
  mutating func abandon(reason: String, by: String) throws(ImpossibleTransition) {
    if isTerminal { throw ImpossibleTransition("the run is over") }
    if failure == nil { failure = FirstFailure(step: nil, failure: Failure(.operator, "\(by): \(reason)")) }
    // No engine lives: nothing but what follows happens any more.
    pause = Pause(reason: .terminated, complete: true)
    services = [:]
    notices = [:]
    for place in steps.indices { leaveBehind(StepIndex(place), "left when the run was given up") }
    if let step = activeUndo { endNow(step, .failed("left when the run was given up", inDoubt: true)) }
    effects.append(
      .record(.runEnded(.aborted, Failure(.operator, "\(by): \(reason)"), outputs: [], evidence: overallEvidence)))
  }

  // MARK: Pauses

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
    case .waiting, .awaiting, .askingPrecondition, .confirming, .ready, .opening, .pausing, .block, .ended: break
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
    if live == 0 { return false }
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
    case .waiting, .awaiting, .askingPrecondition, .confirming, .ready, .opening, .pausing, .block, .ended:
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
