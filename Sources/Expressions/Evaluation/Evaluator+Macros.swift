/// Macros over lists, maps and optional values.
extension Evaluator {
  mutating func run(_ comprehension: Comprehension) throws(EvaluationError) -> Value {
    let elements: [Value]
    switch try value(comprehension.range) {
    case .list(let values): elements = values
    case .map(let map): elements = map.keys
    case .unknown(let unknown): return .unknown(unknown)
    case let other: throw EvaluationError("a macro goes over a list or a map, not \(other.kindName)")
    }
    switch comprehension.kind {
    case .all: return try decide(comprehension, elements, decisive: false)
    case .exists: return try decide(comprehension, elements, decisive: true)
    case .existsOne: return try existsOne(comprehension, elements)
    case .filter, .map: return try transform(comprehension, elements)
    case .sortBy: return try sort(comprehension, elements)
    }
  }

  /// `all`, which false decides, or `exists`, which true decides: whatever else errs or is unknown.
  private mutating func decide(
    _ comprehension: Comprehension, _ elements: [Value], decisive: Bool
  ) throws(EvaluationError) -> Value {
    var failure: EvaluationError?
    var unknown: Unknown?
    for element in elements {
      locals[comprehension.slot] = element
      do throws(EvaluationError) {
        switch try condition(comprehension) {
        case .bool(decisive): return .bool(decisive)
        case .unknown(let other): unknown = unknown?.merging(other) ?? other
        default: break
        }
      } catch {
        if failure == nil { failure = error }
      }
    }
    if let unknown { return .unknown(unknown) }
    if let failure { throw failure }
    return .bool(!decisive)
  }

  private mutating func existsOne(
    _ comprehension: Comprehension, _ elements: [Value]
  ) throws(EvaluationError) -> Value {
    var count = 0
    var unknown: Unknown?
    for element in elements {
      locals[comprehension.slot] = element
      switch try condition(comprehension) {
      case .bool(true): count += 1
      case .unknown(let other): unknown = unknown?.merging(other) ?? other
      default: break
      }
    }
    return unknown.map { .unknown($0) } ?? .bool(count == 1)
  }

  private mutating func transform(
    _ comprehension: Comprehension, _ elements: [Value]
  ) throws(EvaluationError) -> Value {
    var values: [Value] = []
    var unknown: Unknown?
    for element in elements {
      locals[comprehension.slot] = element
      if comprehension.condition != nil {
        switch try condition(comprehension) {
        case .bool(true): break
        case .unknown(let other):
          unknown = unknown?.merging(other) ?? other
          continue
        default: continue
        }
      }
      guard let transform = comprehension.transform else {
        values.append(element)
        continue
      }
      let value = try value(transform)
      if case .unknown(let other) = value {
        unknown = unknown?.merging(other) ?? other
      } else {
        values.append(value)
      }
    }
    return unknown.map { .unknown($0) } ?? .list(values)
  }

  /// The elements in the order of their keys; those with one key stay in order.
  private mutating func sort(
    _ comprehension: Comprehension, _ elements: [Value]
  ) throws(EvaluationError) -> Value {
    guard let transform = comprehension.transform else { return .list(elements) }
    var keys: [Value] = []
    var unknown: Unknown?
    for element in elements {
      locals[comprehension.slot] = element
      let key = try value(transform)
      if case .unknown(let other) = key { unknown = unknown?.merging(other) ?? other }
      keys.append(key)
    }
    if let unknown { return .unknown(unknown) }
    return .list(try ListFunctions.places(sorting: keys, "sortBy").map { elements[$0] })
  }

  /// The condition of a macro for the element at hand: a truth value or an unknown.
  private mutating func condition(_ comprehension: Comprehension) throws(EvaluationError) -> Value {
    guard let condition = comprehension.condition else { return .bool(true) }
    let value = try value(condition)
    switch value {
    case .bool, .unknown: return value
    default: throw EvaluationError("the condition of a macro is bool, not \(value.kindName)")
    }
  }

  /// The content of an optional value, transformed.
  mutating func optionalMap(_ operand: Int, _ slot: Int, _ body: Int, _ isFlat: Bool) throws(EvaluationError) -> Value {
    switch try value(operand) {
    case .optional(nil): return .optional(nil)
    case .optional(let content?):
      locals[slot] = content
      let result = try value(body)
      if case .unknown = result { return result }
      guard isFlat else { return .optional(result) }
      guard case .optional = result else {
        throw EvaluationError("`optFlatMap` makes an optional value, not \(result.kindName)")
      }
      return result
    case .unknown(let unknown): return .unknown(unknown)
    case let other:
      throw EvaluationError("`\(isFlat ? "optFlatMap" : "optMap")` takes an optional value, not \(other.kindName)")
    }
  }
}
