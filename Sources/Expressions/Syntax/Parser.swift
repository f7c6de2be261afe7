/// Reads an expression by recursive descent, as deep as `maximumDepth` and no deeper.
struct Parser {
  /// How deep an expression may be nested: far deeper than people write, and within a stack of half a mebibyte.
  static let maximumDepth = 120
  /// How many operations may stand on top of one another; nesting is not the only way to that.
  static let maximumHeight = 500
  /// How many bytes an expression may have.
  static let maximumLength = 1 << 20

  let source: [UInt8]
  private var lexer: Lexer
  private(set) var token: Token
  private(set) var following: Token
  /// Where the last word taken ended.
  private(set) var lastEnd = 0
  private var depth = 0

  private(set) var nodes: [Node] = []
  private var ranges: [SourceRange] = []
  private var heights: [UInt16] = []
  var paths: [StaticPath] = []
  private var locals: [String] = []
  private var slots = 0

  init(_ text: String) throws(ExpressionErrors) {
    source = Array(text.utf8)
    guard source.count <= Self.maximumLength else {
      throw ExpressionErrors(problems: [
        ExpressionProblem("an expression is at most 1 MiB long", range: 0..<source.count)
      ])
    }
    lexer = Lexer(source)
    token = try lexer.next()
    following = token.kind == .end ? token : try lexer.next()
    nodes.reserveCapacity(8)
    ranges.reserveCapacity(8)
    heights.reserveCapacity(8)
  }

  mutating func parse() throws(ExpressionErrors) -> SyntaxTree {
    if token.kind == .end { throw failure("an expression is expected here", 0..<source.count) }
    let root = try expression()
    guard token.kind == .end else { throw unexpected("an operator") }
    return SyntaxTree(nodes: nodes, ranges: ranges, paths: paths, root: root, slots: slots)
  }

  // MARK: Operators

  mutating func expression() throws(ExpressionErrors) -> Int {
    try descend()
    defer { depth -= 1 }
    let condition = try disjunction()
    guard token.kind == .question else { return condition }
    try advance()
    let first = try disjunction()
    try expect(.colon, "`:`, the other half of `? :`")
    let second = try expression()
    return try add(.conditional(condition, first, second), start(condition), children: [condition, first, second])
  }

  private mutating func disjunction() throws(ExpressionErrors) -> Int {
    let first = try conjunction()
    guard token.kind == .or else { return first }
    var operands = [first]
    while token.kind == .or {
      try advance()
      operands.append(try conjunction())
    }
    return try add(.or(operands), start(first), children: operands)
  }

  private mutating func conjunction() throws(ExpressionErrors) -> Int {
    let first = try binary(1)
    guard token.kind == .and else { return first }
    var operands = [first]
    while token.kind == .and {
      try advance()
      operands.append(try binary(1))
    }
    return try add(.and(operands), start(first), children: operands)
  }

  private mutating func binary(_ precedence: Int) throws(ExpressionErrors) -> Int {
    var left = try unary()
    while let operation = Self.operation(token.kind), operation.precedence >= precedence {
      try advance()
      let right = try binary(operation.precedence + 1)
      left = try add(.binary(operation, left, right), start(left), children: [left, right])
    }
    return left
  }

  private static func operation(_ kind: Token.Kind) -> BinaryOperator? {
    switch kind {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .isIn: .isIn
    case .plus: .add
    case .minus: .subtract
    case .star: .multiply
    case .slash: .divide
    case .percent: .remainder
    default: nil
    }
  }

  private mutating func unary() throws(ExpressionErrors) -> Int {
    let begin = token.start
    switch token.kind {
    case .bang:
      try descend()
      defer { depth -= 1 }
      try advance()
      let operand = try unary()
      return try add(.not(operand), begin, children: [operand])
    case .minus:
      if following.kind == .integer || following.kind == .double {
        try advance()
        return try members(of: try number(begin, negative: true))
      }
      try descend()
      defer { depth -= 1 }
      try advance()
      let operand = try unary()
      return try add(.negate(operand), begin, children: [operand])
    default:
      return try members(of: try primary())
    }
  }

  // MARK: Primaries

  private mutating func primary() throws(ExpressionErrors) -> Int {
    let begin = token.start
    switch token.kind {
    case .integer, .unsigned, .double: return try number(begin, negative: false)
    case .string, .bytes: return try text()
    case .yes: return try literal(.bool(true))
    case .no: return try literal(.bool(false))
    case .null: return try literal(.null)
    case .leftParenthesis:
      try advance()
      let inner = try expression()
      try expect(.rightParenthesis, "`)`")
      return inner
    case .leftBracket: return try list(begin)
    case .leftBrace: return try map(begin)
    case .dot:
      try advance()
      guard token.kind == .identifier else { throw unexpected("a name") }
      return try name(isGlobal: true)
    case .identifier: return try name(isGlobal: false)
    default: throw unexpected("a value")
    }
  }

  private mutating func literal(_ value: Value, from begin: Int? = nil) throws(ExpressionErrors) -> Int {
    let begin = begin ?? token.start
    try advance()
    return try add(.literal(value), begin)
  }

  private mutating func number(_ begin: Int, negative: Bool) throws(ExpressionErrors) -> Int {
    let end = token.kind == .unsigned ? token.end - 1 : token.end
    let sign = negative ? "-" : ""
    var digits = source[token.start..<end]
    let value: Value?
    if token.kind == .double {
      value = Self.double(sign + String(decoding: digits, as: UTF8.self)).map { .double($0) }
    } else {
      let isHexadecimal = digits.count > 2 && digits[digits.startIndex + 1] | 0x20 == UInt8(ascii: "x")
      if isHexadecimal { digits = digits.dropFirst(2) }
      let text = sign + String(decoding: digits, as: UTF8.self)
      value =
        token.kind == .unsigned
        ? UInt64(text, radix: isHexadecimal ? 16 : 10).map { .uint($0) }
        : Int64(text, radix: isHexadecimal ? 16 : 10).map { .int($0) }
    }
    guard let value else { throw failure("this number is out of range", begin..<token.end) }
    return try literal(value, from: begin)
  }

  /// A finite double; too small a one is zero.
  private static func double(_ text: String) -> Double? {
    guard let value = Double(text) else { return nil }
    return value.isFinite ? value : nil
  }

  private mutating func text() throws(ExpressionErrors) -> Int {
    let bytes: [UInt8]
    do throws(TextLiteral.Problem) {
      bytes = try TextLiteral.read(source, token)
    } catch {
      throw failure(error.message, error.start..<error.end)
    }
    return try literal(token.kind == .bytes ? .bytes(bytes) : .string(String(decoding: bytes, as: UTF8.self)))
  }

  private mutating func list(_ begin: Int) throws(ExpressionErrors) -> Int {
    try advance()
    var elements: [ListElement] = []
    while token.kind != .rightBracket {
      let isOptional = token.kind == .question
      if isOptional { try advance() }
      elements.append(ListElement(value: try expression(), isOptional: isOptional))
      guard token.kind == .comma else { break }
      try advance()
    }
    try expect(.rightBracket, "`,` or `]`")
    return try add(.list(elements), begin, children: elements.map(\.value))
  }

  private mutating func map(_ begin: Int) throws(ExpressionErrors) -> Int {
    try advance()
    var entries: [MapEntry] = []
    while token.kind != .rightBrace {
      let isOptional = token.kind == .question
      if isOptional { try advance() }
      let key = try expression()
      try expect(.colon, "`:` and a value")
      entries.append(MapEntry(key: key, value: try expression(), isOptional: isOptional))
      guard token.kind == .comma else { break }
      try advance()
    }
    try expect(.rightBrace, "`,` or `}`")
    return try add(.map(entries), begin, children: entries.flatMap { [$0.key, $0.value] })
  }

  // MARK: Words

  mutating func advance() throws(ExpressionErrors) {
    lastEnd = token.end
    token = following
    if following.kind != .end { following = try lexer.next() }
  }

  mutating func expect(_ kind: Token.Kind, _ what: String) throws(ExpressionErrors) {
    guard token.kind == kind else { throw unexpected(what) }
    try advance()
  }

  func spelling(_ token: Token) -> String {
    token.kind == .quotedIdentifier
      ? String(decoding: source[(token.start + 1)..<(token.end - 1)], as: UTF8.self)
      : String(decoding: source[token.start..<token.end], as: UTF8.self)
  }

  func unexpected(_ expected: String) -> ExpressionErrors {
    failure("\(expected) is expected here, not \(token.description(in: source))", token.start..<token.end)
  }

  func failure(_ message: String, _ range: Range<Int>, notes: [String] = []) -> ExpressionErrors {
    ExpressionErrors(problems: [ExpressionProblem(message, range: range, notes: notes)])
  }

  private mutating func descend() throws(ExpressionErrors) {
    depth += 1
    if depth > Self.maximumDepth {
      throw failure("an expression is nested at most \(Self.maximumDepth) deep", token.start..<token.end)
    }
  }

  // MARK: Nodes

  /// The first byte of a node.
  func start(_ node: Int) -> Int { Int(ranges[node].start) }

  /// Adds a node that reaches to the last word taken.
  mutating func add(_ node: Node, _ begin: Int, children: [Int] = []) throws(ExpressionErrors) -> Int {
    var height: UInt16 = 0
    for child in children { height = max(height, heights[child]) }
    // A long chain of operators of one rank is deep too; evaluating it takes the stack that nesting takes.
    guard height < Self.maximumHeight else {
      throw failure("an expression is at most \(Self.maximumHeight) operations deep", begin..<lastEnd)
    }
    nodes.append(node)
    ranges.append(SourceRange(begin, lastEnd))
    heights.append(height + 1)
    return nodes.count - 1
  }

  /// Replaces a node by one that reaches to the last word taken.
  mutating func replace(_ place: Int, by node: Node, from begin: Int? = nil) {
    nodes[place] = node
    ranges[place] = SourceRange(begin ?? start(place), lastEnd)
  }

  // MARK: Variables

  /// Declares a variable that the expressions parsed by the body see.
  mutating func withVariable<Result>(
    _ name: String, _ body: (inout Parser, _ slot: Int) throws(ExpressionErrors) -> Result
  ) throws(ExpressionErrors) -> Result {
    locals.append(name)
    slots = max(slots, locals.count)
    defer { locals.removeLast() }
    return try body(&self, locals.count - 1)
  }

  /// The slot of a variable in scope.
  func local(_ name: String) -> Int? { locals.lastIndex(of: name) }
}
