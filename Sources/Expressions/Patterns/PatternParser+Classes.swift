/// Escapes and sets of characters.
extension PatternParser {
  /// An escape outside of brackets, after its backslash.
  mutating func escape(_ start: Int) throws(PatternError) -> Int {
    guard let letter = peek() else { throw failure("a pattern cannot end in `\\`", from: start) }
    switch letter {
    case "A": return assertion(.textStart)
    case "z": return assertion(.textEnd)
    case "b": return assertion(.wordEdge)
    case "B": return assertion(.noWordEdge)
    default: break
    }
    var set = ScalarSet()
    if try insertClass(into: &set, start) {
      return add(set.finished(inverted: false, foldsCase: flags.foldsCase))
    }
    let value = try escapedScalar(start)
    guard let scalar = Unicode.Scalar(value) else { throw failure("this escape names no character", from: start) }
    return literal(scalar)
  }

  private mutating func assertion(_ assertion: PatternAssertion) -> Int {
    place += 1
    return add(.assertion(assertion))
  }

  /// `[…]`, after its bracket.
  mutating func characterClass(_ start: Int) throws(PatternError) -> Int {
    let isInverted = skip("^")
    var set = ScalarSet()
    var isFirst = true
    while true {
      guard let next = peek() else { throw failure("this `[` does not end", from: start, to: start + 1) }
      if next == "]", !isFirst { break }
      isFirst = false
      let itemStart = place
      if next == "[", peek(1) == ":", try insertNamedClass(into: &set, itemStart) { continue }
      if next == "\\" {
        place += 1
        if try insertClass(into: &set, itemStart) { continue }
        place = itemStart
      }
      let low = try classScalar(itemStart)
      if peek() == "-", let end = peek(1), end != "]" {
        place += 1
        let high = try classScalar(place)
        guard low <= high else { throw failure("this range is in the wrong order", from: itemStart) }
        set.insert(low...high)
      } else {
        set.insert(low)
      }
    }
    place += 1
    return add(set.finished(inverted: isInverted, foldsCase: flags.foldsCase))
  }

  private mutating func classScalar(_ start: Int) throws(PatternError) -> UInt32 {
    guard let next = peek() else { throw failure("this set of characters does not end", from: start) }
    place += 1
    return next == "\\" ? try escapedScalar(start) : next.value
  }

  /// `[:name:]`; false where it is none.
  private mutating func insertNamedClass(into set: inout ScalarSet, _ start: Int) throws(PatternError) -> Bool {
    var end = place + 2
    while end < source.count, source[end] != ":", source[end] != "]" { end += 1 }
    guard end + 1 < source.count, source[end] == ":", source[end + 1] == "]" else { return false }
    place += 2
    let isInverted = skip("^")
    let name = text(place, end)
    place = end + 2
    guard let ranges = ScalarSet.named(name) else { throw failure("there is no class `[:\(name):]`", from: start) }
    if isInverted { set.insert(allBut: ranges) } else { ranges.forEach { set.insert($0) } }
    return true
  }

  /// A class such as `\d` or `\pL`, after its backslash; false where it is none.
  private mutating func insertClass(into set: inout ScalarSet, _ start: Int) throws(PatternError) -> Bool {
    let ranges: [ClosedRange<UInt32>]
    switch peek() {
    case "d", "D": ranges = ScalarSet.digits
    case "w", "W": ranges = ScalarSet.words
    case "s", "S": ranges = ScalarSet.blanks
    case "p", "P":
      try insertCategory(into: &set, start)
      return true
    default: return false
    }
    let isInverted = source[place].properties.isUppercase
    place += 1
    if isInverted { set.insert(allBut: ranges) } else { ranges.forEach { set.insert($0) } }
    return true
  }

  private mutating func insertCategory(into set: inout ScalarSet, _ start: Int) throws(PatternError) {
    var isInverted = source[place] == "P"
    place += 1
    let name: String
    if skip("{") {
      if skip("^") { isInverted.toggle() }
      let nameStart = place
      while let next = peek(), next != "}" { place += 1 }
      name = text(nameStart, place)
      guard skip("}") else { throw failure("this class does not end", from: start) }
    } else {
      guard let letter = peek() else { throw failure("`\\p` needs the name of a category", from: start) }
      place += 1
      name = String(Character(letter))
    }
    guard let mask = Category.mask(name) else {
      throw failure("there is no category `\(name)` of characters", from: start)
    }
    set.insert(categories: mask, inverted: isInverted)
  }

  /// The code point of an escape, after its backslash.
  private mutating func escapedScalar(_ start: Int) throws(PatternError) -> UInt32 {
    guard let letter = peek() else { throw failure("a pattern cannot end in `\\`", from: start) }
    place += 1
    switch letter {
    case "a": return 0x07
    case "f": return 0x0C
    case "n": return 0x0A
    case "r": return 0x0D
    case "t": return 0x09
    case "v": return 0x0B
    case "x": return try hexadecimal(start)
    case "0"..."7": return try octal(letter, start)
    default:
      let isPunctuation =
        letter.isASCII && letter.value > 0x20 && letter.value < 0x7F && !Lexer.isWord(UInt8(letter.value))
      guard isPunctuation || letter == "_" else {
        throw failure("`\\\(letter)` is no escape of a pattern", from: start)
      }
      return letter.value
    }
  }

  private mutating func octal(_ first: Unicode.Scalar, _ start: Int) throws(PatternError) -> UInt32 {
    var value = first.value - 0x30
    var digits = 1
    while digits < 3, let next = peek(), "0"..."7" ~= next {
      value = value * 8 + next.value - 0x30
      digits += 1
      place += 1
    }
    guard first == "0" || digits > 1 else {
      throw failure("references back to a group are no part of this language", from: start)
    }
    return value
  }

  private mutating func hexadecimal(_ start: Int) throws(PatternError) -> UInt32 {
    let isBraced = skip("{")
    var value: UInt32 = 0
    var digits = 0
    while digits < (isBraced ? 6 : 2), let next = peek(), next.isASCII,
      let digit = Hexadecimal.digit(UInt8(next.value))
    {
      value = value << 4 | UInt32(digit)
      digits += 1
      place += 1
    }
    guard digits > 0, isBraced ? skip("}") : digits == 2, Unicode.Scalar(value) != nil else {
      throw failure("this escape names no character", from: start)
    }
    return value
  }

  private func text(_ start: Int, _ end: Int) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: source[start..<end])
    return text
  }
}
