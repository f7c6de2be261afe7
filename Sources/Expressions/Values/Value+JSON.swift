import CanonicalJSON

extension Value {
  /// The value of JSON: numbers without fraction or exponent are `int`.
  public init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .list(values.map { Value($0) })
    case .object(let members): self = .map(ValueMap(members.map { (.string($0.key), Value($0.value)) }))
    }
  }

  /// The value as plain JSON, for people and programs that know its type.
  ///
  /// What JSON lacks becomes a text: large unsigned integers, bytes (base 64), timestamps, durations, quantities and types; keys
  /// are rendered; an absent or unknown value is `null`.
  public var json: JSON {
    switch self {
    case .null, .unknown: .null
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .uint(let value): Int64(exactly: value).map { .int($0) } ?? .string(String(value))
    case .double(let value): .double(value)
    case .string(let value): .string(value)
    case .bytes, .timestamp, .duration, .quantity, .type: .string(rendered)
    case .list(let values): .array(values.map(\.json))
    case .map(let map): .object(zip(map.keys, map.values).map { JSON.Member($0.rendered, $1.json) })
    case .optional(let value): value?.json ?? .null
    }
  }
}
