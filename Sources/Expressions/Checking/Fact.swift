/// Something that can be told apart and known of: a chain of names, or of fields of a macro's variable.
struct Place: Hashable, Sendable {
  /// The slot of the variable that it begins at; nil where it begins at a free name.
  var slot: Int?
  var segments: [String]
}

/// What is known of a place at some point of an expression.
struct Fact: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case present
    case equals(Value)
    case notEquals(Value)
  }

  var place: Place
  var kind: Kind

  /// Whether it rules out that a place leads to null.
  func excludesNull(at place: Place) -> Bool {
    guard self.place == place else { return false }
    return switch kind {
    case .present: false
    case .equals(let value): value != .null
    case .notEquals(let value): value == .null
    }
  }

  /// How many facts are kept for one point; more than that stand in no expression that people write.
  static let limit = 200
}

extension SyntaxTree {
  /// What a node stands for, if it is a chain of names or fields.
  func place(of node: Int) -> Place? {
    var names: [String] = []
    var node = node
    while true {
      switch nodes[node] {
      case .path(let path): return Place(slot: nil, segments: paths[path].segments + names.reversed())
      case .local(let slot): return Place(slot: slot, segments: names.reversed())
      case .select(let operand, let name):
        names.append(name.text)
        node = operand
      case .index(let operand, let key):
        switch nodes[key] {
        case .literal(.string(let name)): names.append(name)
        case .literal(.int(let number)): names.append("[\(number)]")
        default: return nil
        }
        node = operand
      default: return nil
      }
    }
  }

  /// What is known once a node turned out to be true, or false; nil where it cannot turn out so.
  func facts(_ node: Int, when truth: Bool) -> [Fact]? {
    switch nodes[node] {
    case .literal(.bool(let value)): return value == truth ? [] : nil
    case .path, .local, .select, .index:
      return place(of: node).map { [Fact(place: $0, kind: .equals(.bool(truth)))] } ?? []
    case .presentPath(let path):
      return truth ? [Fact(place: Place(slot: nil, segments: paths[path].segments), kind: .present)] : []
    case .presence(let operand, let name):
      guard truth, var place = place(of: operand) else { return [] }
      place.segments.append(name.text)
      return [Fact(place: place, kind: .present)]
    case .call(.hasValue, let arguments): return truth ? presence(ofOptional: arguments) : []
    case .not(let operand): return facts(operand, when: !truth)
    case .and(let operands): return truth ? union(operands, truth) : intersection(operands, truth)
    case .or(let operands): return truth ? intersection(operands, truth) : union(operands, truth)
    case .binary(.equal, let left, let right): return equality(left, right, truth)
    case .binary(.notEqual, let left, let right): return equality(left, right, !truth)
    case .binary(.isIn, let left, let right): return membership(left, right, truth)
    case .conditional(let condition, let first, let second):
      let yes = joined(facts(condition, when: true), facts(first, when: truth))
      let no = joined(facts(condition, when: false), facts(second, when: truth))
      guard let yes else { return no }
      guard let no else { return yes }
      return yes.filter(no.contains)
    case .bind(let slot, _, let body):
      return facts(body, when: truth)?.filter { ($0.place.slot ?? -1) < slot }
    default: return []
    }
  }

  private func presence(ofOptional arguments: [Int]) -> [Fact] {
    guard let node = arguments.first else { return [] }
    switch nodes[node] {
    case .optionalPath(let path): return [Fact(place: Place(slot: nil, segments: paths[path].segments), kind: .present)]
    case .optionalSelect(let operand, let name):
      guard var place = place(of: operand) else { return [] }
      place.segments.append(name.text)
      return [Fact(place: place, kind: .present)]
    default: return []
    }
  }

  private func equality(_ left: Int, _ right: Int, _ truth: Bool) -> [Fact] {
    let (node, other) = if case .literal = nodes[left] { (right, left) } else { (left, right) }
    guard case .literal(let value) = nodes[other], let place = place(of: node) else { return [] }
    return [Fact(place: place, kind: truth ? .equals(value) : .notEquals(value))]
  }

  private func membership(_ left: Int, _ right: Int, _ truth: Bool) -> [Fact] {
    guard case .list(let elements) = nodes[right], elements.count <= 16, let place = place(of: left) else { return [] }
    var facts: [Fact] = []
    for element in elements {
      guard case .literal(let value) = nodes[element.value], !element.isOptional else { return [] }
      facts.append(Fact(place: place, kind: truth ? .equals(value) : .notEquals(value)))
    }
    return truth && facts.count > 1 ? [] : facts
  }

  /// What holds where all operands turned out so.
  private func union(_ operands: [Int], _ truth: Bool) -> [Fact]? {
    var union: [Fact] = []
    for operand in operands {
      guard let facts = facts(operand, when: truth) else { return nil }
      union += facts.prefix(max(0, Fact.limit - union.count))
    }
    return union
  }

  /// What holds whichever operand turned out so.
  private func intersection(_ operands: [Int], _ truth: Bool) -> [Fact]? {
    var intersection: [Fact]?
    for operand in operands {
      guard let facts = facts(operand, when: truth) else { continue }
      intersection = intersection.map { $0.filter(facts.contains) } ?? facts
      if intersection?.isEmpty == true { break }
    }
    return intersection
  }

  private func joined(_ a: [Fact]?, _ b: [Fact]?) -> [Fact]? {
    guard let a, let b else { return nil }
    return Array((a + b).prefix(Fact.limit))
  }
}

/// The facts that hold at the point of an expression that is being looked at.
struct KnownFacts {
  private(set) var facts: [Fact] = []

  /// Adds what is known; more than the limit is forgotten.
  mutating func add(_ more: [Fact]?) {
    guard let more, !more.isEmpty else { return }
    facts += more.prefix(max(0, Fact.limit - facts.count))
  }

  /// Forgets all but the first facts.
  mutating func cut(to count: Int) { facts.removeLast(facts.count - count) }

  /// Whether a place is known not to lead to null.
  func excludesNull(at place: Place) -> Bool { facts.contains { $0.excludesNull(at: place) } }

  /// Whether a place is known to lead to something.
  func holdsPresence(of place: Place) -> Bool {
    facts.contains { $0.place.slot == place.slot && $0.place.segments.starts(with: place.segments) }
  }
}
