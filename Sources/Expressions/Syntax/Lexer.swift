/// Cuts an expression into words.
struct Lexer {
  private let source: [UInt8]
  private var place: Int

  /// A lexer of some bytes, from an offset on.
  init(_ source: [UInt8], from offset: Int = 0) {
    self.source = source
    place = offset
  }

  /// The next word; throws at bytes that begin none.
  mutating func next() throws(ExpressionErrors) -> Token {
    skipBlank()
    let start = place
    guard start < source.count else { return Token(kind: .end, start: start, end: start) }
    let byte = source[start]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      return try word(start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try number(start)
    case UInt8(ascii: "."):
      if let following = peek(1), Self.isDigit(following) { return try number(start) }
      return symbol(.dot, 1)
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      return try text(start, prefix: 0, raw: false, kind: .string)
    case UInt8(ascii: "`"):
      return try quotedIdentifier(start)
    default:
      return try symbol(start, byte)
    }
  }

  private func peek(_ distance: Int) -> UInt8? {
    place + distance < source.count ? source[place + distance] : nil
  }

  private mutating func symbol(_ kind: Token.Kind, _ length: Int) -> Token {
    place += length
    return Token(kind: kind, start: place - length, end: place)
  }

  private mutating func symbol(_ start: Int, _ byte: UInt8) throws(ExpressionErrors) -> Token {
    let following = peek(1)
    switch byte {
    case UInt8(ascii: "("): return symbol(.leftParenthesis, 1)
    case UInt8(ascii: ")"): return symbol(.rightParenthesis, 1)
    case UInt8(ascii: "["): return symbol(.leftBracket, 1)
    case UInt8(ascii: "]"): return symbol(.rightBracket, 1)
    case UInt8(ascii: "{"): return symbol(.leftBrace, 1)
    case UInt8(ascii: "}"): return symbol(.rightBrace, 1)
    case UInt8(ascii: ","): return symbol(.comma, 1)
    case UInt8(ascii: ":"): return symbol(.colon, 1)
    case UInt8(ascii: "?"): return symbol(.question, 1)
    case UInt8(ascii: "+"): return symbol(.plus, 1)
    case UInt8(ascii: "-"): return symbol(.minus, 1)
    case UInt8(ascii: "*"): return symbol(.star, 1)
    case UInt8(ascii: "/"): return symbol(.slash, 1)
    case UInt8(ascii: "%"): return symbol(.percent, 1)
    case UInt8(ascii: "!"): return following == UInt8(ascii: "=") ? symbol(.notEqual, 2) : symbol(.bang, 1)
    case UInt8(ascii: "<"): return following == UInt8(ascii: "=") ? symbol(.lessOrEqual, 2) : symbol(.less, 1)
    case UInt8(ascii: ">"): return following == UInt8(ascii: "=") ? symbol(.greaterOrEqual, 2) : symbol(.greater, 1)
    case UInt8(ascii: "="):
      if following == UInt8(ascii: "=") { return symbol(.equal, 2) }
      throw failure("`=` is no operator", start, start + 1, note: "equality is written `==`")
    case UInt8(ascii: "&"):
      if following == UInt8(ascii: "&") { return symbol(.and, 2) }
      throw failure("`&` is no operator", start, start + 1, note: "the conjunction is written `&&`")
    case UInt8(ascii: "|"):
      if following == UInt8(ascii: "|") { return symbol(.or, 2) }
      throw failure("`|` is no operator", start, start + 1, note: "the disjunction is written `||`")
    default:
      var end = start + 1
      while end < source.count, source[end] & 0xC0 == 0x80 { end += 1 }
      let character = String(decoding: source[start..<end], as: UTF8.self)
      throw failure("`\(character)` does not belong in an expression", start, end)
    }
  }

  private mutating func skipBlank() {
    while let byte = peek(0) {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: place += 1
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        while let byte = peek(0), byte != 0x0A { place += 1 }
      default: return
      }
    }
  }

  // MARK: Words

  private mutating func word(_ start: Int) throws(ExpressionErrors) -> Token {
    if let prefix = textPrefix(start) {
      return try text(start, prefix: prefix.length, raw: prefix.raw, kind: prefix.bytes ? .bytes : .string)
    }
    while let byte = peek(0), Self.isWord(byte) { place += 1 }
    return Token(kind: Self.keyword(source[start..<place]), start: start, end: place)
  }

  /// The letters in front of a quotation mark.
  private func textPrefix(_ start: Int) -> (length: Int, raw: Bool, bytes: Bool)? {
    var length = 0
    var raw = false
    var bytes = false
    while length < 2, let byte = peek(length) {
      if byte | 0x20 == UInt8(ascii: "r"), !raw {
        raw = true
      } else if byte | 0x20 == UInt8(ascii: "b"), !bytes, !raw {
        bytes = true
      } else {
        break
      }
      length += 1
    }
    guard length > 0, let mark = peek(length), mark == UInt8(ascii: "'") || mark == UInt8(ascii: "\"")
    else { return nil }
    return (length, raw, bytes)
  }

  private static func keyword(_ word: ArraySlice<UInt8>) -> Token.Kind {
    switch word.count {
    case 2 where word.elementsEqual("in".utf8): .isIn
    case 4 where word.elementsEqual("true".utf8): .yes
    case 4 where word.elementsEqual("null".utf8): .null
    case 5 where word.elementsEqual("false".utf8): .no
    default: .identifier
    }
  }

  private mutating func quotedIdentifier(_ start: Int) throws(ExpressionErrors) -> Token {
    place += 1
    while let byte = peek(0), byte != UInt8(ascii: "`"), byte != 0x0A { place += 1 }
    guard peek(0) != nil, source[place] == UInt8(ascii: "`"), place > start + 1 else {
      throw failure("this quoted name does not end", start, place)
    }
    place += 1
    return Token(kind: .quotedIdentifier, start: start, end: place)
  }

  private mutating func number(_ start: Int) throws(ExpressionErrors) -> Token {
    if source[start] == UInt8(ascii: "0"), let mark = peek(1), mark | 0x20 == UInt8(ascii: "x") {
      place += 2
      while let byte = peek(0), Hexadecimal.digit(byte) != nil { place += 1 }
      return try ended(integer(start))
    }
    var isDouble = false
    skipDigits()
    if peek(0) == UInt8(ascii: "."), let digit = peek(1), Self.isDigit(digit) {
      isDouble = true
      place += 1
      skipDigits()
    }
    if let mark = peek(0), mark | 0x20 == UInt8(ascii: "e") {
      let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
      if let digit = peek(1 + sign), Self.isDigit(digit) {
        isDouble = true
        place += 1 + sign
        skipDigits()
      }
    }
    if isDouble { return try ended(Token(kind: .double, start: start, end: place)) }
    return try ended(integer(start))
  }

  private mutating func integer(_ start: Int) -> Token {
    if let mark = peek(0), mark | 0x20 == UInt8(ascii: "u") {
      place += 1
      return Token(kind: .unsigned, start: start, end: place)
    }
    return Token(kind: .integer, start: start, end: place)
  }

  /// A number that no letter follows.
  private mutating func ended(_ token: Token) throws(ExpressionErrors) -> Token {
    guard let byte = peek(0), Self.isWord(byte) else { return token }
    while let byte = peek(0), Self.isWord(byte) { place += 1 }
    let text = String(decoding: source[token.start..<place], as: UTF8.self)
    throw failure("`\(text)` is no number", token.start, place, note: "a duration is written duration('\(text)')")
  }

  private mutating func skipDigits() {
    while let byte = peek(0), Self.isDigit(byte) { place += 1 }
  }

  // MARK: Texts

  private mutating func text(
    _ start: Int, prefix: Int, raw: Bool, kind: Token.Kind
  ) throws(ExpressionErrors) -> Token {
    place = start + prefix
    let mark = source[place]
    let isTriple = peek(1) == mark && peek(2) == mark
    place += isTriple ? 3 : 1
    while let byte = peek(0) {
      if byte == UInt8(ascii: "\\"), !raw {
        place += 2
      } else if byte == mark, !isTriple || (peek(1) == mark && peek(2) == mark) {
        place += isTriple ? 3 : 1
        return Token(kind: kind, start: start, end: place)
      } else if !isTriple, byte == 0x0A || byte == 0x0D {
        break
      } else {
        place += 1
      }
    }
    throw failure(
      "this text does not end", start, min(place, source.count), note: "it lacks its closing quotation mark")
  }

  // MARK: Bytes

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "_") || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
  }

  private func failure(_ message: String, _ start: Int, _ end: Int, note: String? = nil) -> ExpressionErrors {
    ExpressionErrors(problems: [
      ExpressionProblem(message, range: start..<max(start, end), notes: note.map { [$0] } ?? [])
    ])
  }
}
