/// Calls of functions.
extension Evaluator {
  mutating func call(_ function: Builtin, _ nodes: [Int]) throws(EvaluationError) -> Value {
    if function == .or || function == .orValue, nodes.count == 2 {
      return try alternative(function, nodes[0], nodes[1])
    }
    var arguments: [Value] = []
    arguments.reserveCapacity(nodes.count)
    var unknown: Unknown?
    for node in nodes {
      let value = try value(node)
      if case .unknown(let other) = value { unknown = unknown?.merging(other) ?? other }
      arguments.append(value)
    }
    if let unknown { return .unknown(unknown) }
    guard let result = try function.apply(arguments, scope) else {
      let types = arguments.map(\.kindName).joined(separator: ", ")
      throw EvaluationError("`\(function.rawValue)` does not take (\(types))")
    }
    return result
  }

  /// `a.or(b)` and `a.orValue(b)`: the second is evaluated only where the first has no value.
  private mutating func alternative(
    _ function: Builtin, _ first: Int, _ second: Int
  ) throws(EvaluationError) -> Value {
    switch try value(first) {
    case .optional(let content?): return function == .or ? .optional(content) : content
    case .optional(nil):
      let other = try value(second)
      if function == .orValue { return other }
      switch other {
      case .optional, .unknown: return other
      default: throw EvaluationError("`or` takes an optional value, not \(other.kindName)")
      }
    case .unknown(let unknown): return .unknown(unknown)
    case let other:
      throw EvaluationError("`\(function.rawValue)` is asked of an optional value, not of \(other.kindName)")
    }
  }
}

extension Builtin {
  /// The result for some known arguments, a receiver first; nil where the function does not take them.
  fileprivate func apply(_ arguments: [Value], _ scope: any Scope) throws(EvaluationError) -> Value? {
    guard let first = arguments.first else { return self == .optionalNone ? .optional(nil) : nil }
    switch self {
    case .int, .uint, .double, .string, .bool, .bytes, .timestamp, .duration, .seconds:
      return arguments.count == 1 ? try Conversion.apply(self, first) : nil
    case .size: return arguments.count == 1 ? size(first) : nil
    case .dyn: return arguments.count == 1 ? first : nil
    case .type: return arguments.count == 1 ? .type(first.typeName) : nil
    case .join: return try join(arguments)
    case .format:
      guard arguments.count == 2, case .string(let pattern) = first, case .list(let values) = arguments[1]
      else { return nil }
      return .string(try TextFormat.apply(pattern, values))
    case .sum, .min, .max, .isSorted, .distinct, .flatten, .slice, .sort, .first, .last, .range, .unwrap, .unwrapOpt:
      return try ListFunctions.apply(self, arguments)
    case .indexOf, .lastIndexOf, .reverse:
      if case .list = first { return try ListFunctions.apply(self, arguments) }
      guard case .string(let text) = first else { return nil }
      return try TextFunctions.apply(self, text, arguments.dropFirst())
    case .quantity, .isQuantity, .sign, .isInteger, .asInteger, .asApproximateFloat, .add, .sub, .isGreaterThan,
      .isLessThan, .compareTo:
      return try QuantityFunctions.apply(self, arguments)
    case .toJson, .fromJson, .pairs, .toMap, .base64, .urlEncode: return try DataFunctions.apply(self, arguments)
    case .contains, .startsWith, .endsWith, .matches, .charAt, .lowerAscii, .upperAscii,
      .replace, .split, .substring, .trim, .quote,
      .find, .findAll:
      guard case .string(let text) = first else { return nil }
      return try TextFunctions.apply(self, text, arguments.dropFirst())
    case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear, .getHours, .getMinutes,
      .getSeconds, .getMilliseconds, .strftime:
      return try TimeFunctions.apply(self, arguments, scope)
    case .optionalOf: return arguments.count == 1 ? .optional(first) : nil
    case .optionalOfNonZero: return arguments.count == 1 ? .optional(first.isZero ? nil : first) : nil
    case .optionalNone, .or, .orValue: return nil
    case .hasValue, .value:
      guard arguments.count == 1, case .optional(let content) = first else { return nil }
      if self == .hasValue { return .bool(content != nil) }
      guard let content else { throw .missing("the optional has no value") }
      return content
    }
  }

  private func size(_ value: Value) -> Value? {
    switch value {
    case .string(let text): .int(Int64(text.unicodeScalars.count))
    case .bytes(let bytes): .int(Int64(bytes.count))
    case .list(let values): .int(Int64(values.count))
    case .map(let map): .int(Int64(map.count))
    default: nil
    }
  }

  private func join(_ arguments: [Value]) throws(EvaluationError) -> Value? {
    guard case .list(let values) = arguments[0], arguments.count <= 2 else { return nil }
    var separator = ""
    if arguments.count == 2 {
      guard case .string(let text) = arguments[1] else { return nil }
      separator = text
    }
    var output = ""
    for (place, value) in values.enumerated() {
      switch value {
      case .string(let text):
        if place > 0 { output += separator }
        output += text
        try SizeLimit.check(bytes: output.utf8.count)
      case .unknown: return value.unknownWithin.map { .unknown($0) }
      default: throw EvaluationError("`join` takes a list of string, and the list holds \(value.kindName)")
      }
    }
    return .string(output)
  }
}

extension Value {
  /// Whether the value is the one that its type begins with: zero, empty, false or null.
  fileprivate var isZero: Bool {
    switch self {
    case .null: true
    case .bool(let value): !value
    case .int(let value): value == 0
    case .uint(let value): value == 0
    case .double(let value): value == 0
    case .string(let value): value.utf8.isEmpty
    case .bytes(let value): value.isEmpty
    case .list(let value): value.isEmpty
    case .map(let value): value.count == 0
    case .timestamp(let value): value == Timestamp(seconds: 0)
    case .duration(let value): value == ExactDuration(seconds: 0)
    case .optional(let value): value == nil
    case .quantity(let value): value.sign == 0
    case .type, .unknown: false
    }
  }
}
