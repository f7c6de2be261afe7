/// A value of the expression language.
///
/// `==` is structural: `1` and `1u` differ, a NaN equals itself, texts are compared byte for byte and maps with their
/// order; what the language calls equal is `celEquals`.
public enum Value: Sendable {
  /// The absent value.
  case null
  /// A truth value.
  case bool(Bool)
  /// A signed integer of 64 bits.
  case int(Int64)
  /// An unsigned integer of 64 bits.
  case uint(UInt64)
  /// A number in floating point.
  case double(Double)
  /// A text.
  case string(String)
  /// Bytes.
  case bytes([UInt8])
  /// Values in order.
  case list([Value])
  /// Values by key.
  case map(ValueMap)
  /// A point in time.
  case timestamp(Timestamp)
  /// A length of time.
  case duration(ExactDuration)
  /// An amount as Kubernetes writes it.
  case quantity(Quantity)
  /// A type, by its name.
  case type(String)
  /// A value that may be absent.
  indirect case optional(Value?)
  /// A value that is not known yet.
  case unknown(Unknown)

  /// The name of the value's type in the expression language.
  public var typeName: String {
    switch self {
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .list: "list"
    case .map: "map"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    case .quantity: "kubernetes.Quantity"
    case .type: "type"
    case .optional: "optional_type"
    case .unknown: "unknown"
    }
  }
}

extension Value: Hashable {
  /// Whether both are built alike.
  public static func == (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.uint(let a), .uint(let b)): a == b
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
    case (.bytes(let a), .bytes(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.map(let a), .map(let b)): a == b
    case (.timestamp(let a), .timestamp(let b)): a == b
    case (.duration(let a), .duration(let b)): a == b
    case (.quantity(let a), .quantity(let b)): a == b
    case (.type(let a), .type(let b)): a == b
    case (.optional(let a), .optional(let b)): a == b
    case (.unknown(let a), .unknown(let b)): a == b
    default: false
    }
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .uint(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value.bitPattern)
    case .string(let value): value.hashBytes(into: &hasher)
    case .bytes(let value): hasher.combine(value)
    case .list(let value): hasher.combine(value)
    case .map(let value): hasher.combine(value)
    case .timestamp(let value): hasher.combine(value)
    case .duration(let value): hasher.combine(value)
    case .quantity(let value): hasher.combine(value)
    case .type(let value): hasher.combine(value)
    case .optional(let value): hasher.combine(value)
    case .unknown(let value): hasher.combine(value)
    }
  }
}
