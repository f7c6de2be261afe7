extension Expression {
  /// Looks at names and types before anything is evaluated.
  ///
  /// Problems and warnings come in the order of their places.
  ///
  /// - Parameter expected: What the value must be; nil where any type will do. A double may be an int as well.
  public func check(in environment: some TypeEnvironment, expecting expected: ValueType? = nil) -> CheckResult {
    var checker = Checker(tree, environment)
    let type = checker.type(of: tree.root)
    if let expected { checker.expect(expected, of: tree.root, type) }
    return CheckResult(type: type, problems: Self.sorted(checker.problems), warnings: Self.sorted(checker.warnings))
  }

  private static func sorted(_ problems: [ExpressionProblem]) -> [ExpressionProblem] {
    problems.count < 2 ? problems : problems.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}

extension TemplateText {
  /// Looks at the names and types of the expressions; places are those in the whole text, and the type is a string.
  public func check(in environment: some TypeEnvironment) -> CheckResult {
    var result = CheckResult(type: .string, problems: [])
    for part in parts {
      guard case .expression(let expression, let offset) = part else { continue }
      let checked = expression.check(in: environment)
      if case .optional = checked.type {
        result.warnings.append(
          ExpressionProblem(
            "where this value is absent, the text has `null` in its place",
            range: offset..<offset + expression.source.utf8.count,
            notes: ["orValue(…) gives an optional value one to fall back on"]))
      }
      result.problems += checked.problems.map { $0.shifted(by: offset) }
      result.warnings += checked.warnings.map { $0.shifted(by: offset) }
    }
    return result
  }
}
