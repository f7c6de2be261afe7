import Expressions
import RunbookParser

/// Called runbooks: what they are given, their preconditions, and what they come to.
extension RunState {
  func inputs(of call: Call, _ step: StepIndex) -> Result<[NamedValue], ResolveProblem> {
    var given: [NamedValue] = []
    let caller = vantage(step)
    for input in call.inputs {
      let value: Result<Value, ResolveProblem>
      switch input.content {
      case .absent: continue
      case .value(let known): value = .success(known)
      case .expression(let expression): value = self.value(expression, at: caller)
      case .text(let text): value = resolveText(text, at: caller).map { .string($0) }
      case .fallback(let expression): value = self.value(expression, given: given)
      }
      switch value.flatMap({ accept($0, input) }) {
      case .success(let accepted): given.append(accepted)
      case .failure(.unknown(let source)):
        given.append(NamedValue(name: input.name, value: .unknown(Unknown(sources: [source]))))
      case .failure(.error(let message)):
        return .failure(.error("the input `\(input.name)` of \(call.runbook): \(message)"))
      }
    }
    return .success(given)
  }

  private func accept(_ value: Value, _ input: Call.Input) -> Result<NamedValue, ResolveProblem> {
    input.type.accept(value).map { NamedValue(name: input.name, value: $0) }.mapError { .error($0.message) }
  }

  /// The value of a default over inputs that are known already.
  private func value(_ expression: Expression, given: [NamedValue]) -> Result<Value, ResolveProblem> {
    do throws(EvaluationError) {
      let value = try expression.evaluate(in: GivenScope(inputs: given, environment: plan.environment ?? ""))
      if case .unknown(let unknown) = value { return .failure(.unknown(unknown.sources.joined(separator: ", "))) }
      return .success(value)
    } catch {
      return .failure(.error("`\(expression.source)`: \(error.message)"))
    }
  }

  mutating func workOutValues(of call: Call, in place: Int) -> String? {
    for constant in call.values {
      switch outputs([constant], .none, at: Vantage(frame: place)) {
      case (let values, []): frames[place].values += values
      case (_, let problems): return problems[0]
      }
    }
    return nil
  }

  /// Polls a precondition of a called runbook, or begins its steps where there is none left.
  mutating func beginCall(_ step: StepIndex, _ place: Int) {
    guard case .call(let call) = self[step].action, let held = steps[Int(step.value)].frames else { return }
    if let overdue = overdueCalls[step] ?? overdueCall(around: step) {
      return fail(step, .deadline, overdueMessage(overdue))
    }
    guard place < call.preconditions.count else {
      setPhase(step, .block(.main(left: call.steps.count)))
      for inner in frames[held.lowerBound].range { takeTurn(StepIndex(inner)) }
      return
    }
    // Numbered after the step's own, of which some may be asked in the same batch.
    var run = CheckRun(
      call.preconditions[place].check, step: step,
      slot: .precondition(self[step].preconditions.count + place), subject: .observed,
      at: Vantage(frame: held.lowerBound))
    run.start(&self)
    continueCall(step, place, run)
  }

  mutating func continueCall(_ step: StepIndex, _ place: Int, _ run: CheckRun) {
    setPhase(step, .block(.preconditions(place, run)))
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if failureInProgress { return failStopped(step) }
    if let overdue = overdueCalls[step] ?? overdueCall(around: step) {
      return fail(step, .deadline, overdueMessage(overdue))
    }
    if isEndedByChoice(step) { return conclude(step, .succeeded) }
    if verdict.passes { return beginCall(step, place + 1) }
    let name = run.check.title ?? run.check.id ?? "precondition \(place)"
    fail(step, .unmet, "\(name): \(verdict.message)")
  }

  /// The call whose `finally` a list is, or stands inside; nil where it is none.
  func call(endedBy place: Int) -> StepIndex? {
    var place = place
    while let owner = frames[place].owner {
      if case .finally = frames[place].kind { return owner }
      place = Int(steps[Int(owner.value)].frame)
    }
    return nil
  }

  /// What the steps of a call came to, while its `finally` runs.
  func outcome(ofCall step: StepIndex) -> RunOutcome {
    firstFailed(inside: step) == nil && overdueCalls[step] == nil ? .succeeded : .failed
  }

  mutating func finishCall(_ step: StepIndex, _ held: Range<Int>) {
    guard case .call(let call) = self[step].action else { return }
    let inner = inner(of: step)
    let failed = firstFailed(inside: step)
    steps[Int(step.value)].evidence = weakest(inner.map { steps[Int($0.value)] })
    if isUndoneAlone(step) { return endUndone(step) }
    if let overdue = overdueCalls[step] { return fail(step, .deadline, overdueMessage(overdue)) }
    let given = outputs(call.outputs, .none, at: Vantage(frame: held.lowerBound))
    let status = failed == nil ? RunOutcome.succeeded : .failed
    let result = ResultView.fields([
      NamedValue(name: "status", value: .string(status.rawValue)),
      NamedValue(
        name: "outputs",
        value: .map(ValueMap(given.values.map { (.string(ExpressionSpelling.of($0.name)), $0.value) }))),
    ])
    switch self[step].expect.map({ truth($0, at: vantage(step), result: result) }) {
    case nil:
      if let failed { return fail(step, .failed, "its step \(self[failed].id) failed") }
      if let problem = given.problems.first { return fail(step, .failed, problem) }
    case .success(true), .failure(.unknown): break
    case .success(false): return fail(step, .failed, "expected \(self[step].expect?.source ?? "")")
    case .failure(.error(let message)): return fail(step, .failed, message)
    }
    let own = outputs(self[step].outputs, result, at: vantage(step))
    steps[Int(step.value)].outputs = own.values
    if let problem = own.problems.first { return fail(step, .failed, problem) }
    verify(step, 0)
  }
}

/// Inputs that are known already, for the defaults of those after them.
private struct GivenScope: Scope {
  let inputs: [NamedValue]
  let environment: String

  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    guard path.count > 1 else { return nil }
    switch (path[0], path[1]) {
    case ("inputs", let name): return inputs.first { ExpressionSpelling.of($0.name) == name }.map { ($0.value, 2) }
    case ("run", "environment"): return (.string(environment), 2)
    default: return nil
    }
  }
}
