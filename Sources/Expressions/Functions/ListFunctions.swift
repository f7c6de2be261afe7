/// Functions of lists.
enum ListFunctions {
  /// The result; nil where the function does not take the arguments.
  static func apply(_ function: Builtin, _ arguments: [Value]) throws(EvaluationError) -> Value? {
    guard case .list(let values) = arguments[0] else { return nil }
    if let unknown = arguments[0].unknownWithin { return .unknown(unknown) }
    switch (function, arguments.count) {
    case (.sum, 1): return try sum(values)
    case (.min, 1): return try extreme(values, .less, "min")
    case (.max, 1): return try extreme(values, .more, "max")
    case (.isSorted, 1): return .bool(try isSorted(values))
    case (.indexOf, 2): return place(values.firstIndex { $0.celEquals(arguments[1]) })
    case (.lastIndexOf, 2): return place(values.lastIndex { $0.celEquals(arguments[1]) })
    default: return nil
    }
  }

  private static func place(_ place: Int?) -> Value { .int(place.map { Int64($0) } ?? -1) }

  /// The sum of numbers or durations; that of nothing is 0.
  private static func sum(_ values: [Value]) throws(EvaluationError) -> Value {
    guard var sum = values.first else { return .int(0) }
    for value in values {
      switch value {
      case .int, .uint, .double, .duration: break
      default: throw EvaluationError("`sum` adds up numbers or durations, not \(value.kindName)")
      }
    }
    for value in values.dropFirst() { sum = try Arithmetic.apply(.add, sum, value) }
    return sum
  }

  private static func extreme(
    _ values: [Value], _ wanted: ValueOrder, _ name: String
  ) throws(EvaluationError) -> Value {
    guard var best = values.first else { throw EvaluationError("`\(name)` of an empty list") }
    for value in values.dropFirst() where try order(value, best) == wanted { best = value }
    return best
  }

  private static func isSorted(_ values: [Value]) throws(EvaluationError) -> Bool {
    for place in values.indices.dropFirst() where try order(values[place], values[place - 1]) == .less { return false }
    return true
  }

  private static func order(_ a: Value, _ b: Value) throws(EvaluationError) -> ValueOrder {
    guard let order = a.order(to: b) else {
      throw EvaluationError("\(a.kindName) and \(b.kindName) have no order")
    }
    return order
  }
}
