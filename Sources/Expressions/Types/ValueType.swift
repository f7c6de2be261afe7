/// What is known of a value before it is there.
public indirect enum ValueType: Sendable, Hashable {
  /// Any value; what is done with it is checked when it is there.
  case dyn
  /// The absent value.
  case null
  /// A truth value.
  case bool
  /// A signed integer.
  case int
  /// An unsigned integer.
  case uint
  /// A number in floating point.
  case double
  /// A text.
  case string
  /// Bytes.
  case bytes
  /// Values of one type in order.
  case list(ValueType)
  /// Values of one type by keys of another.
  case map(ValueType, ValueType)
  /// A map with texts as keys, all of them known.
  case record([Field])
  /// A point in time.
  case timestamp
  /// A length of time.
  case duration
  /// An amount as Kubernetes writes it.
  case quantity
  /// A type.
  case type
  /// A value that may be absent.
  case optional(ValueType)
  /// A value of a type, or null.
  case nullable(ValueType)

  /// One key of a record.
  public struct Field: Sendable, Hashable {
    /// The key.
    public var name: String
    /// The type of its value.
    public var type: ValueType
    /// Whether the key may be absent.
    public var optional: Bool

    /// A key with the type of its value.
    public init(name: String, type: ValueType, optional: Bool = false) {
      self.name = name
      self.type = type
      self.optional = optional
    }
  }

  /// The type as a message names it.
  public var displayName: String {
    switch self {
    case .dyn: "any value"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .list(let element): element == .dyn ? "list" : "list of \(element.displayName)"
    case .map(let key, let value):
      value == .dyn ? "map" : "map of \(key.displayName) to \(value.displayName)"
    case .record: "record"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .quantity: "quantity"
    case .type: "type"
    case .optional(let wrapped): wrapped == .dyn ? "optional" : "optional \(wrapped.displayName)"
    case .nullable(let content): "\(content.displayName) or null"
    }
  }

  /// Whether a value of another type can stand where this one is wanted.
  public func accepts(_ other: ValueType) -> Bool {
    switch (self, other) {
    case (.dyn, _), (_, .dyn): true
    case (.list(let wanted), .list(let given)): wanted.accepts(given)
    case (.map(let wantedKey, let wanted), .map(let givenKey, let given)):
      wantedKey.accepts(givenKey) && wanted.accepts(given)
    case (.map(let key, let wanted), .record(let fields)):
      key.accepts(.string) && fields.allSatisfy { wanted.accepts($0.type) }
    case (.record(let fields), .map(let key, let given)):
      key.accepts(.string) && fields.allSatisfy { $0.type.accepts(given) }
    case (.record(let wanted), .record(let given)):
      wanted.allSatisfy { field in
        guard let match = given.first(where: { $0.name == field.name }) else { return field.optional }
        return field.type.accepts(match.type) && (field.optional || !match.optional)
      }
    case (.optional(let wanted), .optional(let given)): wanted.accepts(given)
    case (.nullable, .null): true
    case (.nullable(let wanted), .nullable(let given)), (.nullable(let wanted), let given): wanted.accepts(given)
    default: self == other
    }
  }

  /// The type of a value that is of one or the other type.
  func joined(with other: ValueType) -> ValueType {
    if self == other { return self }
    switch (self, other) {
    case (.list(let a), .list(let b)): return .list(a.joined(with: b))
    case (.map(let aKey, let a), .map(let bKey, let b)): return .map(aKey.joined(with: bKey), a.joined(with: b))
    case (.optional(let a), .optional(let b)): return .optional(a.joined(with: b))
    case (.nullable, .null): return self
    case (.null, .nullable): return other
    case (.nullable(let a), .nullable(let b)), (.nullable(let a), let b), (let a, .nullable(let b)):
      let content = a.joined(with: b)
      return content == .dyn ? .dyn : .nullable(content)
    default: return .dyn
    }
  }

  /// The type of what is not null of it.
  var withoutNull: ValueType { if case .nullable(let content) = self { content } else { self } }

  /// Whether it is a number of some kind.
  var isNumber: Bool {
    switch self {
    case .int, .uint, .double: true
    default: false
    }
  }
}
