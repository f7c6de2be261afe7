import CanonicalJSON

/// Functions between values and texts that other programs read or write.
package enum DataFunctions {
  /// The result; nil where the function does not take the arguments.
  static func apply(_ function: Builtin, _ arguments: [Value]) throws(EvaluationError) -> Value? {
    switch (function, arguments.count, arguments.first) {
    case (.toJson, 1, let value?):
      if let unknown = value.unknownWithin { return .unknown(unknown) }
      return .string(value.compactJSON)
    case (.fromJson, 1, .string(let text)?): return try parsed(text)
    case (.pairs, 2, .string(let text)?):
      guard case .string(let separator) = arguments[1] else { return nil }
      return try pairs(text, separator)
    case (.toMap, 3, .list(let values)?):
      guard case .string(let key) = arguments[1], case .string(let value) = arguments[2] else { return nil }
      return try map(values, key, value)
    case (.base64, 1, .string(let text)?): return .string(Base64.encode(Array(text.utf8)))
    case (.base64, 1, .bytes(let bytes)?): return .string(Base64.encode(bytes))
    case (.urlEncode, 1, .string(let text)?): return .string(percentEncoded(text))
    default: return nil
    }
  }

  private static func parsed(_ text: String) throws(EvaluationError) -> Value {
    do throws(JSONParseError) {
      return Value(try JSON.parse(text))
    } catch {
      throw EvaluationError("the text is not JSON: \(error.message), at byte \(error.offset)")
    }
  }

  /// The lines of a text that have a separator, as keys and values without the blanks around them; of two lines with
  /// one key the later counts.
  private static func pairs(_ text: String, _ separator: String) throws(EvaluationError) -> Value {
    if separator.utf8.isEmpty { throw EvaluationError("the separator of `pairs` is not empty") }
    var pairs: [(Value, Value)] = []
    for line in text.utf8.split(separator: 0x0A) {
      let bytes = Array(line)
      let found = bytes.withUnsafeBufferPointer { line in separator.withBytes { line.firstOffset(of: $0) } }
      guard let found else { continue }
      pairs.append(
        (.string(trimmed(bytes[..<found])), .string(trimmed(bytes[(found + separator.utf8.count)...]))))
    }
    return .map(ValueMap(pairs))
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }

  /// A map from one field of each element to another one; each key stands once.
  private static func map(_ values: [Value], _ key: String, _ value: String) throws(EvaluationError) -> Value {
    var pairs: [(Value, Value)] = []
    for element in values {
      let name = try Member.select(key, of: element)
      let content = try Member.select(value, of: element)
      if let unknown = Unknown.either(name, content) { return .unknown(unknown) }
      try Member.checkKey(name)
      pairs.append((name, content))
    }
    let map = ValueMap(pairs)
    if map.count < pairs.count { throw EvaluationError("two elements have the same `\(key)`") }
    return .map(map)
  }

  /// The text for a part of a URL: all but letters, digits and `-._~` as bytes (RFC 3986 2.3).
  package static func percentEncoded(_ text: String) -> String {
    var output: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): output.append(byte)
      case _ where Lexer.isWord(byte): output.append(byte)
      default: output += "%\(Hexadecimal.encode([byte]).uppercased())".utf8
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
