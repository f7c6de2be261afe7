/// Reads the binary form of SSH's data (RFC 4251, 5) from front to back; nothing is copied twice.
struct SSHWireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  /// Whether these bytes come next, which are then behind it.
  mutating func skips(_ expected: [UInt8]) -> Bool {
    guard rest.starts(with: expected) else { return false }
    rest = rest.dropFirst(expected.count)
    return true
  }

  /// A number of four bytes; nil where there are fewer.
  mutating func uint32() -> UInt32? {
    guard rest.count >= 4 else { return nil }
    let value = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    rest = rest.dropFirst(4)
    return value
  }

  /// A length and so many bytes; nil where there are fewer.
  mutating func string() -> ArraySlice<UInt8>? {
    guard let count = uint32(), Int(count) <= rest.count else { return nil }
    let content = rest.prefix(Int(count))
    rest = rest.dropFirst(Int(count))
    return content
  }

  /// A string that is text: UTF-8 without control characters.
  mutating func text() -> String? {
    guard let bytes = string(), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
