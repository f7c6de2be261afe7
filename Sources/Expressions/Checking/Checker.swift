/// Finds the type of each operation, and what cannot work.
///
/// `has()`, comparisons and `? :` narrow: what they say is known where the rest is evaluated.
struct Checker {
  let tree: SyntaxTree
  let environment: any TypeEnvironment
  var locals: [ValueType]
  var known = KnownFacts()
  private(set) var problems: [ExpressionProblem] = []
  private(set) var warnings: [ExpressionProblem] = []
  /// Divisions whose fraction is dropped on purpose.
  var wholeDivisions: Set<Int> = []

  init(_ tree: SyntaxTree, _ environment: any TypeEnvironment) {
    self.tree = tree
    self.environment = environment
    locals = tree.slots == 0 ? [] : Array(repeating: .dyn, count: tree.slots)
    known.add(environment.known.map(Fact.init))
  }

  /// The type of a node where it stands. What may be null and has no name could not be asked about: anything is taken of it.
  mutating func type(of node: Int) -> ValueType {
    let type = declaredType(of: node)
    guard case .nullable(let content) = type else { return type }
    guard let place = tree.place(of: node) else { return .dyn }
    return known.excludesNull(at: place) ? content : type
  }

  private mutating func declaredType(of node: Int) -> ValueType {
    switch tree.nodes[node] {
    case .literal(let value): return Self.type(of: value)
    case .path(let path): return type(ofPath: path)
    case .presentPath(let path):
      _ = type(ofTestedPath: path)
      return .bool
    case .optionalPath(let path): return type(ofTestedPath: path).wrapped
    case .local(let slot): return locals[slot]
    case .select(let operand, let name):
      let owner = type(of: operand)
      return select(name.text, of: owner, at: name.range.range, tree.place(of: node))
    case .presence(let operand, let name):
      let owner = type(of: operand)
      _ = optionalField(name.text, of: owner, at: name.range.range)
      return .bool
    case .optionalSelect(let operand, let name):
      let owner = type(of: operand)
      return optionalField(name.text, of: owner, at: name.range.range).wrapped
    case .index(let operand, let key): return index(node, operand, key, isOptional: false)
    case .optionalIndex(let operand, let key): return index(node, operand, key, isOptional: true)
    case .list(let elements): return list(elements)
    case .map(let entries): return map(entries)
    case .not(let operand):
      require(.bool, of: operand, "`!`")
      return .bool
    case .negate(let operand): return negate(operand)
    case .binary(let operation, let left, let right): return binary(node, operation, left, right)
    case .and(let operands): return junction(operands, "`&&`", true)
    case .or(let operands): return junction(operands, "`||`", false)
    case .conditional(let condition, let first, let second): return conditional(condition, first, second)
    case .call(let function, let arguments): return call(node, function, arguments)
    case .matches(let operand, _):
      require(.string, of: operand, "`matches`")
      return .bool
    case .unknownCall(let function, let arguments): return unknownCall(function, arguments)
    case .comprehension(let comprehension): return type(of: comprehension)
    case .bind(let slot, let bound, let body):
      locals[slot] = type(of: bound)
      return type(of: body)
    case .optionalMap(let operand, let slot, let body, let isFlat):
      return optionalMap(operand, slot, body, isFlat)
    }
  }

  // MARK: Findings

  mutating func report(
    _ message: String, _ range: Range<Int>, notes: [String] = [], suggestion: String? = nil
  ) {
    problems.append(ExpressionProblem(message, range: range, notes: notes, suggestion: suggestion))
  }

  mutating func warn(_ message: String, _ range: Range<Int>, notes: [String] = []) {
    warnings.append(ExpressionProblem(message, range: range, notes: notes))
  }

  /// The operand must be of a type, or of one that cannot be told.
  mutating func require(_ wanted: ValueType, of node: Int, _ who: String) {
    let given = type(of: node)
    if !wanted.accepts(given) {
      report(
        "\(who) takes \(wanted.displayName), and this is \(given.displayName)", tree.range(node),
        notes: Self.questions(of: [given]))
    }
  }

  /// How a value that may be null is asked about first, where there is one.
  static func questions(of types: [ValueType]) -> [String] {
    types.contains(where: \.mayHoldNull)
      ? ["ask first: x != null && …, or leave those of a list out with list.filter(x, x != null)"] : []
  }

  // MARK: Logic

  private mutating func junction(_ operands: [Int], _ who: String, _ truth: Bool) -> ValueType {
    let count = known.facts.count
    for operand in operands {
      require(.bool, of: operand, who)
      known.add(tree.facts(operand, when: truth))
    }
    known.cut(to: count)
    return .bool
  }

  private mutating func conditional(_ condition: Int, _ first: Int, _ second: Int) -> ValueType {
    require(.bool, of: condition, "the condition of `? :`")
    let yes = type(of: first, knowing: tree.facts(condition, when: true))
    let no = type(of: second, knowing: tree.facts(condition, when: false))
    return yes.joined(with: no)
  }

  mutating func type(of node: Int, knowing facts: [Fact]?) -> ValueType {
    let count = known.facts.count
    known.add(facts)
    defer { known.cut(to: count) }
    return type(of: node)
  }

  // MARK: Literals

  private static func type(of value: Value) -> ValueType {
    switch value {
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
    case .list: .list(.dyn)
    case .map: .map(.dyn, .dyn)
    case .optional: .optional(.dyn)
    case .unknown: .dyn
    }
  }

  private mutating func list(_ elements: [ListElement]) -> ValueType {
    var joined: ValueType?
    for element in elements {
      let type = content(of: element.value, isOptional: element.isOptional)
      joined = joined?.joined(with: type) ?? type
    }
    return .list(joined ?? .dyn)
  }

  private mutating func map(_ entries: [MapEntry]) -> ValueType {
    var joined: (key: ValueType, value: ValueType)?
    var texts: Set<String> = []
    for entry in entries {
      let key = type(of: entry.key)
      switch key {
      case .dyn, .bool, .int, .uint, .string: break
      default: report("\(key.displayName) cannot be a key of a map", tree.range(entry.key))
      }
      if case .literal(.string(let text)) = tree.nodes[entry.key], !texts.insert(text).inserted {
        report("the key `\(text)` is in the map twice", tree.range(entry.key))
      }
      let value = content(of: entry.value, isOptional: entry.isOptional)
      joined = joined.map { ($0.key.joined(with: key), $0.value.joined(with: value)) } ?? (key, value)
    }
    return .map(joined?.key ?? .dyn, joined?.value ?? .dyn)
  }

  /// The type of an element; of an optional one, that of its content.
  private mutating func content(of node: Int, isOptional: Bool) -> ValueType {
    let type = type(of: node)
    guard isOptional else { return type }
    switch type {
    case .optional(let content): return content
    case .dyn: return .dyn
    default:
      report("`?` takes an optional value, and this is \(type.displayName)", tree.range(node))
      return .dyn
    }
  }
}

extension ValueType {
  /// Whether a value of this type, or an element of it, may be null.
  fileprivate var mayHoldNull: Bool {
    switch self {
    case .nullable: true
    case .list(let element): element.mayHoldNull
    default: false
    }
  }

  /// The type of a value of this type that may be absent; an optional value is not wrapped again.
  var wrapped: ValueType { if case .optional = self { self } else { .optional(self) } }
}
