import RunbookParser

/// What the operator and the clock decide.
extension RunState {
  /// The run took too long.
  mutating func passDeadline() {
    if isOpeningAgain {
      deadlineHeld = true
      return holdUntilOpened()
    }
    guard !rolledBack, failure == nil, !isTerminal else { return }
    switch phase {
    case .finishing, .rollingBack: return
    default: break
    }
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

  mutating func failFromOutside(_ failure: Failure) {
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
      withdraw(id)
    default: break
    }
    self.failure = FirstFailure(step: nil, failure: failure)
    effects.append(.record(.failureDecided(nil, failure, policy == .continue ? .rollback : policy)))
  }

  mutating func stopOwnProbes() {
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
}
