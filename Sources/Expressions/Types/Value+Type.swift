extension Value {
  /// What is known of the value as a type, its elements included.
  public var valueType: ValueType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .timestamp: .timestamp
    case .duration: .duration
    case .quantity: .quantity
    case .type: .type
    case .unknown: .dyn
    case .optional(let content): .optional(content?.valueType ?? .dyn)
    case .list(let values): .list(Self.joined(values))
    case .map(let map): .map(Self.joined(map.keys), Self.joined(map.values))
    }
  }

  private static func joined(_ values: [Value]) -> ValueType {
    guard var type = values.first?.valueType else { return .dyn }
    for value in values.dropFirst() where type != .dyn { type = type.joined(with: value.valueType) }
    return type
  }
}
