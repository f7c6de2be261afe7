import CanonicalJSON

/// The JSON Schema (draft 2020-12) of a kind of file, for editors and other programs.
///
/// It is written from the shapes that decoding holds files to. Editors hand it typed values and Belay reads texts, so that a
/// text may come as either: a duration as a string, a whole number as a number or the string of one.
package enum FileSchema {
  /// The schema.
  package static func json(of kind: FileKind) -> JSON {
    var definitions: [MappingKind: JSON] = [:]
    var open = [kind.mapping]
    while let next = open.popLast() {
      guard definitions[next] == nil else { continue }
      definitions[next] = next.schema
      open += next.parts
    }
    return .object([
      JSON.Member("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      JSON.Member("$id", .string("urn:belay:1:\(kind.rawValue)")),
      JSON.Member("title", .string("Belay, version 1: \(kind.mapping.noun)")),
      JSON.Member("$ref", .string(kind.mapping.reference)),
      JSON.Member(
        "$defs",
        .object(
          MappingKind.allCases.compactMap { kind in definitions[kind].map { JSON.Member(kind.rawValue, $0) } })),
    ])
  }
}

extension MappingKind {
  var reference: String { "#/$defs/\(rawValue)" }

  /// The keys that may stand there: without those that the table knows only to say why they may not.
  var keys: [String] {
    var misplaced: Set<String> = []
    for case .one(let keys, let others) in rules { misplaced = Set(others).subtracting(keys) }
    return table.keys.subtracting(misplaced).sorted()
  }

  /// The kinds that stand inside.
  fileprivate var parts: [MappingKind] { keys.flatMap { shape(of: $0).parts } }

  /// What may stand under a key, with what the key means.
  private func described(_ key: String) -> JSON {
    var members = KeyMeaning.of(key, in: self).map { [JSON.Member("description", .string($0))] } ?? []
    // Whatever may stand there has a schema that is no object.
    if case .object(let own) = shape(of: key).schema { members += own }
    return .object(members)
  }

  fileprivate var schema: JSON {
    var members = [
      JSON.Member("type", .string("object")),
      JSON.Member("properties", .object(keys.map { JSON.Member($0, described($0)) })),
      JSON.Member("additionalProperties", .bool(false)),
    ]
    if !required.isEmpty { members.append(JSON.Member("required", .strings(required))) }
    let rules = rules.flatMap(\.schemas)
    if !rules.isEmpty { members.append(JSON.Member("allOf", .array(rules))) }
    return .object(members)
  }
}

extension Shape {
  fileprivate var parts: [MappingKind] {
    switch self {
    case .mapping(let kind): [kind]
    case .mappings(_, let first, let second): [first, second]
    case .list(let shape, _), .names(let shape, _): shape.parts
    case .either(let shapes): shapes.flatMap(\.parts)
    case .scalar, .arguments, .anything: []
    }
  }

  /// The schema of what fits.
  var schema: JSON { schema(orNothing: true) }

  /// - Parameter orNothing: Whether an empty list or mapping may be written as nothing at all.
  private func schema(orNothing: Bool) -> JSON {
    switch self {
    case .anything: return .bool(true)
    case .scalar(let scalar): return scalar.schema
    case .arguments:
      return [
        "type": "array", "minItems": 1, "prefixItems": [ScalarShape.program], "items": ScalarShape.template.schema,
      ]
    case .list(let element, let count):
      if count == 0, orNothing { return ["type": ["array", "null"], "items": element.schema] }
      return ["type": "array", "minItems": .int(Int64(count)), "items": element.schema]
    case .names(let value, let name):
      var members = [
        JSON.Member("type", orNothing ? ["object", "null"] : "object"),
        JSON.Member("additionalProperties", value.schema),
      ]
      if let pattern = name.pattern { members.append(JSON.Member("propertyNames", ["pattern": .string(pattern)])) }
      return .object(members)
    case .mapping(let kind): return ["$ref": .string(kind.reference)]
    case .mappings(let key, let first, let second):
      return [
        "if": ["type": "object", "required": [.string(key)]], "then": ["$ref": .string(first.reference)],
        "else": ["$ref": .string(second.reference)],
      ]
    case .either(let shapes): return ["anyOf": .array(shapes.map { $0.schema(orNothing: false) })]
    }
  }
}

extension NameShape {
  fileprivate var pattern: String? {
    switch self {
    case .name: ScalarShape.namePattern
    case .variable: "^[^=\\u0000]+$"
    case .program: "^[^-]"
    case .any: nil
    }
  }
}
