/// Fields and elements of values.
enum Member {
  /// `value.name`
  static func select(_ name: String, of value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .map(let map):
      guard let found = map[name] else { throw absent(.string(name)) }
      return found
    case .unknown: return value
    case .optional: return try optional(name, of: value)
    default: throw EvaluationError("\(value.kindName) has no field `\(name)`")
    }
  }

  /// `has(value.name)`
  static func presence(of name: String, in value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .map(let map): return .bool(map[name] != nil)
    case .unknown: return value
    case .optional(let content):
      guard let content else { return .bool(false) }
      return try presence(of: name, in: content)
    default: throw EvaluationError("\(value.kindName) has no field `\(name)`")
    }
  }

  /// `value.?name`
  static func optional(_ name: String, of value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .map(let map):
      guard let found = map[name] else { return .optional(nil) }
      if case .unknown = found { return found }
      return .optional(found)
    case .unknown: return value
    case .optional(let content):
      guard let content else { return .optional(nil) }
      return try optional(name, of: content)
    default: throw EvaluationError("\(value.kindName) has no field `\(name)`")
    }
  }

  /// `value[key]`
  static func index(_ value: Value, _ key: Value) throws(EvaluationError) -> Value {
    if case .optional = value { return try optionalIndex(value, key) }
    if let found = try find(key, in: value) { return found }
    if case .list(let elements) = value {
      throw .missing("the list has no element \(key.rendered), only \(elements.count) of them")
    }
    throw absent(key)
  }

  /// `value[?key]`
  static func optionalIndex(_ value: Value, _ key: Value) throws(EvaluationError) -> Value {
    if case .optional(let content) = value {
      guard let content else { return .optional(nil) }
      return try optionalIndex(content, key)
    }
    let found = try find(key, in: value)
    if case .unknown? = found { return found ?? .null }
    return .optional(found)
  }

  /// Errs for what cannot be a key of a map.
  static func checkKey(_ key: Value) throws(EvaluationError) {
    switch key {
    case .bool, .int, .uint, .string: return
    default: throw EvaluationError("\(key.kindName) cannot be a key of a map")
    }
  }

  private static func find(_ key: Value, in value: Value) throws(EvaluationError) -> Value? {
    switch value {
    case .list(let elements):
      guard let place = try place(key) else { return nil }
      return elements.indices.contains(place) ? elements[place] : nil
    case .map(let map):
      if case .double = key { return map[key] }
      try checkKey(key)
      return map[key]
    default: throw EvaluationError("\(value.kindName) has no elements to ask for")
    }
  }

  /// The place that a number names; nil where no list has it.
  private static func place(_ key: Value) throws(EvaluationError) -> Int? {
    switch key {
    case .int(let number): return Int(exactly: number)
    case .uint(let number): return Int(exactly: number)
    case .double(let number):
      guard let place = Int(exactly: number) else { throw EvaluationError("\(key.rendered) is no place in a list") }
      return place
    default: throw EvaluationError("the place in a list is int, not \(key.kindName)")
    }
  }

  private static func absent(_ key: Value) -> EvaluationError {
    .missing("there is no key `\(key.rendered)` in the map")
  }
}

extension Value {
  /// The type as a message names it.
  var kindName: String {
    switch self {
    case .null: "null"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .optional: "optional"
    case .quantity: "quantity"
    default: typeName
    }
  }
}
