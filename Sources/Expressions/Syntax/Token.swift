/// One word of an expression.
struct Token: Sendable {
  enum Kind: UInt8, Sendable {
    case identifier, quotedIdentifier, integer, unsigned, double, string, bytes
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    case dot, comma, colon, question, plus, minus, star, slash, percent, bang
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, and, or
    case isIn, yes, no, null
    case end
  }

  var kind: Kind
  var start: Int
  var end: Int

  /// How the parser speaks of it.
  func description(in source: [UInt8]) -> String {
    kind == .end ? "the end of the expression" : "`\(String(decoding: source[start..<end], as: UTF8.self))`"
  }
}
