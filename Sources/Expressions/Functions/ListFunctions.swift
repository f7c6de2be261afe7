/// Functions of lists.
enum ListFunctions {
  /// The result; nil where the function does not take the arguments.
  static func apply(_ function: Builtin, _ arguments: [Value]) throws(EvaluationError) -> Value? {
    if function == .range { return try range(arguments) }
    guard case .list(let values) = arguments[0] else { return nil }
    if function == .first || function == .last, arguments.count == 1 {
      return end(function == .first ? values.first : values.last)
    }
    if function == .reverse, arguments.count == 1 { return .list(values.reversed()) }
    if function == .slice, arguments.count == 3 { return try slice(values, arguments[1], arguments[2]) }
    if let unknown = arguments[0].unknownWithin { return .unknown(unknown) }
    switch (function, arguments.count) {
    case (.sum, 1): return try sum(values)
    case (.min, 1): return try extreme(values, .less, "min")
    case (.max, 1): return try extreme(values, .more, "max")
    case (.isSorted, 1): return .bool(try isSorted(values))
    case (.indexOf, 2): return place(values.firstIndex { $0.celEquals(arguments[1]) })
    case (.lastIndexOf, 2): return place(values.lastIndex { $0.celEquals(arguments[1]) })
    case (.distinct, 1): return .list(distinct(values))
    case (.flatten, 1): return .list(try flattened(values, depth: 1))
    case (.flatten, 2):
      guard case .int(let depth) = arguments[1] else { return nil }
      return .list(try flattened(values, depth: depth))
    case (.sort, 1): return .list(try places(sorting: values, "sort").map { values[$0] })
    case (.unwrap, 1), (.unwrapOpt, 1): return try unwrapped(values, function)
    default: return nil
    }
  }

  /// `first()` and `last()`: an optional value, and an unknown as it is.
  private static func end(_ value: Value?) -> Value {
    if case .unknown? = value { return value ?? .null }
    return .optional(value)
  }

  /// `lists.range(n)`: the numbers from 0 up to n, without it.
  private static func range(_ arguments: [Value]) throws(EvaluationError) -> Value? {
    guard arguments.count == 1, case .int(let count) = arguments[0] else { return nil }
    guard count > 0 else { return .list([]) }
    try SizeLimit.check(elements: Int(clamping: count))
    return .list((0..<count).map { .int($0) })
  }

  private static func slice(_ values: [Value], _ from: Value, _ to: Value) throws(EvaluationError) -> Value? {
    guard case .int(let from) = from, case .int(let to) = to else { return nil }
    guard from >= 0, from <= to, to <= values.count else {
      throw EvaluationError("the list of \(values.count) has no slice from \(from) to \(to)")
    }
    return .list(Array(values[Int(from)..<Int(to)]))
  }

  /// The first of equal elements, in order.
  private static func distinct(_ values: [Value]) -> [Value] {
    var kept: [Value] = []
    var seen: Set<EqualityKey> = []
    for value in values where seen.insert(EqualityKey(value: value)).inserted { kept.append(value) }
    return kept
  }

  /// The elements of lists within the list in their place, so many levels deep.
  private static func flattened(_ values: [Value], depth: Int64) throws(EvaluationError) -> [Value] {
    if depth < 0 { throw EvaluationError("`flatten` goes no \(depth) levels deep") }
    var values = values
    for _ in 0..<min(depth, 64) {
      var flat: [Value] = []
      var changed = false
      for value in values {
        if case .list(let inner) = value {
          flat += inner
          changed = true
        } else {
          flat.append(value)
        }
        try SizeLimit.check(elements: flat.count)
      }
      values = flat
      if !changed { break }
    }
    return values
  }

  private static func unwrapped(_ values: [Value], _ function: Builtin) throws(EvaluationError) -> Value {
    var contents: [Value] = []
    for value in values {
      guard case .optional(let content) = value else {
        throw EvaluationError("`\(function.rawValue)` takes a list of optional values, and it holds \(value.kindName)")
      }
      if let content { contents.append(content) }
    }
    return .list(contents)
  }

  /// The places of keys in their order, which must be one type's; those of equal keys stay in order.
  static func places(sorting keys: [Value], _ name: String) throws(EvaluationError) -> [Int] {
    guard let first = keys.first else { return [] }
    for key in keys {
      guard key.typeName == first.typeName else {
        throw EvaluationError("`\(name)` takes values of one type, not \(first.kindName) and \(key.kindName)")
      }
      if key.order(to: key) == nil { throw EvaluationError("`\(name)` finds no order of \(key.kindName)") }
    }
    return keys.indices.sorted { a, b in
      switch keys[a].order(to: keys[b]) {
      case .less?: true
      case .more?: false
      default: a < b
      }
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
