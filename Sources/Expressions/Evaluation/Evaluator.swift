/// Works out the value of an expression, as deep as the parser let it be and no deeper.
struct Evaluator {
  /// How many operations an evaluation takes at most, so that macros within macros end.
  static let maximumSteps = 10_000_000

  let tree: SyntaxTree
  let scope: any Scope
  var locals: [Value]
  private var steps = 0

  init(_ tree: SyntaxTree, _ scope: any Scope) {
    self.tree = tree
    self.scope = scope
    locals = tree.slots == 0 ? [] : Array(repeating: .null, count: tree.slots)
  }

  mutating func value(_ node: Int) throws(EvaluationError) -> Value {
    steps += 1
    if steps > Self.maximumSteps { throw EvaluationError("the expression takes too many steps") }
    switch tree.nodes[node] {
    case .literal(let value): return value
    case .path(let path): return try self.path(path)
    case .presentPath(let path): return try presence(ofPath: path)
    case .optionalPath(let path): return try optionalPath(path)
    case .local(let slot): return locals[slot]
    case .select(let operand, let name): return try Member.select(name.text, of: try value(operand))
    case .presence(let operand, let name): return try Member.presence(of: name.text, in: try value(operand))
    case .optionalSelect(let operand, let name): return try Member.optional(name.text, of: try value(operand))
    case .index(let operand, let key): return try index(operand, key)
    case .optionalIndex(let operand, let key): return try optionalIndex(operand, key)
    case .list(let elements): return try list(elements)
    case .map(let entries): return try map(entries)
    case .not(let operand): return try not(operand)
    case .negate(let operand): return try Arithmetic.negate(try value(operand))
    case .binary(let operation, let left, let right): return try binary(operation, left, right)
    case .and(let operands): return try junction(operands, decisive: false, "&&")
    case .or(let operands): return try junction(operands, decisive: true, "||")
    case .conditional(let condition, let first, let second):
      return try value(try branch(condition, first, second))
    case .call(let function, let arguments): return try call(function, arguments)
    case .matches(let operand, let pattern): return try matches(operand, pattern)
    case .unknownCall(let function, _): throw EvaluationError("there is no function `\(function.name)`")
    case .comprehension(let comprehension): return try run(comprehension)
    case .bind(let slot, let bound, let body):
      locals[slot] = try value(bound)
      return try value(body)
    case .optionalMap(let operand, let slot, let body, let isFlat):
      return try optionalMap(operand, slot, body, isFlat)
    }
  }

  // MARK: Logic

  /// `&&`, which false decides, or `||`, which true decides: whatever else errs or is unknown.
  private mutating func junction(
    _ operands: [Int], decisive: Bool, _ name: StaticString
  ) throws(EvaluationError) -> Value {
    var failure: EvaluationError?
    var unknown: Unknown?
    for operand in operands {
      do throws(EvaluationError) {
        switch try value(operand) {
        case .bool(decisive): return .bool(decisive)
        case .bool: break
        case .unknown(let other): unknown = unknown?.merging(other) ?? other
        case let other:
          if failure == nil { failure = EvaluationError("`\(name)` takes bool, not \(other.kindName)") }
        }
      } catch {
        if failure == nil { failure = error }
      }
    }
    if let unknown { return .unknown(unknown) }
    if let failure { throw failure }
    return .bool(!decisive)
  }

  private mutating func not(_ operand: Int) throws(EvaluationError) -> Value {
    switch try value(operand) {
    case .bool(let truth): return .bool(!truth)
    case .unknown(let unknown): return .unknown(unknown)
    case let other: throw EvaluationError("`!` takes bool, not \(other.kindName)")
    }
  }

  /// The half of a conditional that counts; the condition itself where it is unknown, which has no effects.
  private mutating func branch(_ condition: Int, _ first: Int, _ second: Int) throws(EvaluationError) -> Int {
    switch try value(condition) {
    case .bool(let truth): return truth ? first : second
    case .unknown: return condition
    case let other: throw EvaluationError("the condition of `? :` is bool, not \(other.kindName)")
    }
  }

  // MARK: Operators

  private mutating func binary(
    _ operation: BinaryOperator, _ left: Int, _ right: Int
  ) throws(EvaluationError) -> Value {
    let a = try value(left)
    let b = try value(right)
    if let unknown = Unknown.either(a, b) { return .unknown(unknown) }
    switch operation {
    case .equal: return try Comparison.equal(a, b, negated: false)
    case .notEqual: return try Comparison.equal(a, b, negated: true)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: return try Comparison.order(operation, a, b)
    case .isIn: return try Comparison.isIn(a, b)
    case .add, .subtract, .multiply, .divide, .remainder: return try Arithmetic.apply(operation, a, b)
    }
  }

  private mutating func index(_ operand: Int, _ key: Int) throws(EvaluationError) -> Value {
    let container = try value(operand)
    let key = try value(key)
    if let unknown = Unknown.either(container, key) { return .unknown(unknown) }
    return try Member.index(container, key)
  }

  private mutating func optionalIndex(_ operand: Int, _ key: Int) throws(EvaluationError) -> Value {
    let container = try value(operand)
    let key = try value(key)
    if let unknown = Unknown.either(container, key) { return .unknown(unknown) }
    return try Member.optionalIndex(container, key)
  }

  private mutating func matches(_ operand: Int, _ pattern: LinearPattern) throws(EvaluationError) -> Value {
    switch try value(operand) {
    case .string(let text): return .bool(pattern.matches(in: text))
    case .unknown(let unknown): return .unknown(unknown)
    case let other: throw EvaluationError("`matches` takes string, not \(other.kindName)")
    }
  }

  // MARK: Literals

  private mutating func list(_ elements: [ListElement]) throws(EvaluationError) -> Value {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    var unknown: Unknown?
    for element in elements {
      let value = try value(element.value)
      if case .unknown(let other) = value {
        unknown = unknown?.merging(other) ?? other
      } else if !element.isOptional {
        values.append(value)
      } else if let present = try Self.content(of: value) {
        values.append(present)
      }
    }
    return unknown.map { .unknown($0) } ?? .list(values)
  }

  private mutating func map(_ entries: [MapEntry]) throws(EvaluationError) -> Value {
    var pairs: [(Value, Value)] = []
    pairs.reserveCapacity(entries.count)
    var unknown: Unknown?
    for entry in entries {
      let key = try value(entry.key)
      let value = try value(entry.value)
      if let other = Unknown.either(key, value) {
        unknown = unknown?.merging(other) ?? other
        continue
      }
      try Member.checkKey(key)
      if !entry.isOptional {
        pairs.append((key, value))
      } else if let present = try Self.content(of: value) {
        pairs.append((key, present))
      }
    }
    if let unknown { return .unknown(unknown) }
    let map = ValueMap(pairs)
    if map.count < pairs.count { throw EvaluationError("the map has one key twice") }
    return .map(map)
  }

  private static func content(of value: Value) throws(EvaluationError) -> Value? {
    guard case .optional(let content) = value else {
      throw EvaluationError("`?` takes an optional value, not \(value.kindName)")
    }
    return content
  }
}

extension Unknown {
  /// What is unknown of two values; nil where both are known.
  static func either(_ a: Value, _ b: Value) -> Unknown? {
    switch (a, b) {
    case (.unknown(let a), .unknown(let b)): a.merging(b)
    case (.unknown(let a), _): a
    case (_, .unknown(let b)): b
    default: nil
    }
  }
}
