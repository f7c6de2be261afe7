import CanonicalJSON
import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// A type with its constraints, from a mapping or from the bare name of a type.
  func type(_ node: YAMLNode, _ kind: MappingKind, _ subject: String) -> InputType? {
    if node.scalar != nil {
      guard let name = plainText(node, "the type of \(subject)") else { return nil }
      return type(named: name, node)
    }
    // A mapping of fields alone is a record.
    if kind == .field, node["type"] == nil, let fields = node["fields"] { return record(fields) }
    guard let node = mapping(node, kind), let typeNode = required("type", of: node, subject),
      let name = plainText(typeNode, "`type`")
    else { return nil }
    return type(named: name, node)
  }

  private func type(named name: String, _ node: YAMLNode) -> InputType? {
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
      let (min, max) = bounds(of: node) { Int64($0) }
      return .int(min: min, max: max)
    case "number":
      let (min, max) = bounds(of: node) { Double($0) }
      return .number(min: min, max: max)
    case "bool": return .bool
    case "duration":
      let (min, max) = bounds(of: node, DurationText.parse)
      return .duration(min: min, max: max)
    case "size":
      let (min, max) = bounds(of: node, SizeText.parse)
      return .size(min: min, max: max)
    case "timestamp": return .timestamp
    case "enum":
      let values = names(node["values"], "`values`")
      var first: [String: ByteSpan] = [:]
      for (word, span) in values {
        if let first = first[word] {
          report(.duplicateName, "the word `\(word)` is listed twice", span, labels: [(first, "this is the first")])
        } else {
          first[word] = span
        }
      }
      return values.isEmpty ? nil : .enum(values.map(\.name))
    case "list", "map":
      guard let of = node["of"] else { return name == "list" ? .list(of: .json) : .map(of: .json) }
      guard let element = type(of, .field, "an element") else { return nil }
      return name == "list" ? .list(of: element) : .map(of: element)
    case "record":
      return node["fields"].flatMap { record($0) }
    case "json": return .json
    case "secret": return .secret
    default: return nil
    }
  }

  func record(_ node: YAMLNode) -> InputType? {
    .record(
      entries(node, "`fields`").compactMap { pair in
        guard name(pair.key, pair.keySpan, "a field"), let type = type(pair.value, .field, "a field") else {
          return nil
        }
        return InputType.Field(name: pair.key, type: type)
      })
  }

  /// The bounds on a value; where they leave none, that is reported.
  private func bounds<Bound: Comparable>(of node: YAMLNode, _ read: (String) -> Bound?) -> (min: Bound?, max: Bound?) {
    let (least, most) = (node["min"], node["max"])
    let (min, max) = (least?.scalar.flatMap { read($0.text) }, most?.scalar.flatMap { read($0.text) })
    if let least, let most, let min, let max, max < min {
      report(
        .badValue, "no value is within the bounds: `max` is less than `min`", most.span,
        labels: [(least.span, "this is `min`")])
    }
    return (min, max)
  }

  // MARK: Values

  /// A value of a type, written in YAML; nil, reported, where it is not one.
  func value(_ node: YAMLNode, of type: InputType, _ subject: String) -> Value? {
    let read: Result<Value, ValueProblem>
    switch (type, node.content) {
    case (.list(let element), .sequence(let nodes)):
      let values = nodes.enumerated().map { value($1, of: element, "\(subject)[\($0)]") }
      return values.contains(nil) ? nil : .list(values.compactMap { $0 })
    case (.map(let element), .mapping(let pairs)):
      return map(pairs, subject) { _ in element }
    case (.record(let fields), .mapping(let pairs)):
      guard let map = map(pairs, subject, { key in fields.first { $0.name == key }?.type }) else { return nil }
      read = type.accept(map)
    case (.json, _):
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

  /// A map whose values have the types that their keys say; any where a key says none.
  private func map(_ pairs: [YAMLPair], _ subject: String, _ type: (String) -> InputType?) -> Value? {
    var entries: [(Value, Value)] = []
    for pair in pairs {
      guard let type = type(pair.key) else {
        entries.append((.string(pair.key), Value(Self.json(pair.value))))
        continue
      }
      guard let value = value(pair.value, of: type, "\(subject).\(pair.key)") else { return nil }
      entries.append((.string(pair.key), value))
    }
    return .map(ValueMap(entries))
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
