/// Why bytes are not JSON.
public struct JSONParseError: Error, Hashable, Sendable {
  /// The byte at which reading stopped.
  public let offset: Int
  /// What is wrong there.
  public let message: String
}

extension JSON {
  /// How deep values may be nested.
  public static let depthLimit = 512

  /// Reads one JSON value (RFC 8259) with nothing but white space around it.
  ///
  /// Numbers without fraction or exponent that fit 64 bits are integers. A key that stands twice in an object is
  /// refused, and so are half surrogates, bytes that are not UTF-8 and more than `depthLimit` levels.
  public static func parse(_ bytes: [UInt8]) throws(JSONParseError) -> JSON {
    var parser = JSONParser(bytes: bytes)
    return try parser.document()
  }

  /// Reads a text as `parse` does.
  public static func parse(_ text: String) throws(JSONParseError) -> JSON { try parse(Array(text.utf8)) }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONParseError) -> JSON {
    skipBlanks()
    let value = try value()
    skipBlanks()
    guard position == bytes.count else { throw failure("something follows the value") }
    return value
  }

  private func failure(_ message: String, at offset: Int? = nil) -> JSONParseError {
    JSONParseError(offset: offset ?? position, message: message)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func value() throws(JSONParseError) -> JSON {
    guard let byte = current else { throw failure("the text ends where a value is expected") }
    switch byte {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("a value is expected")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONParseError) -> JSON {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count else { throw failure("a value is expected") }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
      throw failure("a value is expected")
    }
    position += count
    return value
  }

  private mutating func enter() throws(JSONParseError) {
    depth += 1
    if depth > JSON.depthLimit { throw failure("more than \(JSON.depthLimit) levels") }
    position += 1
    skipBlanks()
  }

  private mutating func array() throws(JSONParseError) -> JSON {
    try enter()
    var elements: [JSON] = []
    if current == UInt8(ascii: "]") {
      position += 1
      depth -= 1
      return .array([])
    }
    while true {
      elements.append(try value())
      skipBlanks()
      if current == UInt8(ascii: ",") {
        position += 1
        skipBlanks()
      } else if current == UInt8(ascii: "]") {
        position += 1
        depth -= 1
        return .array(elements)
      } else {
        throw failure("`,` or `]` is expected")
      }
    }
  }

  private mutating func object() throws(JSONParseError) -> JSON {
    try enter()
    var members: [JSON.Member] = []
    var keys: Set<[UInt8]> = []
    if current == UInt8(ascii: "}") {
      position += 1
      depth -= 1
      return .object([])
    }
    while true {
      guard current == UInt8(ascii: "\"") else { throw failure("a key is expected") }
      let start = position
      let key = try text()
      let isNew =
        members.count < 8
        ? !members.contains { $0.key.utf8.elementsEqual(key.utf8) }
        : {
          if keys.isEmpty { for member in members { keys.insert(Array(member.key.utf8)) } }
          return keys.insert(Array(key.utf8)).inserted
        }()
      guard isNew else { throw failure("a key stands twice", at: start) }
      skipBlanks()
      guard current == UInt8(ascii: ":") else { throw failure("`:` is expected") }
      position += 1
      skipBlanks()
      members.append(JSON.Member(key, try value()))
      skipBlanks()
      if current == UInt8(ascii: ",") {
        position += 1
        skipBlanks()
      } else if current == UInt8(ascii: "}") {
        position += 1
        depth -= 1
        return .object(members)
      } else {
        throw failure("`,` or `}` is expected")
      }
    }
  }

  private mutating func number() throws(JSONParseError) -> JSON {
    let start = position
    var isInteger = true
    if current == UInt8(ascii: "-") { position += 1 }
    guard let first = current, isDigit(first) else { throw failure("a digit is expected") }
    position += 1
    if first != UInt8(ascii: "0") {
      skipDigits()
    } else if let next = current, isDigit(next) {
      throw failure("a number does not begin with 0", at: start)
    }
    if current == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else { throw failure("the number is out of range", at: start) }
    return .double(value)
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private mutating func skipDigits() {
    while let byte = current, isDigit(byte) { position += 1 }
  }

  private mutating func digits() throws(JSONParseError) {
    guard let byte = current, isDigit(byte) else { throw failure("a digit is expected") }
    skipDigits()
  }

  private mutating func text() throws(JSONParseError) -> String {
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if current == UInt8(ascii: "\"") {
      let range = start..<position
      position += 1
      return try decoded(bytes[range], from: start)
    }
    var content = Array(bytes[start..<position])
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try decoded(content[...], from: start)
      case UInt8(ascii: "\\"): try escape(into: &content)
      case 0..<0x20: throw failure("a control character stands in a text")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw failure("the text ends inside a string")
  }

  private func decoded(_ content: ArraySlice<UInt8>, from start: Int) throws(JSONParseError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw failure("the bytes are not UTF-8", at: start)
    }
    return text
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONParseError) {
    let start = position
    position += 1
    guard let byte = current else { throw failure("the text ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexQuad()
      if (0xD800..<0xDC00).contains(code) {
        guard current == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u")
        else { throw failure("half a surrogate pair", at: start) }
        position += 2
        let low = try hexQuad()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair", at: start) }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair", at: start) }
      content.append(contentsOf: String(Character(scalar)).utf8)
    default: throw failure("an unknown escape", at: start)
    }
  }

  private mutating func hexQuad() throws(JSONParseError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits are expected")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
