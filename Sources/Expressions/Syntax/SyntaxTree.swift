/// The nodes of an expression; a node names its children by their place.
final class SyntaxTree: Sendable {
  /// The children stand before their parents.
  let nodes: [Node]
  /// The bytes of each node in the source.
  let ranges: [SourceRange]
  /// The chains of names, for the nodes that refer to them.
  let paths: [StaticPath]
  let root: Int
  /// How many variables of comprehensions are in scope at most.
  let slots: Int

  init(nodes: [Node], ranges: [SourceRange], paths: [StaticPath], root: Int, slots: Int) {
    self.nodes = nodes
    self.ranges = ranges
    self.paths = paths
    self.root = root
    self.slots = slots
  }

  /// The bytes of a node in the source.
  func range(_ node: Int) -> Range<Int> { ranges[node].range }
}

/// A range of bytes in little room; a source is at most 1 MiB long.
struct SourceRange: Sendable {
  var start: Int32
  var end: Int32

  init(_ start: Int, _ end: Int) {
    self.start = Int32(truncatingIfNeeded: start)
    self.end = Int32(truncatingIfNeeded: end)
  }

  var range: Range<Int> { Int(start)..<Int(end) }
}

/// A chain of names that starts at a free one: `steps.promote.outputs.timeline`.
struct StaticPath: Sendable {
  var segments: [String]
  var ranges: [SourceRange]
  /// Whether the last segment was written as a field, after a dot.
  var endsInField = false
}

/// One operation of an expression.
enum Node: Sendable {
  case literal(Value)
  /// A free name and the fields that follow it.
  case path(Int)
  /// Whether a chain of names leads to something: `has()` of it.
  case presentPath(Int)
  /// What a chain of names leads to, if anything: its last name is optional.
  case optionalPath(Int)
  /// A variable of a macro, by its slot.
  case local(Int)
  case select(Int, FieldName)
  case presence(Int, FieldName)
  case optionalSelect(Int, FieldName)
  case index(Int, Int)
  case optionalIndex(Int, Int)
  case list([ListElement])
  case map([MapEntry])
  case not(Int)
  case negate(Int)
  case binary(BinaryOperator, Int, Int)
  case and([Int])
  case or([Int])
  case conditional(Int, Int, Int)
  /// A function with its arguments, a receiver first.
  case call(Builtin, [Int])
  /// `matches` with a pattern known beforehand.
  case matches(Int, LinearPattern)
  /// A function that does not exist.
  case unknownCall(UnknownFunction, [Int])
  case comprehension(Comprehension)
  /// A variable, its value, and what it is seen by.
  case bind(slot: Int, value: Int, body: Int)
  /// A macro of an optional: the value if there is one, transformed.
  case optionalMap(Int, slot: Int, body: Int, flat: Bool)
}

/// A field as it is written after a dot.
struct FieldName: Sendable {
  var text: String
  var range: SourceRange
}

/// An element of a list; an optional one is left out if it has no value.
struct ListElement: Sendable {
  var value: Int
  var isOptional: Bool
}

/// A pair of a map; an optional one is left out if it has no value.
struct MapEntry: Sendable {
  var key: Int
  var value: Int
  var isOptional: Bool
}

/// A function as it was called in vain.
struct UnknownFunction: Sendable {
  var name: String
  var isMethod: Bool
  var nameRange: SourceRange
  /// The function exists, but not in this form.
  var otherForm: Builtin?
}

/// A macro over the elements of a list or the keys of a map.
struct Comprehension: Sendable {
  enum Kind: Sendable {
    case all, exists, existsOne, filter, map, sortBy
  }

  var kind: Kind
  var range: Int
  var slot: Int
  /// The condition of all kinds; of `map` with three arguments too.
  var condition: Int?
  /// What `map` makes of an element, or the key by which `sortBy` sorts it.
  var transform: Int?
}

/// An operator with two operands that are both evaluated.
enum BinaryOperator: UInt8, Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isIn, add, subtract, multiply, divide, remainder

  /// The operator as it is written.
  var text: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .isIn: "in"
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .remainder: "%"
    }
  }

  /// How tightly it binds.
  var precedence: Int {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn: 1
    case .add, .subtract: 2
    case .multiply, .divide, .remainder: 3
    }
  }
}
