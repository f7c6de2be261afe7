import Expressions
import RunbookParser

extension RunState {
  /// Takes an event and says what follows from it.
  ///
  /// Effects of the kind `record` are decisions: they must be applied next, in order, before anything is performed.
  /// - Parameter time: When it happened, in milliseconds since the epoch.
  /// - Throws: Where the event cannot happen in this state; the state must not be used afterwards.
  package mutating func apply(_ event: RunEvent, at time: Int64) throws(ImpossibleTransition) -> [RunEffect] {
    let before = now
    now = time
    switch event {
    case .runStarted:
      throw ImpossibleTransition("a run starts once")
    case .engineStarted(let start):
      try begin(start, lastAliveAt: before)
    case .actionStarted(let id, let process):
      if let step = id.step { steps[Int(step.value)].process = process }
    case .actionRefused(let id, let message):
      try deliver(.refused(message), to: id)
    case .actionEnded(let id, let end):
      try deliver(.ended(end), to: id)
    case .timerFired(let timer):
      try fire(timer)
    case .answered(let id, let answer, let by, let evidence):
      // An answer may overtake the withdrawal of its question, or the end of the engine: then it is worth nothing.
      guard awaitsAnswer(to: id) else { break }
      guard evidence == .assumed || mayAnswer(id, by) else {
        missAudience(id)
        break
      }
      try deliver(.answered(answer, by: by, evidence: evidence), to: id)
    case .unanswerable(let id):
      if !closeGate(id), awaitsAnswer(to: id) { missAudience(id) }
    case .voteRefused(let id, let vote, let by):
      voteRefused(id, vote, by: by)
    case .votesVerified(let id, let void, let denials):
      votesVerified(id, void: void, denials: denials)
    case .operatorInterrupted:
      interrupt()
    case .terminated:
      terminate()
    case .detached:
      if plan.detached == .pause { beginPause(.detached) } else { engine?.attended = false }
    case .pauseRequested:
      beginPause(.requested)
    case .abandoned(let reason, let by):
      try abandon(reason: reason, by: by)
    case .intended(let id, let action, let dryRun):
      try intend(id, action, dryRun)
    case .expanded(let step, let expansion):
      try expand(step, expansion)
    case .tunnelOpened(let id, let port):
      try tunnelOpened(id, port: port)
    case .asked(let id, let question):
      put(question, id)
      gateRecorded(id, question)
      tellOfGate(id.step)
    case .stepEnded(let step, let end, let outputs, let evidence):
      try endStep(step, end, outputs, evidence)
    case .failureDecided(let step, let failure, let policy):
      decideFailure(step, failure, policy)
    case .rollbackStarted:
      beginRollback()
    case .undoStarted(let reach):
      beginUndo(reach)
    case .undoEnded(let step, let end, let evidence):
      endUndo(step, end, evidence)
    case .paused(let reason):
      pause = Pause(reason: reason, complete: true)
      livedBefore += max(0, time - engineStartedAt)
    case .runEnded(let outcome, let failure, let outputs, _):
      endRun(outcome, failure, outputs)
    }
    closeOverdueCalls()
    pauseForAudience()
    completePause()
    let collected = effects
    effects = []
    return collected
  }

  // MARK: Deliveries

  /// Hands what came to whom it was meant for.
  private mutating func deliver(_ delivery: Delivery, to id: EffectID) throws(ImpossibleTransition) {
    let taken: Bool
    if case .notice = id.slot {
      taken = deliverToNotice(delivery, to: id)
    } else if let service = service(of: id) {
      taken = deliver(delivery, to: id, of: service)
    } else if let step = id.step {
      guard Int(step.value) < steps.count else { throw ImpossibleTransition("no step for \(id)") }
      if case .none = steps[Int(step.value)].undo {
        taken = deliverForward(delivery, to: id, step)
      } else {
        taken = deliverBack(delivery, to: id, step)
      }
    } else {
      taken = deliverToRun(delivery, to: id)
    }
    if !taken { throw ImpossibleTransition("nothing waits for \(id)") }
  }

  private mutating func fire(_ timer: TimerID) throws(ImpossibleTransition) {
    guard mayFire(timer) else { return }
    if timer.purpose == .deadline {
      if let step = timer.owner.step { return passDeadline(of: step, serial: timer.owner.serial) }
      return passDeadline()
    }
    if case .notice = timer.owner.slot {
      _ = deliverToNotice(.timer(timer.purpose), to: timer.owner)
      return
    }
    if let service = service(of: timer.owner) {
      if timer.purpose == .retry, awaitsReopening(timer.owner) { return reopenTunnel(timer.owner) }
      _ = deliver(.timer(timer.purpose), to: timer.owner, of: service)
      return
    }
    if let step = timer.owner.step {
      guard Int(step.value) < steps.count else { throw ImpossibleTransition("no step for \(timer.owner)") }
      if case .none = steps[Int(step.value)].undo {
        _ = deliverForward(.timer(timer.purpose), to: timer.owner, step)
      } else {
        _ = deliverBack(.timer(timer.purpose), to: timer.owner, step)
      }
    } else {
      _ = deliverToRun(.timer(timer.purpose), to: timer.owner)
    }
  }
}
