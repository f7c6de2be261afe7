/// Values by key, in the order they were put in.
///
/// Keys are bool, int, uint or string; numbers of one value are one key, whatever their type.
public struct ValueMap: Sendable {
  private final class Storage: Sendable {
    let keys: [Value]
    let values: [Value]
    let index: [MapKey: Int]?

    init(keys: [Value], values: [Value], index: [MapKey: Int]?) {
      self.keys = keys
      self.values = values
      self.index = index
    }
  }

  private static let empty = Storage(keys: [], values: [], index: nil)
  /// Maps up to this size are searched key by key.
  private static let scanned = 8
  private let storage: Storage

  /// The empty map.
  public init() { storage = Self.empty }

  /// A map of these pairs; the later of two pairs with one key wins, at the place of the earlier.
  public init(_ pairs: [(Value, Value)]) {
    var keys: [Value] = []
    var values: [Value] = []
    keys.reserveCapacity(pairs.count)
    values.reserveCapacity(pairs.count)
    var index: [MapKey: Int]? = nil
    if pairs.count > Self.scanned {
      var places: [MapKey: Int] = [:]
      places.reserveCapacity(pairs.count)
      for (key, value) in pairs {
        let place = places[MapKey(key), default: keys.count]
        if place < keys.count {
          values[place] = value
        } else {
          places[MapKey(key)] = place
          keys.append(key)
          values.append(value)
        }
      }
      index = places
    } else {
      for (key, value) in pairs {
        if let place = keys.firstIndex(where: { $0.celEquals(key) }) {
          values[place] = value
        } else {
          keys.append(key)
          values.append(value)
        }
      }
    }
    storage = Storage(keys: keys, values: values, index: index)
  }

  /// How many keys there are.
  public var count: Int { storage.keys.count }
  /// The keys, in order.
  public var keys: [Value] { storage.keys }
  /// The values, in the order of their keys.
  public var values: [Value] { storage.values }

  /// The value of a key.
  public subscript(key: Value) -> Value? {
    if case .string(let text) = key { return self[text] }
    if let index = storage.index { return index[MapKey(key)].map { storage.values[$0] } }
    return storage.keys.firstIndex { $0.celEquals(key) }.map { storage.values[$0] }
  }

  /// The value of a text as the key.
  public subscript(key: String) -> Value? {
    if let index = storage.index { return index[MapKey(.string(key))].map { storage.values[$0] } }
    for (place, candidate) in storage.keys.enumerated() {
      if case .string(let text) = candidate, text.hasSameBytes(as: key) { return storage.values[place] }
    }
    return nil
  }

  /// Whether the language calls both equal: the same keys with equal values, in any order.
  public func celEquals(_ other: ValueMap) -> Bool {
    if storage === other.storage, !storage.values.contains(where: { $0.holdsNaN }) { return true }
    guard count == other.count else { return false }
    for (place, key) in storage.keys.enumerated() {
      guard let value = other[key], storage.values[place].celEquals(value) else { return false }
    }
    return true
  }
}

extension ValueMap: Hashable {
  /// Whether both hold the same pairs in the same order.
  public static func == (a: ValueMap, b: ValueMap) -> Bool {
    a.storage === b.storage || (a.keys == b.keys && a.values == b.values)
  }

  /// Hashes the pairs in order.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(storage.keys)
    hasher.combine(storage.values)
  }
}

/// A key in the form in which keys that the language calls equal are equal.
private enum MapKey: Hashable {
  case number(Int64)
  case large(UInt64)
  case text(TextKey)
  case other(Value)

  init(_ value: Value) {
    switch value {
    case .int(let number): self = .number(number)
    case .uint(let number): self = Int64(exactly: number).map { .number($0) } ?? .large(number)
    case .double(let number):
      if let whole = Int64(exactly: number) {
        self = .number(whole)
      } else if let whole = UInt64(exactly: number) {
        self = .large(whole)
      } else {
        self = .other(value)
      }
    case .string(let text): self = .text(TextKey(text: text))
    default: self = .other(value)
    }
  }
}

/// A text that is hashed and compared by its bytes.
private struct TextKey: Hashable {
  let text: String

  static func == (a: TextKey, b: TextKey) -> Bool { a.text.hasSameBytes(as: b.text) }

  func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}
