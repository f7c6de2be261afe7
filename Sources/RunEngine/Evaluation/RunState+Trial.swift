import Expressions

extension RunState {
  /// The value that an expression has where the run stands, with the names it sees in a run.
  package func evaluate(
    _ expression: Expression, result: ResultView = .none
  ) throws(EvaluationError) -> Value {
    try expression.evaluate(in: RunScope(state: self, result: result))
  }
}
