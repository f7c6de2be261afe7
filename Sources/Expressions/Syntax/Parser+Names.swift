/// Names, fields, calls and indices.
extension Parser {
  /// Words that other languages use, and this one keeps; after a dot they are names.
  private static let reserved: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
  ]

  /// Names that stand for types.
  private static let types: Set<String> = [
    "bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint", "optional_type",
  ]

  /// A name that is not a field, and the call it may begin.
  mutating func name(isGlobal: Bool) throws(ExpressionErrors) -> Int {
    let word = token
    let text = spelling(word)
    try advance()
    if token.kind == .leftParenthesis { return try global(text, word) }
    if !isGlobal, let slot = local(text) { return try add(.local(slot), word.start) }
    if Self.reserved.contains(text) {
      throw failure("`\(text)` is a reserved word and cannot be a name here", word.start..<word.end)
    }
    if Self.types.contains(text), token.kind != .dot { return try add(.literal(.type(text)), word.start) }
    paths.append(StaticPath(segments: [text], ranges: [SourceRange(word.start, word.end)]))
    return try add(.path(paths.count - 1), word.start)
  }

  private mutating func global(_ name: String, _ word: Token) throws(ExpressionErrors) -> Int {
    if name == "has" { return try presence(word) }
    let arguments = try arguments()
    // Whether a freeze is on is a fact about the run, and no function of anything.
    if name == "frozen", arguments.isEmpty {
      let range = SourceRange(word.start, lastEnd)
      paths.append(StaticPath(segments: ["run", "frozen"], ranges: [range, range]))
      return try add(.path(paths.count - 1), word.start)
    }
    return try call(name, Builtin.global(name), false, word, arguments, begin: word.start)
  }

  private mutating func call(
    _ name: String, _ function: Builtin?, _ isMethod: Bool, _ word: Token, _ arguments: [Int], begin: Int
  ) throws(ExpressionErrors) -> Int {
    guard let function else {
      let other = isMethod ? Builtin.global(name) : Builtin.method(name)
      let unknown = UnknownFunction(
        name: name, isMethod: isMethod, nameRange: SourceRange(word.start, word.end), otherForm: other)
      return try add(.unknownCall(unknown, arguments), begin, children: arguments)
    }
    if function == .matches, arguments.count == 2, case .literal(.string(let text)) = nodes[arguments[1]],
      let pattern = try? LinearPattern(text)
    {
      return try add(.matches(arguments[0], pattern), begin, children: arguments)
    }
    return try add(.call(function, arguments), begin, children: arguments)
  }

  private mutating func arguments() throws(ExpressionErrors) -> [Int] {
    try expect(.leftParenthesis, "`(`")
    var arguments: [Int] = []
    while token.kind != .rightParenthesis {
      arguments.append(try expression())
      guard token.kind == .comma else { break }
      try advance()
    }
    try expect(.rightParenthesis, "`,` or `)`")
    return arguments
  }

  // MARK: Members

  /// The fields, calls and indices that follow a value.
  mutating func members(of first: Int) throws(ExpressionErrors) -> Int {
    var node = first
    while true {
      switch token.kind {
      case .dot: node = try member(of: node)
      case .leftBracket: node = try index(of: node)
      case .leftBrace:
        if case .path = nodes[node] {
          throw failure(
            "messages are no part of this language", token.start..<token.end,
            notes: ["a map is written {'name': value}"])
        }
        return node
      default: return node
      }
    }
  }

  private mutating func member(of node: Int) throws(ExpressionErrors) -> Int {
    let begin = start(node)
    try advance()
    let isOptional = token.kind == .question
    if isOptional { try advance() }
    guard token.kind == .identifier || token.kind == .quotedIdentifier else {
      switch token.kind {
      case .isIn, .yes, .no, .null:
        let word = spelling(token)
        throw failure(
          "`\(word)` cannot stand after a dot", token.start..<token.end,
          notes: ["write [\"\(word)\"] instead of .\(word)"])
      default: throw unexpected("a name")
      }
    }
    let word = token
    let name = spelling(word)
    try advance()
    if token.kind == .leftParenthesis, word.kind == .identifier, !isOptional {
      return try method(name, word, of: node, begin)
    }
    if case .path(let path) = nodes[node] {
      extend(path, with: name, SourceRange(word.start, word.end), isField: true)
      if let type = Self.messageType(paths[path].segments) {
        replace(node, by: .literal(.type(type)))
      } else {
        replace(node, by: isOptional ? .optionalPath(path) : .path(path))
      }
      return node
    }
    let field = FieldName(text: name, range: SourceRange(word.start, word.end))
    return try add(isOptional ? .optionalSelect(node, field) : .select(node, field), begin, children: [node])
  }

  private static func messageType(_ segments: [String]) -> String? {
    guard segments.count == 3, segments[0] == "google", segments[1] == "protobuf",
      segments[2] == "Timestamp" || segments[2] == "Duration"
    else { return nil }
    return segments.joined(separator: ".")
  }

  private mutating func extend(_ path: Int, with name: String, _ range: SourceRange, isField: Bool) {
    paths[path].segments.append(name)
    paths[path].ranges.append(range)
    paths[path].endsInField = isField
  }

  private mutating func index(of node: Int) throws(ExpressionErrors) -> Int {
    let begin = start(node)
    try advance()
    let isOptional = token.kind == .question
    if isOptional { try advance() }
    let count = nodes.count
    let key = try expression()
    let keyRange = SourceRange(start(key), lastEnd)
    try expect(.rightBracket, "`]`")
    if case .path(let path) = nodes[node], key == count, nodes.count == count + 1,
      case .literal(.string(let name)) = nodes[key]
    {
      extend(path, with: name, keyRange, isField: false)
      replace(node, by: isOptional ? .optionalPath(path) : .path(path))
      return node
    }
    return try add(isOptional ? .optionalIndex(node, key) : .index(node, key), begin, children: [node, key])
  }

  private mutating func method(
    _ name: String, _ word: Token, of receiver: Int, _ begin: Int
  ) throws(ExpressionErrors) -> Int {
    if case .path(let path) = nodes[receiver], paths[path].segments.count == 1 {
      let root = paths[path].segments[0]
      if root == "cel", name == "bind" { return try bind(begin) }
      if let function = Builtin.global("\(root).\(name)") {
        let whole = Token(kind: .identifier, start: begin, end: word.end)
        return try call(function.rawValue, function, false, whole, try arguments(), begin: begin)
      }
    }
    if let macro = Macro(rawValue: name) { return try expand(macro, word, of: receiver, begin) }
    let arguments = [receiver] + (try arguments())
    return try call(name, Builtin.method(name), true, word, arguments, begin: begin)
  }
}
