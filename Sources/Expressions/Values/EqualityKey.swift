/// A value in a set of those that the language calls equal.
struct EqualityKey: Hashable {
  let value: Value

  static func == (a: EqualityKey, b: EqualityKey) -> Bool { a.value.celEquals(b.value) }

  func hash(into hasher: inout Hasher) { Self.hash(value, into: &hasher) }

  /// Numbers hash by what they are as a double: equal ones are the same there.
  private static func hash(_ value: Value, into hasher: inout Hasher) {
    switch value {
    case .int(let number): hasher.combine(Double(number))
    case .uint(let number): hasher.combine(Double(number))
    case .double(let number): hasher.combine(number)
    case .list(let values): for value in values { hash(value, into: &hasher) }
    case .map(let map):
      // The order of the keys does not count.
      var sum = 0
      for (key, value) in zip(map.keys, map.values) {
        var inner = Hasher()
        hash(key, into: &inner)
        hash(value, into: &inner)
        sum &+= inner.finalize()
      }
      hasher.combine(sum)
    case .optional(let content?): hash(content, into: &hasher)
    default: hasher.combine(value)
    }
  }
}
