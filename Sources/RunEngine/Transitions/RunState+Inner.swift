import Expressions
import RunbookParser

/// How an action of the state machine's own ended.
struct InnerEnd {
  /// Why it did not succeed; nil where it did.
  var failure: Failure?
  /// What `result` is afterwards.
  var result: ResultView
  /// Values that stand for outputs.
  var given: [NamedValue] = []
  /// What it is worth as evidence.
  var evidence: Evidence
  /// Whether a choice ended the run.
  var endsRun = false
  /// Whether it never began: nobody said a word. An open question is not a start.
  var isUnstarted = false
}

/// An action of the state machine's own, going on or over.
enum InnerProgress {
  /// It goes on.
  case running(InnerAction)
  /// It is over.
  case ended(InnerEnd)
}

extension RunState {
  // MARK: Forward

  /// Begins an action that the state machine performs itself.
  mutating func beginInner(_ step: StepIndex, _ id: EffectID, _ action: Action, _ resolved: ResolvedAction) {
    boundInner(step, id)
    continueInner(step, startInner(step, id, action, resolved))
  }

  /// Sets the step's own time, which is that of the whole action.
  mutating func boundInner(_ step: StepIndex, _ id: EffectID) {
    guard let timeout = self[step].timeout else { return }
    effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: timeout))
  }

  mutating func continueInner(_ step: StepIndex, _ progress: InnerProgress) {
    switch progress {
    case .running(let inner):
      setPhase(step, .inner(inner))
    case .ended(let end):
      let place = Int(step.value)
      steps[place].evidence = end.evidence
      if let lost = steps[place].lost { return fail(step, .failed, lost) }
      if isStopped(step), self[step].effect != .irreversible { return failStopped(step) }
      if end.isUnstarted { forgetStart(step) }
      if let failure = end.failure {
        steps[place].outputs = self.outputs(self[step].outputs, end.result, given: end.given, at: vantage(step)).values
        return fail(step, failure.cause, failure.message)
      }
      switch self[step].expect.map({ truth($0, at: vantage(step), result: end.result) }) {
      case .success(true), nil, .failure(.unknown): break
      case .success(false): return fail(step, .failed, "expected \(self[step].expect?.source ?? "")")
      case .failure(.error(let message)): return fail(step, .failed, message)
      }
      let outputs = self.outputs(self[step].outputs, end.result, given: end.given, at: vantage(step))
      steps[place].outputs = outputs.values
      if let problem = outputs.problems.first { return fail(step, .failed, problem) }
      if end.endsRun { endByChoice(runbookFrame(of: step)) }
      verify(step, 0)
    }
  }

  /// Takes what came for an action of the state machine's own.
  mutating func deliverToInner(
    _ delivery: Delivery, to id: EffectID, _ step: StepIndex, _ inner: InnerAction
  ) -> Bool {
    if pause?.reason == .terminated {
      guard let left = takeLast(delivery, of: inner, id) else { return false }
      setPhase(step, .inner(left))
      return true
    }
    if delivery == .timer(.timeout), case .action = id.slot {
      continueInner(step, expire(inner, step))
      return true
    }
    guard let progress = advance(inner, delivery, to: id, self[step].action, step) else { return false }
    continueInner(step, progress)
    return true
  }

  /// The step's time is over: nobody is asked any more, and what is in flight is ended.
  private mutating func expire(_ inner: InnerAction, _ step: StepIndex) -> InnerProgress {
    let message = "not over within \(self[step].timeout.map(DurationText.render) ?? "its time")"
    switch inner {
    case .wait, .manual: return .running(inner)
    case .decide(let id):
      withdraw(id)
      return .ended(Self.expired)
    case .check(var run):
      run.expire(&self, saying: message)
      return progress(of: run)
    case .checklist(var items):
      for place in items.indices {
        switch items[place] {
        case .asking(let id):
          withdraw(id)
          items[place] = .settled(passed: false, text: "nobody ticked item \(place) in time", by: "")
        case .checking(var run):
          run.expire(&self, saying: message)
          items[place] = settled(run)
        case .settled: break
        }
      }
      return progress(of: items)
    }
  }

  /// The engine was told to end: ends the checks of an action, which begins anew with the next engine.
  mutating func cancelChecks(of inner: InnerAction) -> InnerAction {
    switch inner {
    case .wait, .manual, .decide: return inner
    case .check(var run):
      run.cancel(&self)
      return .check(run)
    case .checklist(var items):
      for place in items.indices {
        guard case .checking(var run) = items[place] else { continue }
        run.cancel(&self)
        items[place] = .checking(run)
      }
      return .checklist(items)
    }
  }

  /// Takes the end of what was in flight when the engine was told to end; nil where it was not waited for.
  mutating func takeLast(_ delivery: Delivery, of inner: InnerAction, _ id: EffectID) -> InnerAction? {
    switch inner {
    case .wait, .manual, .decide: return nil
    case .check(var run):
      return run.deliver(delivery, to: id, &self) ? .check(run) : nil
    case .checklist(var items):
      for place in items.indices {
        guard case .checking(var run) = items[place], run.deliver(delivery, to: id, &self) else { continue }
        items[place] = .checking(run)
        return .checklist(items)
      }
      return nil
    }
  }

  /// Ends an action of the state machine's own after something else failed.
  mutating func cancelInner(_ step: StepIndex, _ inner: InnerAction) {
    switch inner {
    case .wait: failCancelled(step)
    case .manual(let id, _), .decide(let id):
      withdraw(id)
      forgetStart(step)
      failCancelled(step)
    case .check(var run):
      run.cancel(&self)
      setPhase(step, .inner(.check(run)))
      if run.verdict != nil { failCancelled(step) }
    case .checklist(let items):
      var left: [ChecklistProgress] = []
      for item in items {
        switch item {
        case .asking(let id): withdraw(id)
        case .checking(var run):
          run.cancel(&self)
          if run.verdict == nil { left.append(.checking(run)) }
        case .settled: break
        }
      }
      setPhase(step, .inner(.checklist(left)))
      if left.isEmpty { failCancelled(step) }
    }
  }

  private mutating func failCancelled(_ step: StepIndex) {
    if let lost = steps[Int(step.value)].lost { return fail(step, .failed, lost) }
    failStopped(step)
  }

  // MARK: Both ways

  /// Begins an action that needs no performer, forward or back.
  mutating func startInner(
    _ step: StepIndex, _ id: EffectID, _ action: Action, _ resolved: ResolvedAction
  ) -> InnerProgress {
    switch (action, resolved) {
    case (.manual(let manual), .ask(let question)):
      put(question, id)
      tellOfGate(step)
      var expires: Int64?
      if let within = manual.within {
        expires = now + within
        effects.append(.timer(TimerID(owner: id, purpose: .expiry), after: within))
      }
      return .running(.manual(id, expires: expires))
    case (.wait, .wait(let milliseconds)):
      let timer = TimerID(owner: id, purpose: .wait)
      effects.append(.timer(timer, after: milliseconds))
      return .running(.wait(timer, until: now + milliseconds))
    case (.assert(let expression), _):
      switch truth(expression, at: vantage(step)) {
      case .success(true): return .ended(InnerEnd(result: .none, evidence: .observed))
      case .success(false): return failed("\(expression.source) is false")
      case .failure(.unknown(let source)): return .ended(InnerEnd(result: .unknown(source), evidence: .assumed))
      case .failure(.error(let message)): return failed(message)
      }
    case (.check(let check), _):
      // Its probes have names of their own: those of the action count its attempts.
      var run = CheckRun(check, step: step, slot: .item(0), subject: .observed, at: vantage(step))
      run.start(&self)
      return progress(of: run)
    case (.decide(let decision), _):
      return decide(decision, step)
    case (.checklist(let items), _):
      return begin(items, step)
    default:
      return failed("the action and its intent do not fit")
    }
  }

  func failed(_ message: String) -> InnerProgress {
    .ended(InnerEnd(failure: Failure(.failed, message), result: .none, evidence: .observed))
  }

  private func progress(of run: CheckRun) -> InnerProgress {
    guard let verdict = run.verdict else { return .running(.check(run)) }
    let failure = verdict.passes ? nil : Failure(.failed, verdict.message)
    let result: ResultView =
      verdict.answer == .assumed
      ? .unknown(run.step.map { "steps.\(path(of: $0))" } ?? "") : .check(verdict)
    return .ended(
      InnerEnd(failure: failure, result: result, given: verdict.end?.given ?? [], evidence: verdict.evidence))
  }

  private mutating func decide(_ decision: Decision, _ step: StepIndex) -> InnerProgress {
    for option in decision.options {
      guard let when = option.when else { continue }
      switch truth(when, at: vantage(step)) {
      case .success(true): return chosen(option, by: "rule")
      case .success(false): break
      // It may be this one: what follows is not known either.
      case .failure(.unknown(let source)): return .ended(InnerEnd(result: .unknown(source), evidence: .assumed))
      case .failure(.error(let message)): return failed(message)
      }
    }
    switch resolveText(decision.question, at: vantage(step)) {
    case .failure(.error(let message)): return failed(message)
    case .failure(.unknown(let source)): return .ended(InnerEnd(result: .unknown(source), evidence: .assumed))
    case .success(let text):
      let id = nextID(step, .confirmation)
      let choices = decision.options.map { Question.Choice(id: $0.id, title: $0.title ?? $0.id) }
      effects.append(.record(.asked(id, Question(text: text, kind: .choose(choices)))))
      return .running(.decide(id))
    }
  }

  private func chosen(_ option: Decision.Option, by: String, evidence: Evidence = .observed) -> InnerProgress {
    .ended(
      InnerEnd(
        result: .fields([
          NamedValue(name: "choice", value: .string(option.id)), NamedValue(name: "by", value: .string(by)),
        ]), evidence: evidence, endsRun: option.endsRun))
  }

  /// Takes what came; nil where it was not waited for.
  mutating func advance(
    _ inner: InnerAction, _ delivery: Delivery, to id: EffectID, _ action: Action, _ step: StepIndex
  ) -> InnerProgress? {
    switch inner {
    case .wait(let timer, _):
      guard timer.owner == id else { return nil }
      switch delivery {
      case .timer(.wait): return .ended(InnerEnd(result: .none, evidence: .observed))
      case .answered(_, _, .assumed): return .ended(InnerEnd(result: .none, evidence: .assumed))
      default: return nil
      }
    case .manual(let expected, _):
      guard expected == id else { return nil }
      return advanceManual(delivery, id, step)
    case .decide(let expected):
      guard expected == id, case .answered(let answer, let by, let evidence) = delivery,
        case .decide(let decision) = action
      else { return nil }
      if evidence == .assumed {
        return .ended(InnerEnd(result: .unknown("steps.\(self[step].id)"), evidence: .assumed))
      }
      guard case .choice(let chosenID) = answer, let option = decision.options.first(where: { $0.id == chosenID })
      else {
        return .ended(InnerEnd(failure: Failure(.denied, "\(by) chose nothing"), result: .none, evidence: evidence))
      }
      return chosen(option, by: by, evidence: evidence)
    case .check(var run):
      guard run.deliver(delivery, to: id, &self) else { return nil }
      return progress(of: run)
    case .checklist(let items):
      return advance(items, delivery, to: id, action, step)
    }
  }

  /// Nobody answered in time.
  static let expired = InnerEnd(
    failure: Failure(.denied, "nobody answered in time"), result: .none, evidence: .observed, isUnstarted: true)

  private mutating func advanceManual(_ delivery: Delivery, _ id: EffectID, _ step: StepIndex) -> InnerProgress? {
    switch delivery {
    case .timer(.expiry):
      withdraw(id)
      return .ended(Self.expired)
    case .answered(_, _, .assumed):
      return .ended(InnerEnd(result: .unknown("steps.\(self[step].id)"), evidence: .assumed))
    case .answered(.yes(let fields), let by, let evidence):
      return .ended(InnerEnd(result: .fields(NamedValue.answer(fields, by: by)), evidence: evidence))
    case .answered(let answer, let by, let evidence):
      var message = "\(by) said that it is not done"
      if case .no(let reason) = answer, !reason.isEmpty { message += ": " + reason }
      return .ended(InnerEnd(failure: Failure(.failed, message), result: .none, evidence: evidence))
    case .timer, .ended, .refused:
      return nil
    }
  }
}
