/// Functions of texts; places are counted in code points.
enum TextFunctions {
  /// The result; nil where the function does not take the arguments that follow the text.
  static func apply(
    _ function: Builtin, _ text: String, _ arguments: ArraySlice<Value>
  ) throws(EvaluationError) -> Value? {
    switch (function, arguments.first, arguments.dropFirst().first, arguments.count) {
    case (.contains, .string(let part)?, nil, 1): return .bool(find(part, in: text) != nil)
    case (.startsWith, .string(let part)?, nil, 1): return .bool(text.utf8.starts(with: part.utf8))
    case (.endsWith, .string(let part)?, nil, 1): return .bool(text.utf8.reversed().starts(with: part.utf8.reversed()))
    case (.matches, .string(let pattern)?, nil, 1): return .bool(try compiled(pattern).matches(in: text))
    case (.find, .string(let pattern)?, nil, 1):
      return .string(try found(try compiled(pattern), in: text, limit: 1).first ?? "")
    case (.findAll, .string(let pattern)?, nil, 1):
      return .list(try found(try compiled(pattern), in: text, limit: -1).map { .string($0) })
    case (.findAll, .string(let pattern)?, .int(let limit)?, 2):
      return .list(try found(try compiled(pattern), in: text, limit: limit).map { .string($0) })
    case (.charAt, .int(let place)?, nil, 1): return .string(try character(text, at: place))
    case (.indexOf, .string(let part)?, nil, 1): return .int(try firstPlace(of: part, in: text, from: 0))
    case (.indexOf, .string(let part)?, .int(let from)?, 2):
      return .int(try firstPlace(of: part, in: text, from: from))
    case (.lastIndexOf, .string(let part)?, nil, 1): return .int(try lastPlace(of: part, in: text, upTo: nil))
    case (.lastIndexOf, .string(let part)?, .int(let limit)?, 2):
      return .int(try lastPlace(of: part, in: text, upTo: limit))
    case (.lowerAscii, nil, nil, 0): return .string(mapped(text, UInt8(ascii: "A")))
    case (.upperAscii, nil, nil, 0): return .string(mapped(text, UInt8(ascii: "a")))
    case (.trim, nil, nil, 0): return .string(trimmed(text))
    case (.reverse, nil, nil, 0): return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
    case (.quote, nil, nil, 0): return .string(quoted(text))
    case (.substring, .int(let from)?, nil, 1): return .string(try part(of: text, from, nil))
    case (.substring, .int(let from)?, .int(let to)?, 2): return .string(try part(of: text, from, to))
    case (.replace, .string(let old)?, .string(let new)?, 2): return .string(try replaced(text, old, new, -1))
    case (.replace, .string(let old)?, .string(let new)?, 3):
      guard case .int(let limit)? = arguments.last else { return nil }
      return .string(try replaced(text, old, new, limit))
    case (.split, .string(let separator)?, nil, 1): return .list(try split(text, separator, -1))
    case (.split, .string(let separator)?, .int(let limit)?, 2): return .list(try split(text, separator, limit))
    default: return nil
    }
  }

  private static func compiled(_ pattern: String) throws(EvaluationError) -> LinearPattern {
    do throws(PatternError) {
      return try LinearPattern(pattern)
    } catch {
      throw EvaluationError("this is no pattern: \(error.message)")
    }
  }

  private static func found(
    _ pattern: LinearPattern, in text: String, limit: Int64
  ) throws(EvaluationError) -> [String] {
    let found = pattern.matches(of: text, limit: limit < 0 ? SizeLimit.elements + 1 : Int(clamping: limit))
    try SizeLimit.check(elements: found.count)
    return found
  }

  // MARK: Places

  /// The offset in bytes of a part from an offset on.
  private static func find(_ part: String, in text: String, from offset: Int = 0) -> Int? {
    text.withBytes { bytes in part.withBytes { bytes.firstOffset(of: $0, from: offset) } }
  }

  private static func isStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

  /// The offset in bytes of a place; nil past the end.
  private static func offset(of place: Int64, in text: String) -> Int? {
    text.withBytes { bytes in
      guard place <= bytes.count else { return nil }
      var rest = place
      for (offset, byte) in bytes.enumerated() where isStart(byte) {
        if rest == 0 { return offset }
        rest -= 1
      }
      return rest == 0 ? bytes.count : nil
    }
  }

  /// The place of an offset in bytes.
  private static func place(of offset: Int, in text: String) -> Int64 {
    text.withBytes { bytes in bytes[..<offset].reduce(into: 0) { if isStart($1) { $0 += 1 } } }
  }

  private static func slice(_ text: String, _ range: Range<Int>) -> String {
    text.withBytes { String(decoding: $0[range], as: UTF8.self) }
  }

  private static func character(_ text: String, at place: Int64) throws(EvaluationError) -> String {
    guard place >= 0, let start = offset(of: place, in: text) else { throw outOfRange(place) }
    let end = offset(of: place + 1, in: text) ?? start
    return slice(text, start..<end)
  }

  private static func part(of text: String, _ from: Int64, _ to: Int64?) throws(EvaluationError) -> String {
    guard from >= 0, let start = offset(of: from, in: text) else { throw outOfRange(from) }
    guard let to else { return slice(text, start..<text.utf8.count) }
    guard to >= from, let end = offset(of: to, in: text) else { throw outOfRange(to) }
    return slice(text, start..<end)
  }

  private static func firstPlace(of part: String, in text: String, from: Int64) throws(EvaluationError) -> Int64 {
    if part.utf8.isEmpty { return from }
    guard from >= 0 else { throw outOfRange(from) }
    guard let start = offset(of: from, in: text) else { throw outOfRange(from) }
    guard let found = find(part, in: text, from: start) else { return -1 }
    return place(of: found, in: text)
  }

  private static func lastPlace(of part: String, in text: String, upTo limit: Int64?) throws(EvaluationError) -> Int64 {
    if part.utf8.isEmpty { return limit ?? Int64(text.unicodeScalars.count) }
    var end = text.utf8.count
    if let limit {
      guard limit >= 0 else { throw outOfRange(limit) }
      guard let start = offset(of: limit, in: text) else { throw outOfRange(limit) }
      guard start < end else { return -1 }
      end = min(end, start + part.utf8.count)
    }
    // Turned round, the last place is the first one.
    let text = Array(text.utf8)
    let turned = Array(text[..<end].reversed())
    let wanted = Array(part.utf8.reversed())
    let found = turned.withUnsafeBufferPointer { bytes in wanted.withUnsafeBufferPointer { bytes.firstOffset(of: $0) } }
    guard let found else { return -1 }
    return Int64(text[..<(end - found - wanted.count)].count(where: isStart))
  }

  private static func outOfRange(_ place: Int64) -> EvaluationError {
    EvaluationError("the place \(place) is outside of the text")
  }

  // MARK: Changes

  /// The text with the letters from this one on in their other case.
  private static func mapped(_ text: String, _ first: UInt8) -> String {
    String(decoding: text.utf8.map { $0 >= first && $0 < first + 26 ? $0 ^ 0x20 : $0 }, as: UTF8.self)
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }

  private static func replaced(
    _ text: String, _ old: String, _ new: String, _ limit: Int64
  ) throws(EvaluationError) -> String {
    var output: [UInt8] = []
    var rest = limit < 0 ? Int64.max : limit
    let bytes = Array(text.utf8)
    var place = 0
    while rest > 0, let found = old.utf8.isEmpty ? place : find(old, in: text, from: place) {
      output += bytes[place..<found]
      output += new.utf8
      try SizeLimit.check(bytes: output.count)
      place = found + old.utf8.count
      rest -= 1
      if old.utf8.isEmpty {
        guard place < bytes.count else { break }
        repeat {
          output.append(bytes[place])
          place += 1
        } while place < bytes.count && !isStart(bytes[place])
      }
    }
    output += bytes[place...]
    return String(decoding: output, as: UTF8.self)
  }

  private static func split(_ text: String, _ separator: String, _ limit: Int64) throws(EvaluationError) -> [Value] {
    if limit == 0 { return [] }
    var parts: [Value] = []
    var place = 0
    let count = text.utf8.count
    while limit < 0 || Int64(parts.count) < limit - 1 {
      var end: Int?
      if separator.utf8.isEmpty {
        if place >= count { break }
        end = text.withBytes { bytes in bytes[(place + 1)...].firstIndex(where: isStart) }
      } else {
        end = find(separator, in: text, from: place)
      }
      guard let end else { break }
      parts.append(.string(slice(text, place..<end)))
      try SizeLimit.check(elements: parts.count)
      place = end + separator.utf8.count
    }
    if !separator.utf8.isEmpty || place < count { parts.append(.string(slice(text, place..<count))) }
    return parts
  }

  private static func quoted(_ text: String) -> String {
    var output: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      let letter: Character? =
        switch byte {
        case 0x07: "a"
        case 0x08: "b"
        case 0x0C: "f"
        case 0x0A: "n"
        case 0x0D: "r"
        case 0x09: "t"
        case 0x0B: "v"
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "\""): "\""
        default: nil
        }
      if let letter {
        output.append(UInt8(ascii: "\\"))
        output += letter.utf8
      } else {
        output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
    return String(decoding: output, as: UTF8.self)
  }
}
