/// Operators with two operands, and the sign.
extension Checker {
  mutating func negate(_ operand: Int) -> ValueType {
    let given = type(of: operand)
    switch given {
    case .int, .double, .dyn: return given
    default:
      report("`-` does not take \(given.displayName)", tree.range(operand), notes: Self.questions(of: [given]))
      return .dyn
    }
  }

  mutating func binary(_ node: Int, _ operation: BinaryOperator, _ left: Int, _ right: Int) -> ValueType {
    excuseDivisions(node, operation, left, right)
    let a = type(of: left)
    let b = type(of: right)
    switch operation {
    case .equal, .notEqual:
      compare(node, operation, a, b)
      return .bool
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      order(node, operation, a, b)
      return .bool
    case .isIn:
      membership(node, a, b)
      return .bool
    case .add, .subtract, .multiply, .divide, .remainder:
      guard let result = Self.arithmetic(operation, a, b) else {
        reportMismatch(node, operation, a, b)
        return .dyn
      }
      if operation == .divide, a == .int, b == .int { warnOfFraction(node, left, right) }
      return result
    }
  }

  // MARK: Arithmetic

  /// The type of the result; nil where the operator does not take the types.
  private static func arithmetic(_ operation: BinaryOperator, _ a: ValueType, _ b: ValueType) -> ValueType? {
    switch (operation, a, b) {
    case (_, .dyn, .dyn): return .dyn
    case (.remainder, .double, _), (.remainder, _, .double): return nil
    case (_, .int, .int), (_, .uint, .uint), (_, .double, .double): return a
    case (_, .int, .dyn), (_, .uint, .dyn), (_, .double, .dyn): return a
    case (_, .dyn, .int), (_, .dyn, .uint), (_, .dyn, .double): return b
    case (.add, .string, .string), (.add, .bytes, .bytes), (.add, .string, .dyn), (.add, .bytes, .dyn): return a
    case (.add, .dyn, .string), (.add, .dyn, .bytes): return b
    case (.add, .list, .list): return a.joined(with: b)
    case (.add, .list, .dyn), (.add, .dyn, .list): return .list(.dyn)
    case (.add, .duration, .duration), (.subtract, .duration, .duration): return .duration
    case (.add, .timestamp, .duration), (.add, .duration, .timestamp), (.subtract, .timestamp, .duration):
      return .timestamp
    case (.subtract, .timestamp, .timestamp): return .duration
    case (.add, .timestamp, .dyn), (.add, .dyn, .timestamp): return .timestamp
    case (.subtract, .dyn, .timestamp): return .duration
    case (.add, .duration, .dyn), (.add, .dyn, .duration), (.subtract, .timestamp, .dyn), (.subtract, .dyn, .duration):
      return .dyn
    case (.subtract, .duration, .dyn): return .duration
    default: return nil
    }
  }

  private mutating func reportMismatch(_ node: Int, _ operation: BinaryOperator, _ a: ValueType, _ b: ValueType) {
    var notes = Self.questions(of: [a, b])
    if a.isNumber, b.isNumber {
      notes = ["numbers of two types are brought together with int(x) or double(x)"]
    } else if operation == .add, a == .string || b == .string {
      notes.append("another value becomes a text with string(x)")
    }
    report(
      "`\(operation.text)` does not take \(a.displayName) and \(b.displayName)", tree.range(node), notes: notes)
  }

  /// Notes the divisions whose dropped fraction the operation around them makes use of.
  private mutating func excuseDivisions(_ node: Int, _ operation: BinaryOperator, _ left: Int, _ right: Int) {
    if operation == .remainder {
      wholeDivisions.insert(left)
      wholeDivisions.insert(right)
    } else if operation == .divide, case .binary(.subtract, _, let subtracted) = tree.nodes[left],
      case .binary(.remainder, _, _) = tree.nodes[subtracted]
    {
      wholeDivisions.insert(node)
    }
  }

  private mutating func warnOfFraction(_ node: Int, _ left: Int, _ right: Int) {
    if wholeDivisions.contains(node) { return }
    if case .literal(.int(let a)) = tree.nodes[left], case .literal(.int(let b)) = tree.nodes[right], b != 0, b != -1,
      a % b == 0
    {
      return
    }
    warn(
      "`/` drops the fraction, as both sides are int", tree.range(node),
      notes: ["for the fraction write double(a) / double(b); where it is meant to be dropped, int(a / b)"])
  }

  // MARK: Comparisons

  private mutating func compare(_ node: Int, _ operation: BinaryOperator, _ a: ValueType, _ b: ValueType) {
    if a.isComparable(with: b) { return }
    let (first, second) = (a.displayName, b.displayName)
    if a == .null || b == .null {
      warn("a value of type \(a == .null ? second : first) is never null", tree.range(node))
      return
    }
    report("\(first) and \(second) are never equal", tree.range(node), notes: Self.conversion(a, b))
  }

  private mutating func order(_ node: Int, _ operation: BinaryOperator, _ a: ValueType, _ b: ValueType) {
    let isOrdered =
      switch (a, b) {
      case (.dyn, let other), (let other, .dyn): other == .dyn || other.isOrdered
      default: a.isOrdered && (a == b || (a.isNumber && b.isNumber))
      }
    if isOrdered { return }
    report(
      "`\(operation.text)` cannot compare \(a.displayName) with \(b.displayName)", tree.range(node),
      notes: Self.conversion(a, b) + Self.questions(of: [a, b]))
  }

  private mutating func membership(_ node: Int, _ element: ValueType, _ container: ValueType) {
    let wanted: ValueType
    switch container {
    case .dyn: return
    case .list(let type): wanted = type
    case .map(let key, _): wanted = key
    case .record: wanted = .string
    default:
      let notes = container == .string ? ["whether a text has a part is asked by text.contains(part)"] : []
      report("`in` asks a list or a map, and this is \(container.displayName)", tree.range(node), notes: notes)
      return
    }
    if !wanted.isComparable(with: element) {
      report(
        "a value of type \(element.displayName) is never in a \(container.displayName)", tree.range(node),
        notes: Self.conversion(element, wanted))
    }
  }

  /// How two types are brought together, where that is often meant.
  private static func conversion(_ a: ValueType, _ b: ValueType) -> [String] {
    switch (a, b) {
    case (.string, .int), (.int, .string): ["a text becomes a number with int(text)"]
    case (.string, .double), (.double, .string): ["a text becomes a number with double(text)"]
    case (.string, .duration), (.duration, .string): ["a length of time is written duration('30s')"]
    case (.string, .timestamp), (.timestamp, .string): ["a point in time is written timestamp('2026-01-12T03:14:00Z')"]
    case (.duration, let other) where other.isNumber, (let other, .duration) where other.isNumber:
      ["seconds(x) is the number of seconds of a duration"]
    case (.string, .bool), (.bool, .string): ["a text becomes a truth value with bool(text)"]
    default: []
    }
  }
}

extension ValueType {
  /// Whether values of both types can be equal.
  func isComparable(with other: ValueType) -> Bool {
    switch (self, other) {
    case (.dyn, _), (_, .dyn), (.nullable, .null), (.null, .nullable), (.nullable, .nullable): true
    case (.nullable(let a), let b), (let a, .nullable(let b)): a.isComparable(with: b)
    case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)): a.isComparable(with: b)
    case (.map(let aKey, let a), .map(let bKey, let b)): aKey.isComparable(with: bKey) && a.isComparable(with: b)
    case (.map(let key, let value), .record(let fields)), (.record(let fields), .map(let key, let value)):
      key.isComparable(with: .string) && fields.allSatisfy { $0.optional || $0.type.isComparable(with: value) }
    case (.record, .record): true
    default: self == other || (isNumber && other.isNumber)
    }
  }

  /// Whether `<` compares values of the type.
  var isOrdered: Bool {
    switch self {
    case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration: true
    default: false
    }
  }
}
