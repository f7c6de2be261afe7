import Glibc

/// `format`: a text with clauses such as `%s` that values take the place of.
enum TextFormat {
  /// The text with its clauses filled in, one value each.
  static func apply(_ pattern: String, _ values: [Value]) throws(EvaluationError) -> String {
    var output: [UInt8] = []
    var bytes = Array(pattern.utf8)[...]
    var next = 0
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        output.append(byte)
        continue
      }
      if bytes.first == UInt8(ascii: "%") {
        output.append(byte)
        bytes = bytes.dropFirst()
        continue
      }
      let precision = try precision(&bytes)
      guard let letter = bytes.popFirst() else { throw EvaluationError("the text of `format` ends in `%`") }
      guard next < values.count else {
        throw EvaluationError("`format` has more clauses than its \(values.count) values")
      }
      output += try clause(letter, precision, values[next]).utf8
      try SizeLimit.check(bytes: output.count)
      next += 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func precision(_ bytes: inout ArraySlice<UInt8>) throws(EvaluationError) -> Int? {
    guard bytes.first == UInt8(ascii: ".") else { return nil }
    let digits = bytes.dropFirst().prefix { Lexer.isDigit($0) }
    bytes = bytes.dropFirst(digits.count + 1)
    guard !digits.isEmpty, let precision = Int(String(decoding: digits, as: UTF8.self)), precision <= 1000 else {
      throw EvaluationError("a precision of `format` is a number up to 1000")
    }
    return precision
  }

  private static func clause(_ letter: UInt8, _ precision: Int?, _ value: Value) throws(EvaluationError) -> String {
    let text: String?
    switch letter {
    case UInt8(ascii: "s"): text = try plain(value)
    case UInt8(ascii: "d"): text = whole(value, radix: 10)
    case UInt8(ascii: "b"):
      if case .bool(let truth) = value { text = truth ? "1" : "0" } else { text = whole(value, radix: 2) }
    case UInt8(ascii: "o"): text = whole(value, radix: 8)
    case UInt8(ascii: "x"): text = hexadecimal(value, isUpper: false)
    case UInt8(ascii: "X"): text = hexadecimal(value, isUpper: true)
    case UInt8(ascii: "f"), UInt8(ascii: "e"): text = decimal(value, precision ?? 6, letter)
    default:
      throw EvaluationError("`format` has no clause `%\(String(decoding: [letter], as: UTF8.self))`")
    }
    guard let text else {
      throw EvaluationError(
        "`%\(String(decoding: [letter], as: UTF8.self))` of `format` does not take \(value.kindName)")
    }
    return text
  }

  /// `%s`: lists and maps with their texts unquoted, maps in the order of their keys.
  private static func plain(_ value: Value) throws(EvaluationError) -> String {
    switch value {
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .list(let values):
      var parts: [String] = []
      for value in values { parts.append(try plain(value)) }
      return "[" + parts.joined(separator: ", ") + "]"
    case .map(let map):
      var parts: [(key: String, text: String)] = []
      for (place, key) in map.keys.enumerated() {
        let name = try plain(key)
        parts.append((name, "\(name): \(try plain(map.values[place]))"))
      }
      parts.sort { $0.key.precedes($1.key) }
      return "{" + parts.map(\.text).joined(separator: ", ") + "}"
    case .optional, .unknown: throw EvaluationError("`%s` of `format` does not take \(value.kindName)")
    default: return value.rendered
    }
  }

  private static func whole(_ value: Value, radix: Int) -> String? {
    switch value {
    case .int(let number): String(number, radix: radix)
    case .uint(let number): String(number, radix: radix)
    case .double(let number) where radix == 10 && number.isNaN: "NaN"
    case .double(let number) where radix == 10 && number.isInfinite: number < 0 ? "-Infinity" : "Infinity"
    default: nil
    }
  }

  private static func hexadecimal(_ value: Value, isUpper: Bool) -> String? {
    let digits: String?
    switch value {
    case .string(let text): digits = Hexadecimal.encode(Array(text.utf8))
    case .bytes(let bytes): digits = Hexadecimal.encode(bytes)
    default: digits = whole(value, radix: 16)
    }
    return isUpper ? digits?.uppercased() : digits
  }

  private static func decimal(_ value: Value, _ precision: Int, _ letter: UInt8) -> String? {
    let number: Double
    switch value {
    case .double(let value): number = value
    case .int(let value): number = Double(value)
    case .uint(let value): number = Double(value)
    default: return nil
    }
    guard number.isFinite else { return DoubleText.of(number) }
    // The largest double has 309 digits before the point.
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: precision + 330) { buffer in
      let format = letter == UInt8(ascii: "e") ? "%.*e" : "%.*f"
      let count = withVaList([Int32(precision), number]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
      return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
