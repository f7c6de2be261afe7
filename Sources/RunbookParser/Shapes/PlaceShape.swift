/// What the language says of a place in a file, as far as its layout depends on that: the order of keys, and what stands
/// under each.
package struct PlaceShape: Sendable {
  private let shape: Shape

  private init(_ shape: Shape) { self.shape = shape }

  /// The shape of a whole file.
  package init(_ kind: FileKind) { shape = .mapping(kind.mapping) }

  /// The order of a mapping's keys; nil where it stays as the author has it.
  package var order: [String]? { kind?.table.order }

  private var kind: MappingKind? {
    guard case .mapping(let kind) = mapping(with: []) else { return nil }
    return kind
  }

  /// The shape of a mapping with these keys, where more than one kind may stand here.
  package func refined(by keys: [String]) -> PlaceShape { PlaceShape(mapping(with: keys)) }

  /// The shape of what stands under a key; a list has that of its elements.
  package func child(_ key: String) -> PlaceShape {
    switch mapping(with: []) {
    case .mapping(let kind): PlaceShape(kind.shape(of: key))
    case .names(let value, _): PlaceShape(value)
    default: PlaceShape(.anything)
    }
  }

  /// What a mapping here is, or one in a list here.
  private func mapping(with keys: [String]) -> Shape { Self.mapping(in: shape, with: keys) ?? .anything }

  private static func mapping(in shape: Shape, with keys: [String]) -> Shape? {
    switch shape {
    case .mapping, .names: shape
    case .mappings(by: let key, let first, else: let second): .mapping(keys.contains(key) ? first : second)
    case .list(let element, _): mapping(in: element, with: keys)
    // A mapping that stands there itself goes before those in a list: the two have no key in common.
    case .either(let shapes):
      shapes.first { $0.kind == .mapping }.flatMap { mapping(in: $0, with: keys) }
        ?? shapes.lazy.compactMap { mapping(in: $0, with: keys) }.first
    case .scalar, .arguments, .anything: nil
    }
  }
}
