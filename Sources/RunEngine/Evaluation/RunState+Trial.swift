import Expressions

extension RunState {
  /// The value that an expression has where the run stands, with the names that a step of it sees.
  package func evaluate(
    _ expression: Expression, in step: StepIndex? = nil, result: ResultView = .none
  ) throws(EvaluationError) -> Value {
    try expression.evaluate(in: RunScope(state: self, result: result, vantage: vantage(step)))
  }
}
