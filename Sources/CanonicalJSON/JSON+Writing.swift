extension JSON {
  /// The value in canonical form: RFC 8785, with every number that is not an integer written as a string.
  ///
  /// Keys are sorted by their UTF-16 code units, as RFC 8785 3.2.3 says.
  public func canonicalBytes() -> [UInt8] {
    var bytes: [UInt8] = []
    appendCanonical(to: &bytes)
    return bytes
  }

  /// Appends the canonical form to some bytes.
  public func appendCanonical(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    case .int(let value): JSON.append(integer: value, to: &bytes)
    case .double(let value): JSON.append(text: value.description, to: &bytes)
    case .string(let value): JSON.append(text: value, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      var isFirst = true
      for member in JSON.sorted(members) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        JSON.append(text: member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func sorted(_ members: [Member]) -> [Member] {
    var inOrder = true
    for index in members.indices.dropFirst() where !precedes(members[index - 1].key, members[index].key) {
      inOrder = false
      break
    }
    return inOrder ? members : members.sorted { precedes($0.key, $1.key) }
  }

  private static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf16.lexicographicallyPrecedes(b.utf16)
  }

  static func append(integer: Int64, to bytes: inout [UInt8]) {
    var rest = integer.magnitude
    if integer < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  static func append(text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      var from = 0
      for index in utf8.indices {
        let byte = utf8[index]
        guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
        bytes.append(contentsOf: utf8[from..<index])
        from = index + 1
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
          bytes.append(contentsOf: "u00".utf8)
          bytes.append(hexDigit(byte >> 4))
          bytes.append(hexDigit(byte & 15))
        }
      }
      bytes.append(contentsOf: utf8[from...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}

extension JSON {
  /// The value laid out for people: two blanks a level, members in their own order.
  public func prettyText() -> String {
    var bytes: [UInt8] = []
    appendPretty(to: &bytes, indent: 0)
    return Self.displayable(String(decoding: bytes, as: UTF8.self))
  }

  /// The value in one line, members in their own order.
  public func lineText() -> String {
    switch self {
    case .double(let value): value.description
    case .array(let elements): "[" + elements.map { $0.lineText() }.joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { JSON.string($0.key).lineText() + ":" + $0.value.lineText() }.joined(separator: ",") + "}"
    case .null, .bool, .int, .string: String(decoding: canonicalBytes(), as: UTF8.self)
    }
  }

  /// JSON's text with the same values, in which nothing can steer the terminal that it may be shown on: control characters
  /// beyond ASCII, and those that turn the direction of writing, are escaped.
  public static func displayable(_ text: String) -> String {
    func steers(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.value {
      case 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
      default: false
      }
    }
    guard text.unicodeScalars.contains(where: steers) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard steers(scalar) else {
        result.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16)
      result.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars)
    }
    return String(result)
  }

  private func appendPretty(to bytes: inout [UInt8], indent: Int) {
    func newLine(_ depth: Int) {
      bytes.append(UInt8(ascii: "\n"))
      bytes.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: depth * 2))
    }
    switch self {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        element.appendPretty(to: &bytes, indent: indent + 1)
      }
      newLine(indent)
      bytes.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        JSON.append(text: member.key, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        member.value.appendPretty(to: &bytes, indent: indent + 1)
      }
      newLine(indent)
      bytes.append(UInt8(ascii: "}"))
    default: appendCanonical(to: &bytes)
    }
  }
}
