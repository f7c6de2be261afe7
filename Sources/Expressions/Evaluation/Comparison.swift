/// Equality, order and membership.
enum Comparison {
  /// `==`, or `!=` if negated.
  static func equal(_ a: Value, _ b: Value, negated: Bool) throws(EvaluationError) -> Value {
    if a.isComposite, b.isComposite, let unknown = Unknown.within(a, b) { return .unknown(unknown) }
    return .bool(a.celEquals(b) != negated)
  }

  /// `<`, `<=`, `>`, `>=`
  static func order(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    guard let order = a.order(to: b) else {
      throw EvaluationError("`\(operation.text)` cannot compare \(a.kindName) with \(b.kindName)")
    }
    switch (operation, order) {
    case (_, .none): return .bool(false)
    case (.less, .less), (.lessOrEqual, .less), (.lessOrEqual, .same), (.greater, .more), (.greaterOrEqual, .more),
      (.greaterOrEqual, .same):
      return .bool(true)
    default: return .bool(false)
    }
  }

  /// `element in container`
  static func isIn(_ element: Value, _ container: Value) throws(EvaluationError) -> Value {
    switch container {
    case .list(let values):
      var unknown: Unknown?
      for value in values {
        if case .unknown(let other) = value {
          unknown = unknown?.merging(other) ?? other
        } else if case .unknown(let other) = try equal(element, value, negated: false) {
          unknown = unknown?.merging(other) ?? other
        } else if element.celEquals(value) {
          return .bool(true)
        }
      }
      return unknown.map { .unknown($0) } ?? .bool(false)
    case .map(let map): return .bool(map[element] != nil)
    default: throw EvaluationError("`in` asks a list or a map, not \(container.kindName)")
    }
  }
}

extension Value {
  fileprivate var isComposite: Bool {
    switch self {
    case .list, .map, .optional: true
    default: false
    }
  }

  /// What is unknown of the value or anything in it.
  var unknownWithin: Unknown? {
    switch self {
    case .unknown(let unknown): return unknown
    case .list(let values): return Self.unknown(within: values)
    case .map(let map): return Self.unknown(within: map.values)
    case .optional(let value): return value?.unknownWithin
    default: return nil
    }
  }

  private static func unknown(within values: [Value]) -> Unknown? {
    var unknown: Unknown?
    for value in values {
      if let other = value.unknownWithin { unknown = unknown?.merging(other) ?? other }
    }
    return unknown
  }
}

extension Unknown {
  /// What is unknown within two values.
  fileprivate static func within(_ a: Value, _ b: Value) -> Unknown? {
    guard let first = a.unknownWithin else { return b.unknownWithin }
    return b.unknownWithin.map(first.merging) ?? first
  }
}
