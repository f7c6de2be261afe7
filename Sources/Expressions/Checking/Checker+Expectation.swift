import Diagnostics

/// What the value of the whole expression must be.
extension Checker {
  /// Reports where a node, or a part of what it puts together, is not of the type that is wanted.
  mutating func expect(_ wanted: ValueType, of node: Int, _ given: ValueType) {
    switch (wanted, tree.nodes[node]) {
    case (.record(let fields), .map(let entries)): expect(fields, of: entries, node)
    case (.list(let element), .list(let elements)) where !elements.contains(where: \.isOptional):
      for part in elements { expectPart(element, of: part.value) }
    case (.map(_, let value), .map(let entries)) where !entries.contains(where: \.isOptional) && wanted.accepts(given):
      for entry in entries { expectPart(value, of: entry.value) }
    case (_, .conditional(_, let first, let second)) where given == .dyn:
      expectPart(wanted, of: first)
      expectPart(wanted, of: second)
    default:
      if wanted.accepts(given) || (wanted == .double && given.isNumber) { return }
      report(
        "this is \(given.displayName), and \(wanted.displayName) is wanted", tree.range(node),
        notes: Self.conversion(from: given, to: wanted) + Self.questions(of: [given]))
    }
  }

  /// A part is looked at again for its type alone; what is wrong within it is known already.
  private mutating func expectPart(_ wanted: ValueType, of node: Int) {
    if wanted == .dyn { return }
    var inner = self
    let given = inner.type(of: node)
    expect(wanted, of: node, given)
  }

  private mutating func expect(_ fields: [ValueType.Field], of entries: [MapEntry], _ node: Int) {
    var missing = fields.filter { !$0.optional }.map(\.name)
    for entry in entries {
      guard case .literal(.string(let name)) = tree.nodes[entry.key] else { return }
      missing.removeAll { $0 == name }
      guard let field = fields.first(where: { $0.name == name }) else {
        report(
          "the record has no `\(name)`", tree.range(entry.key),
          suggestion: Spelling.nearest(to: name, in: fields.map(\.name)).map { "'\($0)'" })
        continue
      }
      if !entry.isOptional { expectPart(field.type, of: entry.value) }
    }
    if let name = missing.first { report("the record lacks `\(name)`", tree.range(node)) }
  }

  private static func conversion(from given: ValueType, to wanted: ValueType) -> [String] {
    switch (given, wanted) {
    case (.optional, _): ["orValue(…) gives an optional value one to fall back on"]
    case (.bool, .string), (.int, .string), (.uint, .string), (.double, .string), (.duration, .string),
      (.timestamp, .string):
      ["a value becomes a text with string(x)"]
    case (.string, .int), (.double, .int), (.uint, .int): ["a value becomes an int with int(x)"]
    case (.string, .double): ["a value becomes a double with double(x)"]
    case (.string, .duration): ["a text becomes a duration with duration(text)"]
    case (.string, .timestamp): ["a text becomes a timestamp with timestamp(text)"]
    case (.string, .bool): ["a text becomes a truth value with bool(text)"]
    default: []
    }
  }
}
