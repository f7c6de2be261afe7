/// How two values stand to each other.
enum ValueOrder {
  case less, same, more
  /// At least one is not a number.
  case none

  init(_ less: Bool, _ same: Bool) { self = less ? .less : same ? .same : .more }
}

extension Value {
  /// Whether the language calls both equal: numbers by their value across types, all else within its type.
  public func celEquals(_ other: Value) -> Bool {
    switch (self, other) {
    case (.int(let a), .int(let b)): return a == b
    case (.string(let a), .string(let b)): return a.hasSameBytes(as: b)
    case (.bool(let a), .bool(let b)): return a == b
    case (.null, .null): return true
    case (.double(let a), .double(let b)): return a == b
    case (.uint(let a), .uint(let b)): return a == b
    case (.int, .uint), (.int, .double), (.uint, .int), (.uint, .double), (.double, .int), (.double, .uint):
      if case .same? = numericOrder(to: other) { return true }
      return false
    case (.bytes(let a), .bytes(let b)): return a == b
    case (.list(let a), .list(let b)):
      guard a.count == b.count else { return false }
      for place in a.indices where !a[place].celEquals(b[place]) { return false }
      return true
    case (.map(let a), .map(let b)): return a.celEquals(b)
    case (.timestamp(let a), .timestamp(let b)): return a == b
    case (.duration(let a), .duration(let b)): return a == b
    case (.quantity(let a), .quantity(let b)): return a == b
    case (.type(let a), .type(let b)): return a == b
    case (.optional(let a), .optional(let b)):
      guard let a, let b else { return a == nil && b == nil }
      return a.celEquals(b)
    default: return false
    }
  }

  /// The order of two values that the language orders; nil where it has no order for them.
  func order(to other: Value) -> ValueOrder? {
    switch (self, other) {
    case (.int(let a), .int(let b)): ValueOrder(a < b, a == b)
    case (.string(let a), .string(let b)): ValueOrder(a.precedes(b), a.hasSameBytes(as: b))
    case (.bytes(let a), .bytes(let b)): ValueOrder(a.lexicographicallyPrecedes(b), a == b)
    case (.bool(let a), .bool(let b)): ValueOrder(!a && b, a == b)
    case (.timestamp(let a), .timestamp(let b)): ValueOrder(a < b, a == b)
    case (.duration(let a), .duration(let b)): ValueOrder(a < b, a == b)
    default: numericOrder(to: other)
    }
  }

  private func numericOrder(to other: Value) -> ValueOrder? {
    switch (self, other) {
    case (.int(let a), .int(let b)): ValueOrder(a < b, a == b)
    case (.uint(let a), .uint(let b)): ValueOrder(a < b, a == b)
    case (.double(let a), .double(let b)): a.isNaN || b.isNaN ? ValueOrder.none : ValueOrder(a < b, a == b)
    case (.int(let a), .uint(let b)): ValueOrder(a < b, a == b)
    case (.uint(let a), .int(let b)): ValueOrder(a < b, a == b)
    case (.int(let a), .double(let b)): Self.order(a, b)
    case (.uint(let a), .double(let b)): Self.order(a, b)
    case (.double(let a), .int(let b)): Self.order(b, a).reversed
    case (.double(let a), .uint(let b)): Self.order(b, a).reversed
    default: nil
    }
  }

  private static func order(_ a: some FixedWidthInteger, _ b: Double) -> ValueOrder {
    if b.isNaN { return .none }
    if b.isInfinite { return b > 0 ? .less : .more }
    let whole = b.rounded(.towardZero)
    // A finite double of this size still fits in 128 bits where it can matter.
    guard abs(whole) < 0x1p+100 else { return b > 0 ? .less : .more }
    let left = Int128(a)
    let right = Int128(whole)
    if left != right { return left < right ? .less : .more }
    return ValueOrder(whole < b, whole == b)
  }

  /// Whether a value equal to itself in structure may differ from itself in the language.
  var holdsNaN: Bool {
    switch self {
    case .double(let value): value.isNaN
    case .list(let values): values.contains { $0.holdsNaN }
    case .map(let map): map.values.contains { $0.holdsNaN }
    case .optional(let value): value?.holdsNaN ?? false
    default: false
    }
  }
}

extension ValueOrder {
  /// The order seen from the other side.
  fileprivate var reversed: ValueOrder {
    switch self {
    case .less: .more
    case .more: .less
    case .same, .none: self
    }
  }
}
