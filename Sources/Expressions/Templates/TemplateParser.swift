/// Takes a template apart.
struct TemplateParser {
  private static let dollar = UInt8(ascii: "$")
  private static let opening = UInt8(ascii: "{")
  private static let closing = UInt8(ascii: "}")

  private let source: [UInt8]
  private var parts: [TemplateText.Part] = []
  private var literal: [UInt8] = []
  private var problems: [ExpressionProblem] = []

  init(_ text: String) { source = Array(text.utf8) }

  mutating func parse() throws(ExpressionErrors) -> [TemplateText.Part] {
    var place = 0
    while let mark = source[place...].firstIndex(of: Self.dollar) {
      literal += source[place..<mark]
      if begins(mark) {
        place = expression(mark)
      } else if mark + 1 < source.count, source[mark + 1] == Self.dollar, begins(mark + 1) {
        literal += source[(mark + 1)..<(mark + 4)]
        place = mark + 4
      } else {
        literal.append(Self.dollar)
        place = mark + 1
      }
    }
    literal += source[place...]
    endLiteral()
    if !problems.isEmpty { throw ExpressionErrors(problems: problems) }
    return parts
  }

  /// Whether `${{` stands at a place.
  private func begins(_ place: Int) -> Bool {
    place + 2 < source.count && source[place] == Self.dollar && source[place + 1] == Self.opening
      && source[place + 2] == Self.opening
  }

  private mutating func endLiteral() {
    guard !literal.isEmpty else { return }
    parts.append(.literal(String(decoding: literal, as: UTF8.self)))
    literal.removeAll()
  }

  /// Reads an expression with its braces; where the text goes on.
  private mutating func expression(_ mark: Int) -> Int {
    endLiteral()
    let start = mark + 3
    let end: Int
    do throws(ExpressionErrors) {
      guard let found = try self.end(from: start) else {
        problems.append(
          ExpressionProblem(
            "this `${{` does not end", range: mark..<start,
            notes: ["it ends with `}}`; where `${{` itself is meant, write `$${{`"]))
        return source.count
      }
      end = found
    } catch {
      problems += error.problems
      return naiveEnd(from: start)
    }
    let inner = trimmed(start..<end)
    switch Expression.parse(String(decoding: source[inner], as: UTF8.self)) {
    case .success(let expression): parts.append(.expression(expression, offset: inner.lowerBound))
    case .failure(let errors): problems += errors.problems.map { $0.shifted(by: inner.lowerBound) }
    }
    return end + 2
  }

  /// Where the `}}` stands that ends an expression; braces and texts within it are passed over.
  private func end(from start: Int) throws(ExpressionErrors) -> Int? {
    var lexer = Lexer(source, from: start)
    var depth = 0
    while true {
      let token = try lexer.next()
      switch token.kind {
      case .end: return nil
      case .leftBrace: depth += 1
      case .rightBrace where depth > 0: depth -= 1
      case .rightBrace where token.end < source.count && source[token.end] == Self.closing: return token.start
      default: break
      }
    }
  }

  /// A range without the blanks at its ends; a blank range as it is.
  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D && byte != 0x0B) }
    guard let first = source[range].firstIndex(where: { !isBlank($0) }),
      let last = source[range].lastIndex(where: { !isBlank($0) })
    else { return range }
    return first..<(last + 1)
  }

  /// Where the text goes on after an expression that makes no words.
  private func naiveEnd(from start: Int) -> Int {
    var place = start
    while place + 1 < source.count {
      if source[place] == Self.closing, source[place + 1] == Self.closing { return place + 2 }
      place += 1
    }
    return source.count
  }
}
