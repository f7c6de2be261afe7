import Diagnostics

/// One node of a YAML document with its place.
public struct YAMLNode: Sendable {
  /// What a node holds.
  public enum Content: Sendable {
    /// A text; its type is a matter of the field it stands in.
    case scalar(YAMLScalar)
    /// Nodes in order.
    case sequence([YAMLNode])
    /// Pairs in order, each key once.
    case mapping([YAMLPair])
  }

  /// What it holds.
  public var content: Content
  /// Its bytes in the file, quotes and brackets included.
  public var span: ByteSpan

  /// A node from its parts.
  public init(content: Content, span: ByteSpan) {
    self.content = content
    self.span = span
  }

  /// The scalar, if it is one.
  public var scalar: YAMLScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
  /// The elements, if it is a sequence.
  public var sequence: [YAMLNode]? { if case .sequence(let nodes) = content { nodes } else { nil } }
  /// The pairs, if it is a mapping.
  public var mapping: [YAMLPair]? { if case .mapping(let pairs) = content { pairs } else { nil } }
  /// Whether nothing stands there: a key without a value.
  public var isEmpty: Bool { scalar.map { $0.text.isEmpty && $0.style == .plain } ?? false }

  /// The value under a key, if it is a mapping that has it.
  public subscript(key: String) -> YAMLNode? { mapping?.first { $0.key == key }?.value }

  /// What it is called in a message.
  public var kindName: String {
    switch content {
    case .scalar: isEmpty ? "nothing" : "a text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A key and its value.
public struct YAMLPair: Sendable {
  /// The key.
  public var key: String
  /// The place of the key.
  public var keySpan: ByteSpan
  /// The value.
  public var value: YAMLNode

  /// A pair from its parts.
  public init(key: String, keySpan: ByteSpan, value: YAMLNode) {
    self.key = key
    self.keySpan = keySpan
    self.value = value
  }
}

/// A text and how it was written.
public struct YAMLScalar: Sendable, Hashable {
  /// How a scalar is written.
  public enum Style: Sendable, Hashable {
    /// Without quotes.
    case plain
    /// In `'…'`.
    case singleQuoted
    /// In `"…"`.
    case doubleQuoted
    /// After `|`.
    case literal
    /// After `>`.
    case folded
  }

  /// What it says, with escapes and folding undone.
  public var text: String
  /// How it was written.
  public var style: Style

  /// A scalar from its parts.
  public init(text: String, style: Style) {
    self.text = text
    self.style = style
  }
}
