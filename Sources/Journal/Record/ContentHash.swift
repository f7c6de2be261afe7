import Crypto

/// The SHA-256 of some bytes.
package struct ContentHash: Hashable, Sendable {
  /// The 32 bytes of the hash.
  let bytes: SIMD32<UInt8>

  /// What the first record names as the one before it.
  package static let zero = ContentHash(bytes: .zero)

  init(bytes: SIMD32<UInt8>) { self.bytes = bytes }

  /// The hash of these bytes.
  package init(of content: UnsafeRawBufferPointer) {
    var hasher = SHA256()
    hasher.update(bufferPointer: content)
    self.init(hasher.finalize())
  }

  /// The hash of these bytes.
  package init(of content: [UInt8]) { self = content.withUnsafeBytes { ContentHash(of: $0) } }

  init(_ digest: SHA256Digest) {
    self.bytes = digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD32<UInt8>.self) }
  }

  /// The hash with exactly these 32 bytes; nil for any other count.
  init?(raw: UnsafeRawBufferPointer) {
    guard raw.count == 32 else { return nil }
    self.bytes = raw.loadUnaligned(as: SIMD32<UInt8>.self)
  }

  /// Reads 64 lower-case hexadecimal digits; nil for anything else.
  package init?(hex: some StringProtocol) {
    var words = SIMD4<UInt64>.zero
    var word: UInt64 = 0
    var count = 0
    for digit in hex.utf8 {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x61...0x66: value = digit - 0x61 + 10
      default: return nil
      }
      guard count < 64 else { return nil }
      word = word << 4 | UInt64(value)
      count += 1
      if count & 15 == 0 { words[count / 16 - 1] = word.bigEndian }
    }
    guard count == 64 else { return nil }
    self.bytes = withUnsafeBytes(of: words) { $0.loadUnaligned(as: SIMD32<UInt8>.self) }
  }

  /// The hash as 64 lower-case hexadecimal digits.
  package var hex: String {
    String(unsafeUninitializedCapacity: 64) { buffer in
      for index in 0..<32 {
        buffer[2 * index] = Self.digit(bytes[index] >> 4)
        buffer[2 * index + 1] = Self.digit(bytes[index] & 15)
      }
      return 64
    }
  }

  func appendHex(to line: inout [UInt8]) {
    for index in 0..<32 {
      line.append(Self.digit(bytes[index] >> 4))
      line.append(Self.digit(bytes[index] & 15))
    }
  }

  func withRawBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBytes(of: bytes, body)
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}

extension ContentHash: CustomStringConvertible {
  package var description: String { hex }
}
