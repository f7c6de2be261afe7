/// A call that is written like a method and has a variable.
enum Macro: String {
  case all, exists, filter, map, sortBy, optMap, optFlatMap
  case existsOne = "exists_one"
  case existsOneCamel = "existsOne"
}

/// `has`, the macros over lists and maps, and `cel.bind`.
extension Parser {
  /// `has(a.b)`, after the word `has`.
  mutating func presence(_ word: Token) throws(ExpressionErrors) -> Int {
    try expect(.leftParenthesis, "`(`")
    let argument = try expression()
    let end = lastEnd
    try expect(.rightParenthesis, "`)`")
    switch nodes[argument] {
    case .path(let path) where paths[path].endsInField:
      replace(argument, by: .presentPath(path), from: word.start)
      return argument
    case .select(let operand, let name):
      replace(argument, by: .presence(operand, name), from: word.start)
      return argument
    default:
      throw failure(
        "has() takes a field, such as has(a.b)", start(argument)..<end,
        notes: ["whether a map has a key is asked by `key in map`"])
    }
  }

  /// A macro, after its name.
  mutating func expand(
    _ macro: Macro, _ word: Token, of receiver: Int, _ begin: Int
  ) throws(ExpressionErrors) -> Int {
    try expect(.leftParenthesis, "`(`")
    guard token.kind == .identifier, following.kind == .comma else {
      throw failure(
        "`\(macro.rawValue)` takes a name and what is to be done with it", word.start..<token.end,
        notes: ["such as list.\(macro.rawValue)(x, \(macro == .map || macro == .sortBy ? "x + 1" : "x > 1"))"])
    }
    let name = spelling(token)
    try advance()
    try advance()
    let (slot, bodies) = try withVariable(name) { (parser, slot) throws(ExpressionErrors) in
      var bodies = [try parser.expression()]
      if macro == .map, parser.token.kind == .comma {
        try parser.advance()
        bodies.append(try parser.expression())
      }
      return (slot, bodies)
    }
    try expect(.rightParenthesis, "`)`")
    let children = [receiver] + bodies
    switch macro {
    case .optMap, .optFlatMap:
      return try add(
        .optionalMap(receiver, slot: slot, body: bodies[0], flat: macro == .optFlatMap), begin, children: children)
    case .map:
      return try add(
        .comprehension(
          Comprehension(
            kind: .map, range: receiver, slot: slot, condition: bodies.count == 2 ? bodies[0] : nil,
            transform: bodies[bodies.count - 1])), begin, children: children)
    case .sortBy:
      return try add(
        .comprehension(Comprehension(kind: .sortBy, range: receiver, slot: slot, transform: bodies[0])), begin,
        children: children)
    case .all, .exists, .filter, .existsOne, .existsOneCamel:
      let kind: Comprehension.Kind =
        switch macro {
        case .all: .all
        case .exists: .exists
        case .filter: .filter
        default: .existsOne
        }
      return try add(
        .comprehension(Comprehension(kind: kind, range: receiver, slot: slot, condition: bodies[0])), begin,
        children: children)
    }
  }

  /// `cel.bind(name, value, body)`, after its name.
  mutating func bind(_ begin: Int) throws(ExpressionErrors) -> Int {
    try expect(.leftParenthesis, "`(`")
    guard token.kind == .identifier, following.kind == .comma else { throw unexpected("a name and `,`") }
    let name = spelling(token)
    try advance()
    try advance()
    let value = try expression()
    try expect(.comma, "`,` and an expression")
    let (slot, body) = try withVariable(name) { (parser, slot) throws(ExpressionErrors) in
      (slot, try parser.expression())
    }
    try expect(.rightParenthesis, "`)`")
    return try add(.bind(slot: slot, value: value, body: body), begin, children: [value, body])
  }
}
