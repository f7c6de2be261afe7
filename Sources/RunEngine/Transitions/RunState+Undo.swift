import RunbookParser

extension RunState {
  // MARK: One undo at a time

  /// Goes on with the next step to undo, from the last intent to the first.
  mutating func nextUndo() {
    while case .rollingBack(let next) = phase, activeUndo == nil, pause == nil {
      guard next >= 0 else { return finishRollback() }
      phase = .rollingBack(next: next - 1)
      let step = intents[next]
      if isFinal(step) { continue }
      if case .ended = steps[Int(step.value)].undo { continue }
      if !reaches(step) {
        if isPassed(step, before: next) {
          activeUndo = step
          probe(step)
        }
        continue
      }
      if self[step].effect == .observe { continue }
      if aborting {
        endNow(step, .heldBack("the operator aborted the rollback"))
      } else if let barrier {
        endNow(step, .heldBack("\(self[barrier].id) is a point of no return"))
      } else if let holder = steps[Int(step.value)].heldBackBy, self[step].effect != .irreversible {
        endNow(step, .heldBack("\(self[holder].id) needs it and is not undone"))
      } else if case .none(let because, _) = self[step].rollback {
        endNow(step, .left(because))
      } else if let left = steps[Int(step.value)].undoLeft {
        steps[Int(step.value)].undoLeft = nil
        activeUndo = step
        setUndo(step, left)
        resumeUndo(step)
      } else {
        beginUndo(step)
      }
    }
  }

  /// Whether a step that a way back does not come to is a point of no return all the same, for what began before it.
  private func isPassed(_ step: StepIndex, before place: Int) -> Bool {
    guard case .within = undoReach, self[step].effect == .irreversible, barrier == nil, !aborting else { return false }
    return intents[..<place].contains { earlier in
      guard reaches(earlier), !isFinal(earlier), self[earlier].effect != .observe else { return false }
      if case .ended = steps[Int(earlier.value)].undo { return false }
      return true
    }
  }

  /// Records the end of an undo that needs nothing from outside.
  mutating func endNow(_ step: StepIndex, _ end: UndoEnd) {
    pendingUndoEnds += 1
    effects.append(.record(.undoEnded(step, end, evidence: steps[Int(step.value)].evidence)))
  }

  private mutating func beginUndo(_ step: StepIndex) {
    activeUndo = step
    beginUndoAttempts(step)
    setUndo(step, .awaiting)
    if canBeUndone(step) { goOnUndoing(step) }
  }

  /// Whether the programs that an undo counts on are there, and none runs that stands on what is undone: these are ended.
  mutating func canBeUndone(_ step: StepIndex) -> Bool {
    let above = servicesStandingOn(step)
    for service in above { end(service) }
    return hasServices(step) && above.isEmpty
  }

  /// The background programs that an undo counts on are there.
  mutating func goOnUndoing(_ step: StepIndex) {
    setUndo(step, .none)
    if let left = steps[Int(step.value)].undoLeft {
      steps[Int(step.value)].undoLeft = nil
      setUndo(step, left)
      resumeUndo(step)
    } else {
      probe(step)
    }
  }

  private mutating func probe(_ step: StepIndex) {
    guard let applied = self[step].applied else { return passOrUndo(step) }
    var run = CheckRun(applied, step: step, slot: .applied, subject: steps[Int(step.value)].evidence, at: vantage(step))
    run.start(&self)
    continueProbing(step, run)
  }

  mutating func continueProbing(_ step: StepIndex, _ run: CheckRun) {
    setUndo(step, .probing(run))
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if aborting { return endNow(step, .heldBack("the operator aborted the rollback")) }
    if verdict.answer == .fails {
      let end = steps[Int(step.value)].end
      let succeeded = if case .succeeded = end { true } else { false }
      return endNow(
        step,
        .spared(
          succeeded
            ? "its action succeeded, and `applied` says that nothing of it is there" : "its action has not taken effect"
        ))
    }
    passOrUndo(step)
  }

  mutating func passOrUndo(_ step: StepIndex) {
    guard self[step].effect == .irreversible else { return undo(step, steps[Int(step.value)].undoFrom) }
    let id = nextID(step, .policy)
    setUndo(step, .askingPassage(id))
    let text =
      "Step \(path(of: step)) is a point of no return, and may have taken effect. Undo what came before it all the same?"
    effects.append(.record(.asked(id, Question(text: text, kind: .confirm(typing: nil)))))
  }

  /// A way back begins, perhaps again: no attempt of an earlier one is counted, and no name is given twice.
  private mutating func beginUndoAttempts(_ step: StepIndex) {
    steps[Int(step.value)].undoAttempt = 0
    steps[Int(step.value)].undoBase = steps[Int(step.value)].undoIssued
  }

  /// The actions of a step's way back; none where it has none.
  package func undoActions(_ step: StepIndex) -> [UndoAction] {
    if case .actions(let actions) = self[step].rollback { actions } else { [] }
  }

  /// Works out an action of the way back and records the intent to start it.
  private mutating func undo(_ step: StepIndex, _ first: Int) {
    let actions = undoActions(step)
    var place = first
    while place < actions.count {
      let action = actions[place]
      switch action.when.map({ truth($0, at: vantage(step)) }) {
      case .success(false):
        place += 1
        continue
      case .failure(.error(let message)): return endNow(step, .failed(message, inDoubt: false))
      case .success(true), .failure(.unknown), nil: break
      }
      switch resolve(action.action, at: vantage(step)) {
      case .success(let resolved):
        let state = steps[Int(step.value)]
        let id = EffectID(step: step, slot: .undo(place), serial: state.undoBase + state.undoAttempt + 1)
        setUndo(step, .acting(place, id, stopping: nil))
        effects.append(.record(.intended(id, resolved, dryRun: nil)))
        return
      case .failure(.error(let message)): return endNow(step, .failed(message, inDoubt: false))
      case .failure(.unknown):
        // Only where nothing is really done: the undo is assumed to succeed.
        steps[Int(step.value)].evidence = .assumed
        place += 1
      }
    }
    endNow(step, .undone)
  }

  /// An intent of the way back was recorded: the undo may start.
  mutating func intendUndo(_ id: EffectID, _ step: StepIndex, _ action: ResolvedAction) throws(ImpossibleTransition) {
    guard case .acting(let place, let expected, nil) = steps[Int(step.value)].undo, expected == id else {
      throw ImpossibleTransition("the intent \(id) was not announced")
    }
    steps[Int(step.value)].undoAttempt = id.serial - steps[Int(step.value)].undoBase
    steps[Int(step.value)].undoIssued = max(steps[Int(step.value)].undoIssued, id.serial)
    steps[Int(step.value)].undoPlace = place
    let undo = undoActions(step)[place]
    switch action {
    case .program, .http:
      effects.append(.start(StartRequest(id: id, action: action, effect: .change)))
      if let timeout = undo.timeout {
        effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: timeout))
      }
    case .ask, .wait, .inner:
      continueInnerUndo(step, place, id, startInner(step, id, undo.action, action))
    }
  }

  private mutating func continueInnerUndo(_ step: StepIndex, _ place: Int, _ id: EffectID, _ progress: InnerProgress) {
    switch progress {
    case .running(let inner): setUndo(step, .inner(place, id, inner))
    case .ended(let end):
      if aborting { return endNow(step, .failed("the operator aborted the rollback", inDoubt: true)) }
      if let failure = end.failure {
        endNow(step, .failed(failure.message, inDoubt: false))
      } else {
        verifyUndo(step, place, 0, settling: false)
      }
    }
  }

  private mutating func undoActionEnded(_ step: StepIndex, _ place: Int, _ end: ActionEnd, stopping: StopReason?) {
    let undo = undoActions(step)[place]
    steps[Int(step.value)].process = nil
    if case .assumed = end.ending { steps[Int(step.value)].evidence = end.evidence }
    if stopping == .termination { return setUndo(step, .askingDoubt(place, nextID(step, .undo(place)))) }
    if aborting { return endNow(step, .failed("the operator aborted the rollback", inDoubt: true)) }
    var doubtful = stopping == .timeout
    if end.leavesDoubt { doubtful = true }
    if doubtful {
      steps[Int(step.value)].lastFailure =
        stopping == .timeout
        ? "not over within \(undo.timeout.map(DurationText.render) ?? "its time")" : describeMismatch(nil, end)
      return settleUndo(step, place)
    }
    switch end.ending == .assumed ? .success(true) : satisfies(undo.expect, end, at: vantage(step)) {
    case .success(true), .failure(.unknown): verifyUndo(step, place, 0, settling: false)
    case .failure(.error(let message)): endNow(step, .failed(message, inDoubt: false))
    case .success(false):
      let message = describeMismatch(undo.expect, end)
      if let retry = undo.retry, Int(steps[Int(step.value)].undoAttempt) < retry.attempts,
        (try? retry.when.map({ truth($0, at: vantage(step), result: .end(end)) })?.get()) ?? (retry.when == nil)
      {
        return pauseUndo(step, place, retry)
      }
      endNow(step, .failed(message, inDoubt: false))
    }
  }

  private mutating func pauseUndo(_ step: StepIndex, _ place: Int, _ retry: Retry) {
    let delay = retry.pause(before: Int(steps[Int(step.value)].undoAttempt) + 1)
    let id = nextID(step, .undo(place))
    setUndo(step, .pausing(place, id, until: now + delay))
    effects.append(.timer(TimerID(owner: id, purpose: .retry), after: delay))
  }

  // MARK: Verification and doubt

  private mutating func verifyUndo(_ step: StepIndex, _ place: Int, _ number: Int, settling: Bool) {
    let checks = undoActions(step)[place].verify
    guard number < checks.count else {
      steps[Int(step.value)].undoAttempt = 0
      return undo(step, place + 1)
    }
    var run = CheckRun(
      checks[number], step: step, slot: .undoVerify(place, number), subject: steps[Int(step.value)].evidence,
      at: vantage(step))
    run.start(&self)
    continueVerifyingUndo(step, place, number, run, settling: settling)
  }

  mutating func continueVerifyingUndo(
    _ step: StepIndex, _ place: Int, _ number: Int, _ run: CheckRun, settling: Bool
  ) {
    setUndo(step, .verifying(place, number, run, settling: settling))
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if aborting { return endNow(step, .failed("the operator aborted the rollback", inDoubt: true)) }
    if verdict.passes { return verifyUndo(step, place, number + 1, settling: settling) }
    if settling { return repeatUndo(step, place) }
    let name = run.check.title ?? run.check.id ?? "verification \(number)"
    endNow(step, .failed("\(name): \(verdict.message)", inDoubt: false))
  }

  /// Finds out whether an undo took effect: its own verification says so, or it is repeated where that is safe.
  private mutating func settleUndo(_ step: StepIndex, _ place: Int) {
    if engine?.survivorsPossible != true, !undoActions(step)[place].verify.isEmpty {
      verifyUndo(step, place, 0, settling: true)
    } else {
      repeatUndo(step, place)
    }
  }

  private mutating func repeatUndo(_ step: StepIndex, _ place: Int) {
    let undo = undoActions(step)[place]
    let state = steps[Int(step.value)]
    if undo.repeatable, engine?.survivorsPossible != true {
      // After a timeout only as often as `retry` says; after a crash once per engine.
      if let retry = undo.retry {
        if Int(state.undoAttempt) < retry.attempts { return pauseUndo(step, place, retry) }
      } else if state.undoResumed {
        steps[Int(step.value)].undoResumed = false
        return self.undo(step, place)
      }
    }
    let id = nextID(step, .policy)
    setUndo(step, .askingDoubt(place, id))
    let choices = [
      Question.Choice(id: "undone", title: "it is undone: go on"),
      Question.Choice(id: "repeat", title: "it is not: start the undo again"),
      Question.Choice(id: "fail", title: "nobody knows: let the undo fail"),
    ]
    let text = "The undo of step \(self[step].id) was interrupted, and nothing says whether it took effect."
    effects.append(.record(.asked(id, Question(text: text, kind: .choose(choices)))))
  }

  // MARK: Deliveries

  /// Takes what came for a step on its way back.
  mutating func deliverBack(_ delivery: Delivery, to id: EffectID, _ step: StepIndex) -> Bool {
    switch steps[Int(step.value)].undo {
    case .probing(var run):
      guard run.deliver(delivery, to: id, &self) else { return false }
      continueProbing(step, run)
    case .askingPassage(let expected):
      guard expected == id, case .answered(let answer, _, _) = delivery else { return false }
      if case .yes = answer {
        endNow(step, .left("a point of no return"))
      } else {
        hold(before: step)
      }
    case .acting(let place, let expected, let stopping):
      guard expected == id else { return false }
      switch delivery {
      case .ended(let end): undoActionEnded(step, place, end, stopping: stopping)
      case .refused(let message): endNow(step, .failed(message, inDoubt: false))
      case .timer(.timeout):
        guard stopping == nil else { return true }
        setUndo(step, .acting(place, id, stopping: .timeout))
        effects.append(.stop(id))
      case .timer, .answered: return false
      }
    case .inner(let place, let action, let inner) where pause?.reason == .terminated:
      guard let left = takeLast(delivery, of: inner, id) else { return false }
      setUndo(step, .inner(place, action, left))
    case .inner(let place, let action, let inner):
      guard let progress = advance(inner, delivery, to: id, undoActions(step)[place].action, step) else { return false }
      continueInnerUndo(step, place, action, progress)
    case .pausing(let place, let expected, _):
      guard expected == id, case .timer(.retry) = delivery else { return false }
      undo(step, place)
    case .verifying(let place, let number, var run, let settling):
      guard run.deliver(delivery, to: id, &self) else { return false }
      continueVerifyingUndo(step, place, number, run, settling: settling)
    case .askingDoubt(let place, let expected):
      guard expected == id, case .answered(let answer, let by, _) = delivery else { return false }
      switch answer {
      case .choice("undone"):
        steps[Int(step.value)].undoAttempt = 0
        undo(step, place + 1)
      case .choice("repeat"): undo(step, place)
      default: endNow(step, .failed("\(by) let the undo fail in doubt", inDoubt: true))
      }
    case .none, .awaiting, .ended:
      return false
    }
    return true
  }

  /// Nobody is there to answer: on the way back that holds back what needed an answer, and what came before it.
  mutating func missPerson(_ id: EffectID) {
    guard let step = id.step, Int(step.value) < steps.count else { return beginPause(.personNeeded) }
    let missing = "a person is needed, and there is none"
    let no = Delivery.answered(.no(missing), by: "", evidence: .observed)
    switch steps[Int(step.value)].undo {
    case .none, .ended: break
    case .askingPassage: return hold(before: step)
    case .inner(_, _, .checklist):
      // Its other items may be in flight.
      _ = deliverBack(no, to: id, step)
      return
    // Nothing of this way back was begun.
    case .inner(steps[Int(step.value)].undoFrom, _, _): return endNow(step, .heldBack(missing))
    default: return endNow(step, .failed(missing, inDoubt: true))
    }
    guard case .finishing = phase, isFinal(step) else { return beginPause(.personNeeded) }
    switch steps[Int(step.value)].phase {
    case .checking, .verifying, .inner(.check), .inner(.checklist): _ = deliverForward(no, to: id, step)
    default: fail(step, .denied, missing)
    }
  }

  private mutating func hold(before step: StepIndex) {
    barrier = step
    endNow(step, .left("a point of no return"))
  }

  // MARK: Resume

  /// Goes on with a way back that an earlier engine left.
  mutating func resumeRollback() {
    guard let step = activeUndo else { return nextUndo() }
    resumeUndo(step)
  }

  private mutating func resumeUndo(_ step: StepIndex) {
    steps[Int(step.value)].undoResumed = true
    if servicesNeeded(by: step).contains(where: { !stage(of: .program($0)).isUp }) {
      // Where it was left is gone on with once they are there.
      let left = steps[Int(step.value)].undo
      if left != .none, left != .awaiting { steps[Int(step.value)].undoLeft = left }
      setUndo(step, .awaiting)
      _ = hasServices(step)
      return
    }
    switch steps[Int(step.value)].undo {
    case .awaiting where steps[Int(step.value)].undoLeft != nil: goOnUndoing(step)
    case .none, .awaiting, .probing, .askingPassage, .ended:
      setUndo(step, .none)
      beginUndo(step)
    case .acting(let place, _, _), .askingDoubt(let place, _):
      settleUndo(step, place)
    case .inner(let place, let id, _):
      let action = undoActions(step)[place].action
      switch resolve(action, at: vantage(step)) {
      case .success(let resolved): continueInnerUndo(step, place, id, startInner(step, id, action, resolved))
      case .failure: endNow(step, .failed("its action cannot be worked out any more", inDoubt: true))
      }
    case .pausing(let place, _, let until):
      let id = nextID(step, .undo(place))
      setUndo(step, .pausing(place, id, until: until))
      effects.append(.timer(TimerID(owner: id, purpose: .retry), after: max(0, until - now)))
    case .verifying(let place, let number, _, let settling):
      verifyUndo(step, place, number, settling: settling)
    }
  }
}
