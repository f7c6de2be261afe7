import Diagnostics

extension YAMLNode {
  /// The place in the file of some bytes of a scalar's text.
  ///
  /// Escapes, doubled quotes, folding and indentation are walked through, so that the place is right to the byte.
  public func span(ofText range: Range<Int>, in source: SourceText) -> ByteSpan {
    guard let scalar else { return span }
    var walk = ScalarWalk(scalar: scalar, span: span, bytes: source.bytes)
    let start = walk.place(of: range.lowerBound)
    let end = range.isEmpty ? start : walk.place(of: range.upperBound - 1) + walk.widthHere
    return ByteSpan(start, end)
  }
}

/// Walks through a scalar as it is written, side by side with what it says.
private struct ScalarWalk {
  let style: YAMLScalar.Style
  let bytes: [UInt8]
  let text: [UInt8]
  let end: Int
  var position: Int
  var offset = 0
  let indentation: Int

  init(scalar: YAMLScalar, span: ByteSpan, bytes: [UInt8]) {
    style = scalar.style
    self.bytes = bytes
    text = Array(scalar.text.utf8)
    var position = Int(span.start)
    var end = min(Int(span.end), bytes.count)
    var indentation = 0
    switch scalar.style {
    case .plain: break
    case .singleQuoted, .doubleQuoted:
      position += 1
      end -= 1
    case .literal, .folded:
      while position < end, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      position = min(position + 1, end)
      var line = position
      while line < end {
        var blanks = 0
        while line + blanks < end, bytes[line + blanks] == UInt8(ascii: " ") { blanks += 1 }
        let first = line + blanks
        if first < end, bytes[first] != UInt8(ascii: "\n"), bytes[first] != UInt8(ascii: "\r") {
          // The header may name the indentation: then blanks before the first word are part of the text.
          indentation = max(0, blanks - Self.leadingBlanks(of: text))
          break
        }
        line = first
        while line < end, bytes[line] != UInt8(ascii: "\n") { line += 1 }
        line += 1
      }
    }
    self.position = position
    self.end = end
    self.indentation = indentation
    if scalar.style == .literal || scalar.style == .folded { skipIndentation() }
  }

  /// How many bytes of the file the character at the present place takes.
  var widthHere: Int {
    guard position < end else { return 0 }
    if style == .doubleQuoted, bytes[position] == UInt8(ascii: "\\") { return escape(at: position).width }
    if style == .singleQuoted, bytes[position] == UInt8(ascii: "'") { return 2 }
    return 1
  }

  /// The byte of the file at which a byte of the text stands.
  mutating func place(of wanted: Int) -> Int {
    while offset < wanted, position < end { step() }
    // An escaped line break stands for nothing, and so belongs to what comes before it.
    while style == .doubleQuoted, position + 1 < end, bytes[position] == UInt8(ascii: "\\"),
      escape(at: position).count == 0
    {
      step()
    }
    return min(position, end)
  }

  private mutating func step() {
    let byte = bytes[position]
    if style == .doubleQuoted, byte == UInt8(ascii: "\\") {
      let (width, count) = escape(at: position)
      position += width
      offset += count
      if count == 0 { skipBlanks() }
    } else if style == .singleQuoted, byte == UInt8(ascii: "'") {
      position += 2
      offset += 1
    } else if style == .literal {
      position += 1
      if byte != UInt8(ascii: "\r") { offset += 1 }
      if byte == UInt8(ascii: "\n") { skipIndentation() }
    } else if breaksLine(at: position) {
      var breaks = 0
      while position < end, isBlankOrBreak(bytes[position]) {
        if bytes[position] == UInt8(ascii: "\n") { breaks += 1 }
        position += 1
      }
      if offset < text.count, text[offset] == UInt8(ascii: " ") {
        offset += 1
      } else {
        while breaks > 0, offset < text.count, text[offset] == UInt8(ascii: "\n") {
          offset += 1
          breaks -= 1
        }
      }
    } else {
      position += 1
      offset += 1
    }
  }

  private func breaksLine(at start: Int) -> Bool {
    var index = start
    while index < end, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") { index += 1 }
    return index < end && (bytes[index] == UInt8(ascii: "\n") || bytes[index] == UInt8(ascii: "\r"))
  }

  private func isBlankOrBreak(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private mutating func skipBlanks() {
    while position < end, bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\t") {
      position += 1
    }
  }

  /// The blanks before the first word of a text.
  private static func leadingBlanks(of text: [UInt8]) -> Int {
    var blanks = 0
    for byte in text {
      switch byte {
      case UInt8(ascii: " "): blanks += 1
      case UInt8(ascii: "\n"): blanks = 0
      default: return blanks
      }
    }
    return blanks
  }

  private mutating func skipIndentation() {
    var rest = indentation
    while rest > 0, position < end, bytes[position] == UInt8(ascii: " ") {
      position += 1
      rest -= 1
    }
  }

  /// How wide an escape is in the file, and how many bytes of text it stands for.
  private func escape(at start: Int) -> (width: Int, count: Int) {
    guard start + 1 < bytes.count else { return (1, 1) }
    let digits: Int
    switch bytes[start + 1] {
    case UInt8(ascii: "x"): digits = 2
    case UInt8(ascii: "u"): digits = 4
    case UInt8(ascii: "U"): digits = 8
    case UInt8(ascii: "N"), UInt8(ascii: "_"): return (2, 2)
    case UInt8(ascii: "L"), UInt8(ascii: "P"): return (2, 3)
    case UInt8(ascii: "\n"): return (2, 0)
    case UInt8(ascii: "\r"): return (3, 0)
    default: return (2, 1)
    }
    var code: UInt32 = 0
    for index in start + 2..<min(start + 2 + digits, bytes.count) {
      code = code << 4 | UInt32(Character(Unicode.Scalar(bytes[index])).hexDigitValue ?? 0)
    }
    return (2 + digits, Unicode.Scalar(code).map { UTF8.width($0) } ?? 1)
  }
}
