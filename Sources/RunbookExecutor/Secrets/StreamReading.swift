/// A way to read a stream of bytes as symbols, in which patterns are then found.
enum StreamReading: CaseIterable, Hashable, Sendable {
  /// Each byte stands for itself.
  case verbatim
  /// Line breaks are passed over: base64 and hexadecimal digits are wrapped at any column.
  case wrapped
  /// `%` and two hexadecimal digits are a byte, and `+` may be a space.
  case percent
  /// A backslash begins an escape of JSON, C or a shell.
  case escaped

  /// A piece of a stream as it is read.
  enum Piece: Equatable {
    /// Bytes that stand for nothing.
    case nothing(width: Int)
    /// Bytes that stand for one.
    case symbol(UInt8, width: Int)
    /// Bytes that stand for several, the first of them in the lowest bits.
    case symbols(UInt32, count: Int, width: Int)
    /// It depends on bytes that have not come yet.
    case incomplete
  }

  /// The bytes that make a difference: a piece of the stream without them reads as it stands.
  var special: [UInt8] {
    switch self {
    case .verbatim: []
    case .wrapped: [UInt8(ascii: "\n"), UInt8(ascii: "\r")]
    case .percent: [UInt8(ascii: "%")]
    case .escaped: [UInt8(ascii: "\\")]
    }
  }

  /// What a symbol may look like in a piece of the stream without special bytes.
  func plainForms(of symbol: UInt8) -> [UInt8] {
    self == .percent && symbol == UInt8(ascii: " ") ? [symbol, UInt8(ascii: "+")] : [symbol]
  }

  /// Reads what begins at a place, which is not the end.
  ///
  /// - Parameter isEnd: Whether nothing follows the bytes; then nothing is incomplete.
  @inline(__always)
  func piece(of bytes: UnsafeBufferPointer<UInt8>, at place: Int, isEnd: Bool) -> Piece {
    let byte = bytes[place]
    switch self {
    case .verbatim: return .symbol(byte, width: 1)
    case .wrapped:
      return byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") ? .nothing(width: 1) : .symbol(byte, width: 1)
    case .percent:
      if byte == UInt8(ascii: "+") { return .symbol(Self.inForm(byte), width: 1) }
      guard byte == UInt8(ascii: "%") else { return .symbol(byte, width: 1) }
      switch Self.digits(in: bytes, from: place + 1, count: 2) {
      case .value(let value): return .symbol(Self.inForm(UInt8(truncatingIfNeeded: value)), width: 3)
      case .cut where !isEnd: return .incomplete
      case .cut, .none: return .symbol(byte, width: 1)
      }
    case .escaped:
      return byte == UInt8(ascii: "\\") ? Self.escape(in: bytes, at: place, isEnd: isEnd) : .symbol(byte, width: 1)
    }
  }

  /// What a byte of a value is taken for where `+` may be a space: the two are not told apart.
  static func inForm(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte }

  // MARK: Escapes

  private static func escape(in bytes: UnsafeBufferPointer<UInt8>, at place: Int, isEnd: Bool) -> Piece {
    let itself = Piece.symbol(bytes[place], width: 1)
    guard place + 1 < bytes.count else { return isEnd ? itself : .incomplete }
    let byte = bytes[place + 1]
    switch byte {
    case UInt8(ascii: "u"):
      switch digits(in: bytes, from: place + 2, count: 4) {
      case .value(let unit) where unit & 0xFC00 == 0xD800:
        return pair(unit, in: bytes, at: place, isEnd: isEnd)
      case .value(let unit): return utf8(of: unit, width: 6)
      case .cut: return isEnd ? itself : .incomplete
      case .none: return .symbol(byte, width: 2)
      }
    case UInt8(ascii: "x"):
      switch digits(in: bytes, from: place + 2, count: 2) {
      case .value(let value): return .symbol(UInt8(truncatingIfNeeded: value), width: 4)
      case .cut: return isEnd ? itself : .incomplete
      case .none: return .symbol(byte, width: 2)
      }
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var value = 0
      var width = 1
      while width < 4, place + width < bytes.count, case let digit = bytes[place + width] &- 48, digit < 8 {
        value = value << 3 | Int(digit)
        width += 1
      }
      if width < 4, place + width == bytes.count, !isEnd { return .incomplete }
      return .symbol(UInt8(truncatingIfNeeded: value), width: width)
    case UInt8(ascii: "n"): return .symbol(0x0A, width: 2)
    case UInt8(ascii: "t"): return .symbol(0x09, width: 2)
    case UInt8(ascii: "r"): return .symbol(0x0D, width: 2)
    case UInt8(ascii: "b"): return .symbol(0x08, width: 2)
    case UInt8(ascii: "f"): return .symbol(0x0C, width: 2)
    case UInt8(ascii: "a"): return .symbol(0x07, width: 2)
    case UInt8(ascii: "v"): return .symbol(0x0B, width: 2)
    case UInt8(ascii: "e"), UInt8(ascii: "E"): return .symbol(0x1B, width: 2)
    default: return .symbol(byte, width: 2)
    }
  }

  /// A character beyond the first 65,536 is two escapes: UTF-16's surrogates.
  private static func pair(
    _ high: Int, in bytes: UnsafeBufferPointer<UInt8>, at place: Int, isEnd: Bool
  ) -> Piece {
    let alone = utf8(of: high, width: 6)
    for (offset, byte) in [UInt8(ascii: "\\"), UInt8(ascii: "u")].enumerated() {
      guard place + 6 + offset < bytes.count else { return isEnd ? alone : .incomplete }
      guard bytes[place + 6 + offset] == byte else { return alone }
    }
    switch digits(in: bytes, from: place + 8, count: 4) {
    case .value(let low) where low & 0xFC00 == 0xDC00:
      return utf8(of: 0x10000 + (high & 0x3FF) << 10 + low & 0x3FF, width: 12)
    case .cut where !isEnd: return .incomplete
    case .value, .cut, .none: return alone
    }
  }

  /// The bytes of a code point (RFC 3629), those of a lone surrogate too.
  private static func utf8(of point: Int, width: Int) -> Piece {
    let point = UInt32(point)
    func rest(_ shift: UInt32) -> UInt32 { 0x80 | point >> shift & 0x3F }
    if point < 0x80 { return .symbol(UInt8(point), width: width) }
    if point < 0x800 { return .symbols(0xC0 | point >> 6 | rest(0) << 8, count: 2, width: width) }
    if point < 0x10000 {
      return .symbols(0xE0 | point >> 12 | rest(6) << 8 | rest(0) << 16, count: 3, width: width)
    }
    return .symbols(
      0xF0 | point >> 18 | rest(12) << 8 | rest(6) << 16 | rest(0) << 24, count: 4, width: width)
  }

  private enum Digits {
    case value(Int)
    /// The bytes end before so many digits have come.
    case cut
    case none
  }

  private static func digits(in bytes: UnsafeBufferPointer<UInt8>, from place: Int, count: Int) -> Digits {
    var value = 0
    for index in place..<place + count {
      guard index < bytes.count else { return .cut }
      switch bytes[index] {
      case let digit where digit &- 48 < 10: value = value << 4 | Int(digit &- 48)
      case let digit where (digit | 32) &- 97 < 6: value = value << 4 | Int((digit | 32) &- 87)
      default: return .none
      }
    }
    return .value(value)
  }
}
