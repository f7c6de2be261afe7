/// Reads a pattern by recursive descent, as deep as `maximumDepth` and no deeper.
struct PatternParser {
  static let maximumDepth = 200
  static let maximumCount = 1000
  static let maximumLength = 1 << 16

  struct Flags {
    var foldsCase = false
    var isMultiline = false
    var dotTakesLineFeed = false
    var isUngreedy = false
  }

  let source: [Unicode.Scalar]
  /// The byte at which each code point stands, and the end.
  private let offsets: [Int]
  var place = 0
  var flags = Flags()
  private var depth = 0
  private var groups = 0
  private(set) var nodes: [PatternNode] = []
  private(set) var sets: [ScalarSet] = []

  init(_ text: String) {
    source = Array(text.unicodeScalars)
    var offsets: [Int] = []
    offsets.reserveCapacity(source.count + 1)
    var offset = 0
    for scalar in source {
      offsets.append(offset)
      offset += UTF8.width(scalar)
    }
    offsets.append(offset)
    self.offsets = offsets
  }

  mutating func parse() throws(PatternError) -> Int {
    guard source.count <= Self.maximumLength else { throw failure("a pattern is at most 64 KiB long", from: 0) }
    let root = try alternatives()
    guard place == source.count else { throw failure("this `)` closes nothing", from: place, to: place + 1) }
    return root
  }

  // MARK: Structure

  private mutating func alternatives() throws(PatternError) -> Int {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else {
      throw failure("a pattern is nested at most \(Self.maximumDepth) deep", from: place, to: place + 1)
    }
    var branches = [try sequence()]
    while skip("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : add(.alternatives(branches))
  }

  private mutating func sequence() throws(PatternError) -> Int {
    var parts: [Int] = []
    while let next = peek(), next != "|", next != ")" {
      if next == "\\", peek(1) == "Q" {
        quoted(&parts)
        continue
      }
      let start = place
      guard let part = try atom() else { continue }
      parts.append(try repeated(part, from: start))
    }
    return parts.count == 1 ? parts[0] : add(parts.isEmpty ? .empty : .sequence(parts))
  }

  /// `\Q…\E`: all that stands between is meant as it is; the last one may be repeated.
  private mutating func quoted(_ parts: inout [Int]) {
    place += 2
    while let next = peek() {
      if next == "\\", peek(1) == "E" {
        place += 2
        return
      }
      place += 1
      parts.append(literal(next))
    }
  }

  /// One part; nil for flags, which are none.
  private mutating func atom() throws(PatternError) -> Int? {
    let start = place
    let next = source[place]
    place += 1
    switch next {
    case "(": return try group(start)
    case "[": return try characterClass(start)
    case ".": return add(.any(includingLineFeed: flags.dotTakesLineFeed))
    case "^": return add(.assertion(flags.isMultiline ? .lineStart : .textStart))
    case "$": return add(.assertion(flags.isMultiline ? .lineEnd : .textEnd))
    case "\\": return try escape(start)
    case "*", "+", "?": throw failure("there is nothing here for `\(next)` to repeat", from: start)
    default: return literal(next)
    }
  }

  private mutating func group(_ start: Int) throws(PatternError) -> Int? {
    guard skip("?") else {
      groups += 1
      return try remembered(groups, start)
    }
    if peek() == "<" || (peek() == "P" && peek(1) == "<") {
      if peek() == "<", peek(1) == "=" || peek(1) == "!" {
        throw failure("looking behind is no part of this language", from: start, to: place + 2)
      }
      place += peek() == "P" ? 2 : 1
      let nameStart = place
      while let next = peek(), next.isASCII, Lexer.isWord(UInt8(next.value)) { place += 1 }
      guard place > nameStart, skip(">") else { throw failure("this group's name does not end", from: start) }
      groups += 1
      return try remembered(groups, start)
    }
    if peek() == "=" || peek() == "!" {
      throw failure("looking ahead is no part of this language", from: start, to: place + 1)
    }
    let outer = flags
    guard try readFlags(start) else { return nil }
    let inner = try alternatives()
    flags = outer
    guard skip(")") else { throw failure("this group does not end", from: start, to: start + 1) }
    return inner
  }

  private mutating func remembered(_ number: Int, _ start: Int) throws(PatternError) -> Int {
    let outer = flags
    let inner = try alternatives()
    flags = outer
    guard skip(")") else { throw failure("this group does not end", from: start, to: start + 1) }
    return add(.group(inner, number: number))
  }

  /// Flags, after `(?`; false where they are for what follows and not for a group of their own.
  private mutating func readFlags(_ start: Int) throws(PatternError) -> Bool {
    var value = true
    var hasFlag = false
    while let next = peek() {
      place += 1
      switch next {
      case "i": flags.foldsCase = value
      case "m": flags.isMultiline = value
      case "s": flags.dotTakesLineFeed = value
      case "U": flags.isUngreedy = value
      case "-" where value:
        value = false
        hasFlag = false
        continue
      case ":" where value || hasFlag: return true
      case ")" where hasFlag: return false
      default: throw failure("this group begins with no known flag", from: start)
      }
      hasFlag = true
    }
    throw failure("this group does not end", from: start, to: start + 1)
  }

  // MARK: Repetition

  private mutating func repeated(_ part: Int, from start: Int) throws(PatternError) -> Int {
    guard let (low, high) = try count() else { return part }
    let isLazy = skip("?") != flags.isUngreedy
    let repetition = add(.repetition(part, low: low, high: high, isLazy: isLazy))
    let next = place
    if try count() != nil { throw failure("what is repeated already cannot be repeated again", from: start) }
    place = next
    return repetition
  }

  /// How often; nil where no repetition follows: a brace that begins no count stands for itself.
  private mutating func count() throws(PatternError) -> (Int, Int?)? {
    switch peek() {
    case "*":
      place += 1
      return (0, nil)
    case "+":
      place += 1
      return (1, nil)
    case "?":
      place += 1
      return (0, 1)
    case "{":
      let start = place
      place += 1
      guard let low = number() else {
        place = start
        return nil
      }
      var high: Int? = low
      if skip(",") { high = peek() == "}" ? nil : number() ?? -1 }
      guard skip("}"), high != -1 else {
        place = start
        return nil
      }
      guard low <= Self.maximumCount, (high ?? 0) <= Self.maximumCount else {
        throw failure("a pattern repeats at most \(Self.maximumCount) times", from: start)
      }
      if let high, high < low { throw failure("these bounds are in the wrong order", from: start) }
      return (low, high)
    default: return nil
    }
  }

  private mutating func number() -> Int? {
    let start = place
    var value = 0
    while let next = peek(), next.isASCII, Lexer.isDigit(UInt8(next.value)) {
      value = min(value * 10 + Int(next.value - 0x30), 1_000_000)
      place += 1
    }
    return place > start ? value : nil
  }

  // MARK: Nodes

  mutating func add(_ node: PatternNode) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  mutating func add(_ set: ScalarSet) -> Int {
    sets.append(set)
    return add(.set(sets.count - 1))
  }

  mutating func literal(_ scalar: Unicode.Scalar) -> Int {
    guard flags.foldsCase else { return add(.scalar(scalar.value)) }
    let variants = CaseFolding.variants(of: scalar.value)
    guard !variants.isEmpty else { return add(.scalar(scalar.value)) }
    var set = ScalarSet()
    set.insert(scalar.value)
    for variant in variants { set.insert(variant) }
    return add(set.finished(inverted: false, foldsCase: true))
  }

  // MARK: Code points

  func peek(_ distance: Int = 0) -> Unicode.Scalar? {
    place + distance < source.count ? source[place + distance] : nil
  }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard peek() == scalar else { return false }
    place += 1
    return true
  }

  func failure(_ message: String, from start: Int, to end: Int? = nil) -> PatternError {
    let end = min(end ?? place, source.count)
    return PatternError(message, offsets[min(start, end)]..<offsets[end])
  }
}
