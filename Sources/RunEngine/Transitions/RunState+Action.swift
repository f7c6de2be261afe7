import Expressions
import RunbookParser

extension RunState {
  // MARK: The action

  /// An intent was recorded: the action may start.
  mutating func intend(_ id: EffectID, _ action: ResolvedAction, _ dryRun: ResolvedAction?) throws(ImpossibleTransition)
  {
    if case .notice = id.slot { return try intendNotice(id, action) }
    guard let step = id.step, Int(step.value) < steps.count else { throw ImpossibleTransition("no step for \(id)") }
    if case .undo = id.slot { return try intendUndo(id, step, action) }
    if isBackground(step) { return try intendProgram(id, step, action) }
    let place = Int(step.value)
    guard case .acting(let expected, nil) = steps[place].phase, expected == id else {
      throw ImpossibleTransition("the intent \(id) was not announced")
    }
    steps[place].attempt = id.serial
    if !steps[place].mayHaveStarted {
      steps[place].mayHaveStarted = true
      intents.append(step)
    }
    switch action {
    case .program, .http:
      effects.append(
        .start(
          StartRequest(
            id: id, action: action, effect: performedEffect(of: step), dryRun: dryRun,
            keepsOutput: self[step].keepsOutput)))
      if let timeout = self[step].timeout {
        effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: timeout))
      }
    case .ask, .wait, .inner:
      beginInner(step, id, self[step].action, action)
    }
  }

  /// What an action does to the world, for who performs it: telling people changes nothing of what is run, and is not for
  /// a dry run all the same.
  private func performedEffect(of step: StepIndex) -> Effect {
    if case .notify = self[step].action { return .change }
    return self[step].effect
  }

  /// An attempt of the action ended.
  mutating func actionEnded(_ step: StepIndex, _ end: ActionEnd, stopping: StopReason?) {
    let place = Int(step.value)
    releaseSlot(step)
    steps[place].process = nil
    steps[place].evidence = end.evidence
    switch stopping {
    case .termination:
      // It stays in doubt until an engine settles it.
      return setPhase(step, .settling(Settling(stage: .asking(nextID(step, .doubt)), purpose: .resume)))
    case .rollback:
      return failStopped(step, inDoubt: true)
    case .background:
      let message = steps[place].lost ?? "a background program that it needs ended"
      return fail(step, .failed, message, inDoubt: self[step].effect != .observe)
    case .timeout, nil: break
    }
    var timedOut = stopping == .timeout
    if end.leavesDoubt { timedOut = true }
    if timedOut {
      let message =
        stopping == .timeout
        ? "not over within \(self[step].timeout.map(DurationText.render) ?? "its time")" : describeMismatch(nil, end)
      steps[place].lastFailure = message
      if mayRetry(step) { return settle(step, .retry) }
      if case .notify(let notice) = self[step].action, !notice.required { return delivered(step, message) }
      return fail(step, .failed, message, inDoubt: self[step].effect != .observe)
    }
    succeedOrRetry(step, end)
  }

  private mutating func succeedOrRetry(_ step: StepIndex, _ end: ActionEnd) {
    let place = Int(step.value)
    let result: ResultView
    if case .assumed = end.ending {
      result = .unknown("steps.\(path(of: step))")
    } else {
      result = .end(end)
    }
    let verdict = end.ending == .assumed ? .success(true) : satisfies(self[step].expect, end, at: vantage(step))
    let outputs = self.outputs(self[step].outputs, result, given: end.given, at: vantage(step))
    steps[place].outputs = outputs.values
    switch verdict {
    case .success(true) where isNotice(step): delivered(step, nil)
    case .success(true), .failure(.unknown):
      if let problem = outputs.problems.first { return fail(step, .failed, problem) }
      verify(step, 0)
    case .success(false):
      let message = describeMismatch(self[step].expect, end)
      if mayRetry(step) {
        let wanted = self[step].retry?.when.map { truth($0, at: vantage(step), result: result) } ?? .success(true)
        if case .success(true) = wanted {
          steps[place].lastFailure = message
          return pauseBeforeRetry(step)
        }
      }
      if case .notify(let notice) = self[step].action, !notice.required { return delivered(step, message) }
      fail(step, .failed, message)
    case .failure(.error(let message)):
      fail(step, .failed, message)
    }
  }

  private func isNotice(_ step: StepIndex) -> Bool { if case .notify = self[step].action { true } else { false } }

  /// A message went out, or did not, which is no failure.
  private mutating func delivered(_ step: StepIndex, _ error: String?) {
    let result = ResultView.fields([
      NamedValue(name: "delivered", value: .bool(error == nil)),
      NamedValue(name: "error", value: .string(error ?? "")),
    ])
    if let error { effects.append(.report("\(path(of: step)): the message was not delivered: \(error)")) }
    let outputs = self.outputs(self[step].outputs, result, at: vantage(step))
    steps[Int(step.value)].outputs = outputs.values
    if let problem = outputs.problems.first { return fail(step, .failed, problem) }
    verify(step, 0)
  }

  private func mayRetry(_ step: StepIndex) -> Bool {
    guard let retry = self[step].retry, !goesNoFurther(step) else { return false }
    return Int(steps[Int(step.value)].attempt) < retry.attempts
  }

  mutating func pauseBeforeRetry(_ step: StepIndex) {
    let next = Int(steps[Int(step.value)].attempt) + 1
    let delay = self[step].retry?.pause(before: next) ?? 0
    verifyAnew(step)
    let id = nextID(step, .action)
    setPhase(step, .pausing(id, until: now + delay))
    effects.append(.timer(TimerID(owner: id, purpose: .retry), after: delay))
  }

  // MARK: Verification

  /// Polls a verification, or ends the step where there is none left.
  mutating func verify(_ step: StepIndex, _ place: Int) {
    let checks = self[step].verify
    guard place < checks.count else { return conclude(step, .succeeded, outputs: steps[Int(step.value)].outputs) }
    var run = CheckRun(
      checks[place], step: step, slot: .verify(place), subject: steps[Int(step.value)].evidence, at: vantage(step))
    run.start(&self)
    continueVerifying(step, place, run)
  }

  mutating func continueVerifying(_ step: StepIndex, _ place: Int, _ run: CheckRun) {
    setPhase(step, .verifying(place, run))
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if let lost = steps[Int(step.value)].lost { return fail(step, .failed, lost) }
    if isStopped(step), self[step].effect != .irreversible { return failStopped(step) }
    if verdict.passes { return verify(step, place + 1) }
    let name = run.check.title ?? run.check.id ?? "verification \(place)"
    fail(step, .unverified, "\(name): \(verdict.message)")
  }
}
