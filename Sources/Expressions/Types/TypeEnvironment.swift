/// The names that an expression may use, with their types.
public protocol TypeEnvironment {
  /// The type that the longest known beginning of a chain of names has.
  ///
  /// - Parameter path: A free name and the fields that follow it, such as `steps`, `promote`, `outputs`, `timeline`.
  func type(ofPath path: [String]) -> PathType
  /// What is known of names before the expression is evaluated.
  var known: [Guard] { get }
}

extension TypeEnvironment {
  /// Nothing is known.
  public var known: [Guard] { [] }
}

/// What a type environment knows of a chain of names.
public enum PathType: Sendable, Hashable {
  /// The first names, so many of them, lead to a value of a type.
  case type(ValueType, consumed: Int)
  /// The name at this place is unknown; the names that could stand there are suggested.
  case unknown(at: Int, suggestions: [String])
  /// The names lead to something of which only parts are values.
  case incomplete
}

/// A type environment without any name.
public struct EmptyTypeEnvironment: TypeEnvironment {
  /// The environment.
  public init() {}

  /// No name is known.
  public func type(ofPath path: [String]) -> PathType { .unknown(at: 0, suggestions: []) }
}

/// What is found out about an expression before it is evaluated.
public struct CheckResult: Sendable, Hashable {
  /// The type of its value; `dyn` where that cannot be told.
  public var type: ValueType
  /// Mistakes: evaluation would err, or the value would be of the wrong type.
  public var problems: [ExpressionProblem]
  /// What evaluates, and is likely not meant.
  public var warnings: [ExpressionProblem]

  /// A result.
  public init(type: ValueType, problems: [ExpressionProblem], warnings: [ExpressionProblem] = []) {
    self.type = type
    self.problems = problems
    self.warnings = warnings
  }
}
