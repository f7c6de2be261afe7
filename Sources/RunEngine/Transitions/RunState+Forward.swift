import Expressions
import RunbookParser

extension RunState {
  /// Whether steps may begin: nothing failed, and the engine goes on.
  var mayBegin: Bool {
    guard pause == nil, !pendingFailure else { return false }
    switch phase {
    case .forward: return failure == nil
    case .finishing: return !finallyAborted
    default: return false
    }
  }

  /// Records how a step ended.
  mutating func conclude(
    _ step: StepIndex, _ end: StepEnd, outputs: [NamedValue] = [], evidence: Evidence? = nil
  ) {
    // What holds others may be ended from the inside and from the outside at once.
    if steps[Int(step.value)].isEnding { return }
    steps[Int(step.value)].isEnding = true
    pendingEnds += 1
    if case .failed(let failure, _) = end, decidesRun(step, failure) { pendingFailure = true }
    effects.append(
      .record(.stepEnded(step, end, outputs: outputs, evidence: evidence ?? steps[Int(step.value)].evidence)))
  }

  /// Records that a step failed; where it rests on something only assumed, that its outcome is unknown.
  mutating func fail(_ step: StepIndex, _ cause: FailureCause, _ message: String, inDoubt: Bool = false) {
    let isOwn = cause == .failed || cause == .unverified || cause == .unmet
    if isOwn, !inDoubt, !isSurelyWrong(step), let assumption = assumption(under: step) {
      return concludeUnknown(step, restingOn: assumption, message)
    }
    var failure = Failure(cause, message)
    if cause == .stopped, endsFinally { failure = Failure(.operator, "the operator ended it") }
    conclude(step, .failed(failure, inDoubt: inDoubt), outputs: steps[Int(step.value)].outputs)
  }

  // MARK: Deliveries

  /// Takes what came for a step on its way forward.
  mutating func deliverForward(_ delivery: Delivery, to id: EffectID, _ step: StepIndex) -> Bool {
    switch steps[Int(step.value)].phase {
    case .checking(let place, var run, let afterPerson):
      guard run.deliver(delivery, to: id, &self) else { return false }
      continueChecking(step, place, run, afterPerson: afterPerson)
      return true
    case .askingPrecondition(let place, let expected, let afterPerson) where expected == id:
      guard case .answered(let answer, let by, let evidence) = delivery else { return false }
      switch answer {
      case _ where evidence == .assumed:
        let check = self[step].preconditions[place].check
        fail(step, .unmet, Self.unmetUnasked(check, place))
      case .choice(Self.goOn.id): check(step, place + 1, afterPerson: afterPerson)
      case .choice("skip"): conclude(step, .skipped("\(by) chose to skip it"))
      default: fail(step, .denied, "\(by) said no")
      }
      return true
    case .confirming(let expected) where expected == id:
      guard case .answered(let answer, let by, _) = delivery else { return false }
      if case .yes = answer {
        check(step, 0, afterPerson: true)
      } else {
        fail(step, .denied, "\(by) said no")
      }
      return true
    case .approving(let expected, _) where expected == id:
      return deliverToGate(delivery, id, step)
    case .acting(let expected, let stopping) where expected == id:
      return deliverToAction(delivery, id, step, stopping)
    case .inner(let inner):
      return deliverToInner(delivery, to: id, step, inner)
    case .pausing(let expected, _) where expected == id:
      guard case .timer(.retry) = delivery else { return false }
      enqueue(step)
      return true
    case .block(.preconditions(let place, var run)):
      guard run.deliver(delivery, to: id, &self) else { return false }
      continueCall(step, place, run)
      return true
    case .settling(let settling):
      return deliverToSettling(delivery, to: id, step, settling)
    case .verifying(let place, var run):
      guard run.deliver(delivery, to: id, &self) else { return false }
      continueVerifying(step, place, run)
      return true
    default:
      return false
    }
  }

  mutating func deliverToAction(
    _ delivery: Delivery, _ id: EffectID, _ step: StepIndex, _ stopping: StopReason?
  ) -> Bool {
    switch delivery {
    case .ended(let end):
      actionEnded(step, end, stopping: stopping)
    case .refused(let message):
      releaseSlot(step)
      // A refused start is no start: there is nothing to undo.
      forgetStart(step)
      fail(step, .failed, message)
    case .timer(.timeout):
      guard stopping == nil else { return true }
      setPhase(step, .acting(id, stopping: .timeout))
      effects.append(.stop(id))
    case .timer, .answered:
      return false
    }
    fillSlots()
    return true
  }

  /// Its only attempt was no start.
  mutating func forgetStart(_ step: StepIndex) {
    let place = Int(step.value)
    guard steps[place].attempt <= 1, steps[place].mayHaveStarted else { return }
    steps[place].mayHaveStarted = false
    intents.removeAll { $0 == step }
  }

  // MARK: The end

  /// A step ended on its way forward.
  mutating func endStep(
    _ step: StepIndex, _ end: StepEnd, _ outputs: [NamedValue], _ evidence: Evidence
  ) throws(ImpossibleTransition) {
    let place = Int(step.value)
    guard place < steps.count, steps[place].end == nil else { throw ImpossibleTransition("a step ends once") }
    pendingEnds -= 1
    setPhase(step, .ended)
    steps[place].end = end
    steps[place].outputs = outputs
    steps[place].evidence = evidence
    steps[place].resolved = nil
    steps[place].resolvedDryRun = nil
    if steps[place].frame == 0 { unfinished -= 1 }
    if case .failed(let failure, let inDoubt) = end {
      steps[place].inDoubt = inDoubt
      afterFailure(step, failure)
    } else {
      satisfyDependents(of: step)
    }
    innerEnded(step)
    releaseServices()
    fillSlots()
    completeForward()
    completeFailing()
  }

  private mutating func afterFailure(_ step: StepIndex, _ failure: Failure) {
    if isFinal(step) { return satisfyDependents(of: step) }
    guard decidesRun(step, failure) else {
      hadToleratedFailure = true
      return satisfyDependents(of: step)
    }
    pendingFailure = false
    guard self.failure == nil else { return laterFailures.append(step) }
    effects.append(.record(.failureDecided(step, failure, policy(for: step))))
    self.failure = FirstFailure(step: step, failure: failure)
  }

  /// Whether a failure of a step is not tolerated.
  func decidesRun(_ step: StepIndex, _ failure: Failure) -> Bool {
    if isFinal(step) { return false }
    if failure.cause == .stopped || failure.cause == .operator { return true }
    if isUndoneAlone(step), !inner(of: step).isEmpty { return false }
    return policy(for: step) != .continue || self[step].undoScope != nil
  }

  /// What a failure of a step leads to.
  func policy(for step: StepIndex?) -> FailurePolicy {
    step.flatMap { self[$0].onFailure } ?? plan.onFailure
      ?? (engine?.attended == true ? .ask : .rollback)
  }

  mutating func satisfyDependents(of step: StepIndex) {
    let frame = Int(steps[Int(step.value)].frame)
    let first = frames[frame].first
    for dependent in frames[frame].dependents[Int(step.value) - first] { takeTurn(StepIndex(first + Int(dependent))) }
  }

  /// One of the things that a step waits for is there.
  mutating func takeTurn(_ step: StepIndex) {
    steps[Int(step.value)].openNeeds -= 1
    if steps[Int(step.value)].openNeeds == 0 { becomeReady(step) }
  }

  /// Goes on to the end where every step has ended.
  mutating func completeForward() {
    guard pendingEnds == 0, pause?.complete != true, opening == nil else { return }
    switch phase {
    case .forward where unfinished == 0 || frames[0].endedByChoice:
      guard failure == nil else { return }
      if live > 0 { return closeBlocks() }
      if owesTemporaryUndo {
        effects.append(.record(.undoStarted(.temporary)))
      } else {
        finish(reachIncomplete ? .rollbackIncomplete : hadToleratedFailure ? .failed : .succeeded)
      }
    case .forward where live > 0:
      closeBlocks()
    case .finishing where live > 0 && finallyAborted:
      closeBlocks()
    case .finishing(let outcome) where live == 0:
      if finallyAborted { return conclude(outcome) }
      let owed = owedFrames
      if !owed.isEmpty {
        for place in owed { beginFinally(place) }
        return fillSlots()
      }
      // A way back that was asked for in `finally` left some of it.
      let isLeft = frames[1].range.contains {
        steps[$0].end == nil && steps[$0].phase == .waiting && steps[$0].openNeeds == 0
      }
      if !finallyBegun || isLeft {
        beginFinalSteps()
        fillSlots()
        if live > 0 || pendingEnds > 0 { return }
      }
      if frames[1].range.allSatisfy({ steps[$0].end != nil }) { conclude(outcome) }
    default:
      break
    }
  }
}
