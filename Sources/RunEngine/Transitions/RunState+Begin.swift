import Expressions
import RunbookParser

extension RunState {
  // MARK: Before the action

  /// All needs of a step are satisfied.
  mutating func becomeReady(_ step: StepIndex) {
    guard mayBegin, !isEndedByChoice(step), !isOverdue(step), !isUndoneAlone(step),
      case .waiting = steps[Int(step.value)].phase
    else {
      return
    }
    if let when = self[step].when {
      switch truth(when, at: vantage(step)) {
      case .success(true): break
      case .success(false): return conclude(step, .skipped("\(when.source) is false"))
      case .failure(.unknown(let source)): steps[Int(step.value)].certainty = .unknown(source)
      case .failure(.error(let message)): return fail(step, .failed, message)
      }
    }
    if !servicesNeeded(by: step).isEmpty {
      setPhase(step, .awaiting(beforeStart: false))
      guard hasServices(step) else { return }
      setPhase(step, .waiting)
    }
    check(step, 0, afterPerson: false)
  }

  /// Polls a precondition, or goes on where there is none left.
  mutating func check(_ step: StepIndex, _ place: Int, afterPerson: Bool) {
    let preconditions = self[step].preconditions
    guard place < preconditions.count else {
      if !afterPerson, let confirmation = self[step].confirm { return confirm(step, confirmation) }
      if let approval = self[step].approval, gates[step]?.isMet != true { return openGate(step, approval) }
      return enqueue(step)
    }
    var run = CheckRun(
      preconditions[place].check, step: step, slot: .precondition(place), subject: .observed, at: vantage(step))
    run.start(&self)
    continueChecking(step, place, run, afterPerson: afterPerson)
  }

  mutating func continueChecking(_ step: StepIndex, _ place: Int, _ run: CheckRun, afterPerson: Bool) {
    setPhase(step, .checking(place, run, afterPerson: afterPerson))
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if let lost = steps[Int(step.value)].lost { return fail(step, .failed, lost) }
    if goesNoFurther(step) {
      setPhase(step, .waiting)
      completeFailing()
      return completeForward()
    }
    if verdict.passes { return check(step, place + 1, afterPerson: afterPerson) }
    let precondition = self[step].preconditions[place]
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
    let message = resolveText(confirmation.message, at: vantage(step))
    let typing = confirmation.type.map { resolveText($0, at: vantage(step)) }
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

  // MARK: The start

  /// Works out a step's action and records the intent to start it.
  mutating func start(_ step: StepIndex) {
    let place = Int(step.value)
    if !servicesNeeded(by: step).isEmpty {
      setPhase(step, .awaiting(beforeStart: true))
      guard hasServices(step) else { return }
      setPhase(step, .ready)
    }
    if awaitsVerification(step) { return }
    if self[step].action.holdsOthers { return announce(step) }
    if isBackground(step) {
      setPhase(step, .opening)
      return begin(step)
    }
    // What was approved is what is done.
    if steps[place].resolved == nil {
      switch resolve(self[step].action, at: vantage(step)) {
      case .success(let action): steps[place].resolved = action
      case .failure(.unknown(let source)): return assume(step, source)
      case .failure(.error(let message)): return fail(step, .failed, message)
      }
    }
    if steps[place].attempt == 0 {
      switch self[step].dryRun.map({ resolve($0, at: vantage(step)) }) {
      case .success(let action): steps[place].resolvedDryRun = action
      case .failure(.error(let message)): return fail(step, .failed, message)
      case .failure(.unknown), nil: break
      }
    }
    guard let action = steps[place].resolved else { return }
    let id = EffectID(step: step, slot: .action, serial: steps[place].attempt + 1)
    takeSlot(step)
    setPhase(step, .acting(id, stopping: nil))
    effects.append(.record(.intended(id, action, dryRun: steps[place].resolvedDryRun)))
  }

  /// A step whose action rests on something unknown is taken to succeed, and so is what it gives unknown.
  private mutating func assume(_ step: StepIndex, _ source: String) {
    steps[Int(step.value)].certainty = .unknown(source)
    let unknown = self[step].outputs.map {
      NamedValue(name: $0.name, value: .unknown(Unknown(sources: [source])))
    }
    conclude(step, .succeeded, outputs: unknown, evidence: .assumed)
  }
}
