/// What is known of names wherever a chain of them is evaluated.
public enum Guard: Hashable, Sendable {
  /// The chain of names leads to something.
  case present([String])
  /// The chain of names leads to this value.
  case equals([String], Value)
  /// The chain of names leads to something other than this value.
  case notEquals([String], Value)
}

/// A chain of names in an expression that begins at a free one: `steps.promote.outputs.timeline`.
public struct PathUse: Sendable, Hashable {
  /// The names.
  public let segments: [String]
  /// The whole chain, in bytes of the expression's source.
  public let range: Range<Int>
  /// Each name.
  public let segmentRanges: [Range<Int>]
  /// Whether it is only asked whether the last name is there: `has(a.b)` or `a.?b`.
  public let isPresenceTest: Bool
  /// What is known to hold where the chain is evaluated.
  public let guards: [Guard]
}

extension Expression {
  /// The chains of names that the expression uses, in the order of their places.
  public var paths: [PathUse] {
    var collector = PathCollector(tree)
    collector.visit(tree.root)
    return collector.uses.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}

extension Expression {
  /// What is known of names wherever the expression is true.
  public var guardsWhenTrue: [Guard] { tree.facts(tree.root, when: true)?.compactMap(Guard.init) ?? [] }
}

extension TemplateText {
  /// The chains of names that the expressions use, with their places in the whole text.
  public var paths: [PathUse] {
    parts.flatMap { part -> [PathUse] in
      guard case .expression(let expression, let offset) = part else { return [] }
      return expression.paths.map { $0.shifted(by: offset) }
    }
  }
}

extension PathUse {
  fileprivate func shifted(by offset: Int) -> PathUse {
    func shifted(_ range: Range<Int>) -> Range<Int> { range.lowerBound + offset..<range.upperBound + offset }
    return PathUse(
      segments: segments, range: shifted(range), segmentRanges: segmentRanges.map(shifted),
      isPresenceTest: isPresenceTest, guards: guards)
  }
}

/// Finds the chains of names in a tree, with what is known at each.
private struct PathCollector {
  let tree: SyntaxTree
  private var known = KnownFacts()
  private(set) var uses: [PathUse] = []

  init(_ tree: SyntaxTree) { self.tree = tree }

  mutating func visit(_ node: Int) {
    switch tree.nodes[node] {
    case .literal, .local: break
    case .path(let path): add(path, tree.range(node), isPresenceTest: false)
    case .optionalPath(let path): add(path, tree.range(node), isPresenceTest: true)
    case .presentPath(let path): add(path, nil, isPresenceTest: true)
    case .select(let operand, _), .presence(let operand, _), .optionalSelect(let operand, _), .not(let operand),
      .negate(let operand), .matches(let operand, _):
      visit(operand)
    case .index(let first, let second), .optionalIndex(let first, let second), .binary(_, let first, let second),
      .bind(_, let first, let second), .optionalMap(let first, _, let second, _):
      visit(first)
      visit(second)
    case .list(let elements):
      for element in elements { visit(element.value) }
    case .map(let entries):
      for entry in entries {
        visit(entry.key)
        visit(entry.value)
      }
    case .and(let operands): visit(operands, knowing: true)
    case .or(let operands): visit(operands, knowing: false)
    case .conditional(let condition, let first, let second):
      visit(condition)
      visit(first, knowing: tree.facts(condition, when: true))
      visit(second, knowing: tree.facts(condition, when: false))
    case .call(_, let arguments), .unknownCall(_, let arguments):
      for argument in arguments { visit(argument) }
    case .comprehension(let comprehension):
      visit(comprehension.range)
      if let condition = comprehension.condition { visit(condition) }
      if let transform = comprehension.transform {
        visit(transform, knowing: comprehension.condition.flatMap { tree.facts($0, when: true) })
      }
    }
  }

  private mutating func visit(_ node: Int, knowing facts: [Fact]?) {
    let count = known.facts.count
    known.add(facts)
    visit(node)
    known.cut(to: count)
  }

  /// Operands, each of which is evaluated where the ones before it turned out so.
  private mutating func visit(_ operands: [Int], knowing truth: Bool) {
    let count = known.facts.count
    for operand in operands {
      visit(operand)
      known.add(tree.facts(operand, when: truth))
    }
    known.cut(to: count)
  }

  /// Adds a chain of names; without a range of its own it reaches to the last name.
  private mutating func add(_ path: Int, _ range: Range<Int>?, isPresenceTest: Bool) {
    let path = tree.paths[path]
    let ranges = path.ranges.map(\.range)
    uses.append(
      PathUse(
        segments: path.segments, range: range ?? ranges[0].lowerBound..<ranges[ranges.count - 1].upperBound,
        segmentRanges: ranges, isPresenceTest: isPresenceTest, guards: known.facts.compactMap(Guard.init)))
  }
}

extension Fact {
  /// What is known of a chain of names.
  init(_ known: Guard) {
    switch known {
    case .present(let segments): self.init(place: Place(slot: nil, segments: segments), kind: .present)
    case .equals(let segments, let value): self.init(place: Place(slot: nil, segments: segments), kind: .equals(value))
    case .notEquals(let segments, let value):
      self.init(place: Place(slot: nil, segments: segments), kind: .notEquals(value))
    }
  }
}

extension Guard {
  /// What is known of a chain of names; nil for a variable of a macro.
  fileprivate init?(_ fact: Fact) {
    guard fact.place.slot == nil else { return nil }
    self =
      switch fact.kind {
      case .present: .present(fact.place.segments)
      case .equals(let value): .equals(fact.place.segments, value)
      case .notEquals(let value): .notEquals(fact.place.segments, value)
      }
  }
}
