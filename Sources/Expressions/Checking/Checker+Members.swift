import Diagnostics

/// Names, fields and elements.
extension Checker {
  /// The type of a chain of names.
  mutating func type(ofPath path: Int) -> ValueType {
    let path = tree.paths[path]
    guard var (type, consumed) = known(path) else { return .dyn }
    while consumed < path.segments.count {
      let place = Place(slot: nil, segments: Array(path.segments[...consumed]))
      type = select(path.segments[consumed], of: type, at: path.ranges[consumed].range, place)
      consumed += 1
    }
    return type
  }

  /// The type of a chain of names whose last one may lead nowhere.
  mutating func type(ofTestedPath path: Int) -> ValueType {
    let path = tree.paths[path]
    guard var (type, consumed) = known(path) else { return .dyn }
    let last = path.segments.count - 1
    while consumed < last {
      let place = Place(slot: nil, segments: Array(path.segments[...consumed]))
      type = select(path.segments[consumed], of: type, at: path.ranges[consumed].range, place)
      consumed += 1
    }
    return consumed > last ? type : optionalField(path.segments[last], of: type, at: path.ranges[last].range)
  }

  /// What the environment knows of a chain of names; nil, and a problem, where a name is unknown.
  private mutating func known(_ path: StaticPath) -> (ValueType, Int)? {
    switch environment.type(ofPath: path.segments) {
    case .type(let type, let consumed): return (type, consumed)
    case .incomplete:
      let name = path.segments.joined(separator: ".")
      report(
        "`\(name)` alone is no value", path.ranges[0].range, notes: ["name what of it is meant, as in `\(name).NAME`"])
      return nil
    case .unknown(let place, let suggestions):
      let place = min(max(place, 0), path.segments.count - 1)
      let owner = path.segments[..<place].joined(separator: ".")
      let name = path.segments[place]
      report(
        owner.isEmpty ? "there is no `\(name)` here" : "`\(owner)` has no `\(name)`", path.ranges[place].range,
        notes: Self.enumeration(of: suggestions), suggestion: Spelling.nearest(to: name, in: suggestions))
      return nil
    }
  }

  /// A note that names what there is, if that is not too much.
  private static func enumeration(of names: [String]) -> [String] {
    names.isEmpty || names.count > 8 ? [] : ["there is " + names.map { "`\($0)`" }.joined(separator: ", ")]
  }

  /// The type of a field that must be there.
  mutating func select(_ name: String, of owner: ValueType, at range: Range<Int>, _ place: Place?) -> ValueType {
    if case .optional = owner { return optionalField(name, of: owner, at: range).wrapped }
    if case .nullable = owner {
      report("`\(name)` is asked of a value that may be null", range, notes: Self.questions(of: [owner]))
      return select(name, of: owner.withoutNull, at: range, place)
    }
    if case .record(let fields) = owner, let field = fields.first(where: { $0.name == name }), field.optional {
      let isKnown = place.map { known.holdsPresence(of: $0) } ?? false
      if !isKnown {
        report(
          "`\(name)` may be absent", range,
          notes: ["ask has() of it first, or write .?\(name).orValue(…) for a value to take its place"])
      }
      return field.type
    }
    return optionalField(name, of: owner, at: range)
  }

  /// The type of a field that may be absent.
  mutating func optionalField(_ name: String, of owner: ValueType, at range: Range<Int>) -> ValueType {
    switch owner {
    case .dyn: return .dyn
    case .map(let key, let value):
      if !key.accepts(.string) {
        report("the keys of this map are \(key.displayName), so that it has no field `\(name)`", range)
      }
      return value
    case .record(let fields):
      if let field = fields.first(where: { $0.name == name }) { return field.type }
      let names = fields.map(\.name)
      report(
        "the record has no `\(name)`", range, notes: Self.enumeration(of: names),
        suggestion: Spelling.nearest(to: name, in: names))
      return .dyn
    case .optional(let content), .nullable(let content): return optionalField(name, of: content, at: range)
    default:
      let notes = Builtin.method(name) == nil ? [] : ["`\(name)` is a function, and is called with `()`"]
      report("a value of type \(owner.displayName) has no field `\(name)`", range, notes: notes)
      return .dyn
    }
  }

  /// The type of `operand[key]` or `operand[?key]`.
  mutating func index(_ node: Int, _ operand: Int, _ key: Int, isOptional: Bool) -> ValueType {
    let owner = type(of: operand)
    let keyType = type(of: key)
    let range = tree.range(key)
    if case .optional(let content) = owner { return element(of: content, key, keyType).wrapped }
    if isOptional { return element(of: owner, key, keyType).wrapped }
    if case .record = owner, case .literal(.string(let name)) = tree.nodes[key] {
      return select(name, of: owner, at: range, tree.place(of: node))
    }
    return element(of: owner, key, keyType)
  }

  private mutating func element(of owner: ValueType, _ key: Int, _ keyType: ValueType) -> ValueType {
    let range = tree.range(key)
    switch owner {
    case .dyn: return .dyn
    case .list(let element):
      if !ValueType.int.accepts(keyType), keyType != .uint {
        report("a place in a list is int, and this is \(keyType.displayName)", range)
      }
      return element
    case .map(let wanted, let value):
      if !wanted.accepts(keyType), !(wanted.isNumber && keyType.isNumber) {
        report("the keys of this map are \(wanted.displayName), and this is \(keyType.displayName)", range)
      }
      return value
    case .record(let fields):
      if case .literal(.string(let name)) = tree.nodes[key] { return optionalField(name, of: owner, at: range) }
      if !ValueType.string.accepts(keyType) {
        report("the keys of a record are string, and this is \(keyType.displayName)", range)
      }
      return fields.dropFirst().reduce(fields.first?.type ?? .dyn) { $0.joined(with: $1.type) }
    case .nullable(let content):
      report("an element is asked of a value that may be null", range, notes: Self.questions(of: [owner]))
      return element(of: content, key, keyType)
    default:
      let notes = owner == .string ? ["a character of a text is text.charAt(0)"] : []
      report("a value of type \(owner.displayName) has no elements to ask for", range, notes: notes)
      return .dyn
    }
  }
}
