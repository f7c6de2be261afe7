/// Functions of amounts, as the expressions of Kubernetes have them.
enum QuantityFunctions {
  /// The result; nil where the function does not take the arguments.
  static func apply(_ function: Builtin, _ arguments: [Value]) throws(EvaluationError) -> Value? {
    switch (function, arguments.count, arguments[0]) {
    case (.quantity, 1, .string(let text)):
      guard let quantity = Quantity(text) else {
        throw EvaluationError("`\(text)` is no quantity, such as 250m or 1.5Gi")
      }
      return .quantity(quantity)
    case (.isQuantity, 1, .string(let text)): return .bool(Quantity(text) != nil)
    case (_, 1, .quantity(let quantity)): return try apply(function, quantity)
    case (_, 2, .quantity(let quantity)): return try apply(function, quantity, arguments[1])
    default: return nil
    }
  }

  private static func apply(_ function: Builtin, _ quantity: Quantity) throws(EvaluationError) -> Value? {
    switch function {
    case .sign: return .int(quantity.sign)
    case .isInteger: return .bool(quantity.whole != nil)
    case .asInteger:
      guard let whole = quantity.whole else { throw EvaluationError("\(quantity) is not a whole number") }
      return .int(whole)
    case .asApproximateFloat: return .double(quantity.approximate)
    default: return nil
    }
  }

  private static func apply(
    _ function: Builtin, _ quantity: Quantity, _ argument: Value
  ) throws(EvaluationError) -> Value? {
    switch (function, argument) {
    case (.add, .quantity(let other)): return try sum(quantity.adding(other))
    case (.add, .int(let number)): return try sum(quantity.adding(Quantity(number)))
    case (.sub, .quantity(let other)): return try sum(quantity.subtracting(other))
    case (.sub, .int(let number)): return try sum(quantity.subtracting(Quantity(number)))
    case (.isGreaterThan, .quantity(let other)): return .bool(quantity.compared(to: other) > 0)
    case (.isLessThan, .quantity(let other)): return .bool(quantity.compared(to: other) < 0)
    case (.compareTo, .quantity(let other)): return .int(quantity.compared(to: other))
    default: return nil
    }
  }

  private static func sum(_ quantity: Quantity?) throws(EvaluationError) -> Value {
    guard let quantity else { throw EvaluationError("the amount is out of range") }
    return .quantity(quantity)
  }
}
