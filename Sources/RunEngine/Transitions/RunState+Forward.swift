import Expressions
import RunbookParser

extension RunState {
  /// Whether steps may begin: nothing failed, and the engine goes on.
  var mayBegin: Bool {
    guard pause == nil, !pendingFailure else { return false }
    switch phase {
    case .forward: return failure == nil
    case .finishing: return true
    default: return false
    }
  }

  /// Records how a step ended.
  mutating func conclude(
    _ step: StepIndex, _ end: StepEnd, outputs: [NamedValue] = [], evidence: Evidence? = nil
  ) {
    pendingEnds += 1
    if case .failed(let failure, _) = end, decidesRun(step, failure) { pendingFailure = true }
    effects.append(
      .record(.stepEnded(step, end, outputs: outputs, evidence: evidence ?? steps[Int(step.value)].evidence)))
  }

  /// Records that a step failed; where it rests on something only assumed, that its outcome is unknown.
  mutating func fail(_ step: StepIndex, _ cause: FailureCause, _ message: String, inDoubt: Bool = false) {
    let isOwn = cause == .failed || cause == .unverified || cause == .unmet
    if isOwn, !inDoubt, let assumption = assumption(under: step) {
      return concludeUnknown(step, restingOn: assumption, message)
    }
    conclude(
      step, .failed(Failure(cause, message), inDoubt: inDoubt), outputs: steps[Int(step.value)].outputs)
  }

  // MARK: Before the action

  /// All needs of a step are satisfied.
  mutating func becomeReady(_ step: StepIndex) {
    guard mayBegin, !endedByChoice || isFinal(step), case .waiting = steps[Int(step.value)].phase else { return }
    if let when = self.step(step).when {
      switch truth(when) {
      case .success(true): break
      case .success(false): return conclude(step, .skipped("\(when.source) is false"))
      case .failure(.unknown(let source)): steps[Int(step.value)].certainty = .unknown(source)
      case .failure(.error(let message)): return fail(step, .failed, message)
      }
    }
    check(step, 0, afterPerson: false)
  }

  /// Polls a precondition, or goes on where there is none left.
  private mutating func check(_ step: StepIndex, _ place: Int, afterPerson: Bool) {
    let preconditions = self.step(step).preconditions
    guard place < preconditions.count else {
      if !afterPerson, let confirmation = self.step(step).confirm { return confirm(step, confirmation) }
      return enqueue(step)
    }
    var run = CheckRun(
      preconditions[place].check, step: step, slot: .precondition(place), subject: .observed)
    run.start(&self)
    continueChecking(step, place, run, afterPerson: afterPerson)
  }

  private mutating func continueChecking(_ step: StepIndex, _ place: Int, _ run: CheckRun, afterPerson: Bool) {
    setPhase(step, .checking(place, run, afterPerson: afterPerson))
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if failureInProgress {
      setPhase(step, .waiting)
      return completeFailing()
    }
    if verdict.passes { return check(step, place + 1, afterPerson: afterPerson) }
    let precondition = self.step(step).preconditions[place]
    let name = precondition.check.title ?? precondition.check.id ?? "precondition \(place)"
    let message = "\(name): \(verdict.message)"
    // An error is never taken for "no": only a check that answered may skip or finish the step.
    guard verdict.answer == .fails else { return fail(step, .unmet, message) }
    switch precondition.otherwise {
    case .stop: fail(step, .unmet, message)
    case .skip: conclude(step, .skipped(message))
    case .done: conclude(step, .succeeded)
    case .ask:
      let id = nextID(step, .precondition(place))
      setPhase(step, .askingPrecondition(place, id, afterPerson: afterPerson))
      let choices = [Self.goOn, .init(id: "skip", title: "skip the step"), .init(id: "stop", title: "fail the step")]
      effects.append(
        .record(.asked(id, Question(text: "A precondition is not met: \(message)", kind: .choose(choices)))))
    }
  }

  private mutating func confirm(_ step: StepIndex, _ confirmation: Confirmation) {
    let message = resolveText(confirmation.message, step: step)
    let typing = confirmation.type.map { resolveText($0, step: step) }
    do throws(ResolveProblem) {
      let question = Question(text: try message.get(), kind: .confirm(typing: try typing?.get()))
      let id = nextID(step, .confirmation)
      setPhase(step, .confirming(id))
      effects.append(.record(.asked(id, question)))
    } catch {
      switch error {
      case .unknown: enqueue(step)
      case .error(let message): fail(step, .failed, message)
      }
    }
  }

  // MARK: Slots

  /// A step has everything but a slot.
  mutating func enqueue(_ step: StepIndex) {
    if endedByChoice, !isFinal(step), steps[Int(step.value)].attempt == 0 { return leaveUnbegun(step) }
    setPhase(step, .ready)
    ready.append(step)
    fillSlots()
  }

  /// A choice ended the run, and this step had not begun to act.
  mutating func leaveUnbegun(_ step: StepIndex) {
    setPhase(step, .waiting)
    completeForward()
  }

  /// Starts what waits for a slot, as far as there are slots.
  mutating func fillSlots() {
    while readyHead < ready.count, mayBegin {
      let step = ready[readyHead]
      guard case .ready = steps[Int(step.value)].phase else {
        readyHead += 1
        continue
      }
      if takesSlot(step), let bound = plan.maxParallel, slotsUsed >= bound { return startWithoutSlot() }
      readyHead += 1
      start(step)
    }
    if readyHead == ready.count, readyHead > 0 {
      ready.removeAll(keepingCapacity: true)
      readyHead = 0
    }
  }

  /// Starts what needs no slot, behind what waits for one.
  private mutating func startWithoutSlot() {
    var place = readyHead
    while place < ready.count, mayBegin {
      let step = ready[place]
      place += 1
      if !takesSlot(step), case .ready = steps[Int(step.value)].phase { start(step) }
    }
  }

  /// Whether a step's action counts against `max-parallel`: programs and requests do, people and waits do not.
  func takesSlot(_ step: StepIndex) -> Bool {
    switch self.step(step).action {
    case .program, .http: true
    case .manual, .decide, .checklist, .wait, .assert, .check: false
    }
  }

  /// Works out a step's action and records the intent to start it.
  private mutating func start(_ step: StepIndex) {
    let place = Int(step.value)
    if steps[place].resolved == nil {
      let planned = self.step(step)
      switch resolve(planned.action) {
      case .success(let action): steps[place].resolved = action
      case .failure(.unknown(let source)): return assume(step, source)
      case .failure(.error(let message)): return fail(step, .failed, message)
      }
      switch planned.dryRun.map({ resolve($0) }) {
      case .success(let action): steps[place].resolvedDryRun = action
      case .failure(.error(let message)): return fail(step, .failed, message)
      case .failure(.unknown), nil: break
      }
    }
    guard let action = steps[place].resolved else { return }
    let id = EffectID(step: step, slot: .action, serial: steps[place].attempt + 1)
    if takesSlot(step) { slotsUsed += 1 }
    setPhase(step, .acting(id, stopping: nil))
    effects.append(.record(.intended(id, action, dryRun: steps[place].resolvedDryRun)))
  }

  /// A step whose action rests on something unknown is taken to succeed, and so is what it gives unknown.
  private mutating func assume(_ step: StepIndex, _ source: String) {
    steps[Int(step.value)].certainty = .unknown(source)
    let unknown = self.step(step).outputs.map {
      NamedValue(name: $0.name, value: .unknown(Unknown(sources: [source])))
    }
    conclude(step, .succeeded, outputs: unknown, evidence: .assumed)
  }

  // MARK: The action

  /// An intent was recorded: the action may start.
  mutating func intend(_ id: EffectID, _ action: ResolvedAction, _ dryRun: ResolvedAction?) throws(ImpossibleTransition)
  {
    guard let step = id.step, Int(step.value) < steps.count else { throw ImpossibleTransition("no step for \(id)") }
    if case .undo = id.slot { return try intendUndo(id, step, action) }
    let place = Int(step.value)
    guard case .acting(let expected, nil) = steps[place].phase, expected == id else {
      throw ImpossibleTransition("the intent \(id) was not announced")
    }
    steps[place].attempt = id.serial
    if !steps[place].mayHaveStarted {
      steps[place].mayHaveStarted = true
      intents.append(step)
    }
    let planned = self.step(step)
    switch action {
    case .program, .http:
      effects.append(.start(StartRequest(id: id, action: action, effect: planned.effect, dryRun: dryRun)))
      if let timeout = planned.timeout {
        effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: timeout))
      }
    case .ask, .wait, .inner:
      beginInner(step, id, planned.action, action)
    }
  }

  /// An attempt of the action ended.
  private mutating func actionEnded(_ step: StepIndex, _ end: ActionEnd, stopping: StopReason?) {
    let place = Int(step.value)
    releaseSlot(step)
    steps[place].process = nil
    steps[place].evidence = end.evidence
    let planned = self.step(step)
    switch stopping {
    case .termination:
      // It stays in doubt until an engine settles it.
      return setPhase(step, .settling(Settling(stage: .asking(nextID(step, .doubt)), purpose: .resume)))
    case .rollback:
      return fail(step, .stopped, "stopped because something else failed", inDoubt: true)
    case .timeout, nil: break
    }
    var timedOut = stopping == .timeout
    if case .signalled = end.ending { timedOut = true }
    if timedOut {
      let message =
        stopping == .timeout
        ? "not over within \(planned.timeout.map(DurationText.render) ?? "its time")" : describeMismatch(nil, end)
      steps[place].lastFailure = message
      if mayRetry(step, planned) { return settle(step, .retry) }
      return fail(step, .failed, message, inDoubt: planned.effect != .observe)
    }
    succeedOrRetry(step, planned, end)
  }

  private mutating func succeedOrRetry(_ step: StepIndex, _ planned: PlannedStep, _ end: ActionEnd) {
    let place = Int(step.value)
    let result: ResultView
    if case .assumed = end.ending {
      result = .unknown("steps.\(planned.id)")
    } else {
      result = .end(end)
    }
    let verdict = end.ending == .assumed ? .success(true) : satisfies(planned.expect, end)
    let outputs = self.outputs(planned.outputs, result)
    steps[place].outputs = outputs.values
    switch verdict {
    case .success(true), .failure(.unknown):
      if let problem = outputs.problems.first { return fail(step, .failed, problem) }
      verify(step, 0)
    case .success(false):
      let message = describeMismatch(planned.expect, end)
      if mayRetry(step, planned) {
        let wanted = planned.retry?.when.map { truth($0, result: result) } ?? .success(true)
        if case .success(true) = wanted {
          steps[place].lastFailure = message
          return pauseBeforeRetry(step, planned)
        }
      }
      fail(step, .failed, message)
    case .failure(.error(let message)):
      fail(step, .failed, message)
    }
  }

  private func mayRetry(_ step: StepIndex, _ planned: PlannedStep) -> Bool {
    guard let retry = planned.retry, !failureInProgress else { return false }
    return Int(steps[Int(step.value)].attempt) < retry.attempts
  }

  mutating func pauseBeforeRetry(_ step: StepIndex, _ planned: PlannedStep) {
    let next = Int(steps[Int(step.value)].attempt) + 1
    let delay = planned.retry?.pause(before: next) ?? 0
    let id = nextID(step, .action)
    setPhase(step, .pausing(id, until: now + delay))
    effects.append(.timer(TimerID(owner: id, purpose: .retry), after: delay))
  }

  mutating func releaseSlot(_ step: StepIndex) {
    if takesSlot(step) { slotsUsed -= 1 }
  }

  // MARK: Verification

  /// Polls a verification, or ends the step where there is none left.
  mutating func verify(_ step: StepIndex, _ place: Int) {
    let checks = self.step(step).verify
    let state = steps[Int(step.value)]
    guard place < checks.count else { return conclude(step, .succeeded, outputs: state.outputs) }
    var run = CheckRun(checks[place], step: step, slot: .verify(place), subject: state.evidence)
    run.start(&self)
    continueVerifying(step, place, run)
  }

  private mutating func continueVerifying(_ step: StepIndex, _ place: Int, _ run: CheckRun) {
    setPhase(step, .verifying(place, run))
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if case .failing(.rollback) = phase, self.step(step).effect != .irreversible {
      return fail(step, .stopped, "stopped because something else failed")
    }
    if verdict.passes { return verify(step, place + 1) }
    let name = run.check.title ?? run.check.id ?? "verification \(place)"
    fail(step, .unverified, "\(name): \(verdict.message)")
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
      guard case .answered(let answer, let by, _) = delivery else { return false }
      switch answer {
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
    case .acting(let expected, let stopping) where expected == id:
      return deliverToAction(delivery, id, step, stopping)
    case .inner(let inner):
      return deliverToInner(delivery, to: id, step, inner)
    case .pausing(let expected, _) where expected == id:
      guard case .timer(.retry) = delivery else { return false }
      enqueue(step)
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

  private mutating func deliverToAction(
    _ delivery: Delivery, _ id: EffectID, _ step: StepIndex, _ stopping: StopReason?
  ) -> Bool {
    let place = Int(step.value)
    switch delivery {
    case .ended(let end):
      actionEnded(step, end, stopping: stopping)
    case .refused(let message):
      releaseSlot(step)
      if steps[place].attempt == 1, intents.contains(step) {
        // A refused start is no start: there is nothing to undo.
        steps[place].mayHaveStarted = false
        intents.removeAll { $0 == step }
      }
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
    if !isFinal(step) { unfinished -= 1 }
    if case .failed(let failure, let inDoubt) = end {
      steps[place].inDoubt = inDoubt
      afterFailure(step, failure)
    } else {
      satisfyDependents(of: step)
    }
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
    guard self.failure == nil else { return }
    effects.append(.record(.failureDecided(step, failure, policy(for: step))))
    self.failure = FirstFailure(step: step, failure: failure)
  }

  /// Whether a failure of a step is not tolerated.
  private func decidesRun(_ step: StepIndex, _ failure: Failure) -> Bool {
    if isFinal(step) { return false }
    return policy(for: step) != .continue || failure.cause == .stopped || failure.cause == .operator
  }

  /// What a failure of a step leads to.
  func policy(for step: StepIndex?) -> FailurePolicy {
    step.flatMap { self.step($0).onFailure } ?? plan.onFailure
      ?? (engine?.attended == true ? .ask : .rollback)
  }

  private mutating func satisfyDependents(of step: StepIndex) {
    for dependent in index.dependents[Int(step.value)] {
      steps[Int(dependent.value)].openNeeds -= 1
      if steps[Int(dependent.value)].openNeeds == 0 { becomeReady(dependent) }
    }
  }

  /// Goes on to the end where every step has ended.
  mutating func completeForward() {
    guard live == 0, pendingEnds == 0, pause?.complete != true else { return }
    switch phase {
    case .forward where unfinished == 0 || endedByChoice:
      guard failure == nil else { return }
      finish(hadToleratedFailure ? .failed : .succeeded)
    case .finishing(let outcome) where steps[index.mainCount...].allSatisfy({ $0.end != nil }):
      conclude(outcome)
    default:
      break
    }
  }
}
