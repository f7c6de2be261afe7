extension Expression {
  /// The value of the expression where names mean what a scope says.
  ///
  /// What rests on an unknown value is `unknown`. The work done is bounded; an expression that takes more errs.
  public func evaluate(in scope: some Scope) throws(EvaluationError) -> Value {
    var evaluator = Evaluator(tree, scope)
    return try evaluator.value(tree.root)
  }
}
