import CanonicalJSON
import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// A type with its constraints, from a mapping or from the bare name of a type.
  func type(_ node: YAMLNode, _ table: KeyTable, _ subject: String) -> InputType? {
    if node.scalar != nil {
      guard let name = plainText(node, "the type of \(subject)") else { return nil }
      return type(named: name, node, node.span)
    }
    guard let node = mapping(node, table), let typeNode = required("type", of: node, subject),
      let name = plainText(typeNode, "`type`")
    else { return nil }
    return type(named: name, node, typeNode.span)
  }

  private func type(named name: String, _ node: YAMLNode, _ span: ByteSpan) -> InputType? {
    refuseForeignConstraints(name, node)
    switch name {
    case "string":
      guard let said = node["pattern"] else { return .string(pattern: nil) }
      guard let pattern = plainText(said, "`pattern`") else { return nil }
      do throws(PatternError) {
        _ = try LinearPattern(pattern)
      } catch {
        report(.badValue, "the pattern cannot be used: \(error.message)", said.span)
        return nil
      }
      return .string(pattern: pattern)
    case "int":
      return .int(
        min: bound(node, "min", { Int64($0) }, "an integer"), max: bound(node, "max", { Int64($0) }, "an integer"))
    case "number":
      return .number(
        min: bound(node, "min", { Double($0) }, "a number"), max: bound(node, "max", { Double($0) }, "a number"))
    case "bool": return .bool
    case "duration":
      return .duration(
        min: bound(node, "min", DurationText.parse, "a duration"),
        max: bound(node, "max", DurationText.parse, "a duration"))
    case "size":
      return .size(
        min: bound(node, "min", SizeText.parse, "a size"), max: bound(node, "max", SizeText.parse, "a size"))
    case "timestamp": return .timestamp
    case "enum":
      let values = names(node["values"], "`values`").map(\.name)
      if values.isEmpty { report(.missingKey, "an enum needs `values`", span) }
      return .enum(values)
    case "list", "map":
      guard let of = node["of"] else { return name == "list" ? .list(of: .json) : .map(of: .json) }
      guard let element = elementType(of) else { return nil }
      return name == "list" ? .list(of: element) : .map(of: element)
    case "record":
      guard let fields = node["fields"] else {
        report(.missingKey, "a record needs `fields`", span)
        return nil
      }
      return record(fields)
    case "json": return .json
    case "secret": return .secret
    default:
      let known = [
        "string", "int", "number", "bool", "duration", "size", "timestamp", "enum", "list", "map", "record", "json",
        "secret",
      ]
      let nearest = Spelling.nearest(to: name, in: known)
      report(
        .badValue, "there is no type `\(name)`", span, notes: ["the types are \(known.joined(separator: ", "))"],
        fix: nearest.map {
          Diagnostic.Fix(title: "write `\($0)`", edits: [Diagnostic.Edit(span: span, replacement: $0)])
        })
      return nil
    }
  }

  private func elementType(_ node: YAMLNode) -> InputType? {
    if node.mapping != nil, node["fields"] != nil, node["type"] == nil { return node["fields"].flatMap { record($0) } }
    return type(node, .field, "an element")
  }

  func record(_ node: YAMLNode) -> InputType? {
    .record(
      entries(node, "`fields`").compactMap { pair in
        guard name(pair.key, pair.keySpan, "a field"), let type = elementType(pair.value) else { return nil }
        return InputType.Field(name: pair.key, type: type)
      })
  }

  private func bound<Bound>(
    _ node: YAMLNode, _ key: String, _ read: (String) -> Bound?, _ kind: String
  ) -> Bound? {
    guard let said = node[key], let text = plainText(said, "`\(key)`") else { return nil }
    if let value = read(text) { return value }
    report(.badValue, "`\(key)` is \(kind), not `\(text)`", said.span)
    return nil
  }

  private static let constraints: [String: Set<String>] = [
    "pattern": ["string"], "min": ["int", "number", "duration", "size"], "max": ["int", "number", "duration", "size"],
    "values": ["enum"], "of": ["list", "map"], "fields": ["record"], "from": ["secret"],
  ]

  private func refuseForeignConstraints(_ type: String, _ node: YAMLNode) {
    for pair in node.mapping ?? [] {
      guard let types = Self.constraints[pair.key], !types.contains(type) else { continue }
      report(
        .badValue, "`\(pair.key)` means nothing for the type `\(type)`", pair.keySpan,
        notes: ["it belongs to \(types.sorted().joined(separator: ", "))"])
    }
  }

  // MARK: Values

  /// A value of a type, written in YAML; nil, reported, where it is not one.
  func value(_ node: YAMLNode, of type: InputType, _ subject: String) -> Value? {
    let read: Result<Value, ValueProblem>
    switch (type, node.content) {
    case (.list, .sequence), (.map, .mapping), (.record, .mapping), (.json, _):
      read = type.accept(Value(Self.json(node)))
    case (_, .scalar(let scalar)):
      if node.isEmpty {
        report(.wrongKind, "\(subject) has no value", node.span)
        return nil
      }
      read = type.read(text: scalar.text)
    default:
      report(.wrongKind, "\(subject) is of type \(type.name), not \(node.kindName)", node.span)
      return nil
    }
    switch read {
    case .success(let value): return value
    case .failure(let problem):
      report(.inputValue, "\(subject): \(problem.message)", node.span)
      return nil
    }
  }

  /// YAML as JSON: a plain scalar that is a JSON number, truth value or null is one, anything else a text.
  static func json(_ node: YAMLNode) -> JSON {
    switch node.content {
    case .scalar(let scalar):
      guard scalar.style == .plain else { return .string(scalar.text) }
      if scalar.text.isEmpty { return .null }
      switch try? JSON.parse(scalar.text) {
      case .some(let value) where value.array == nil && value.members == nil && value.string == nil: return value
      default: return .string(scalar.text)
      }
    case .sequence(let nodes): return .array(nodes.map(json))
    case .mapping(let pairs): return .object(pairs.map { JSON.Member($0.key, json($0.value)) })
    }
  }
}
