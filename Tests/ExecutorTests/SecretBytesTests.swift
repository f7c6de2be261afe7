import Glibc
import RunbookExecutor
import Testing

/// What holds a secret's value gives it to nobody who did not ask for it.
@Suite struct SecretBytesTests {
  private static let secret = SecretBytes(copying: "Tr0ub4dor&3".utf8)

  @Test("Invariant 7: a secret is not printed, dumped, mirrored or encoded")
  func invariant7_unprintable() {
    let secret = Self.secret
    var dumped = ""
    dump(["a": secret], to: &dumped)
    for text in ["\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", dumped] {
      #expect(text.contains("[redacted]"))
      #expect(!text.contains("Tr0ub"))
    }
    #expect(Mirror(reflecting: secret).children.isEmpty)
    let value: Any = secret
    #expect(!(value is any Encodable))
  }

  @Test("its memory is locked, and kept out of core dumps")
  func memory() throws {
    let address = Self.secret.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    // proc_pid_smaps(5): `dd` is MADV_DONTDUMP, `lo` is mlock(2).
    let file = try #require(fopen("/proc/self/smaps", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    var isInside = false
    var flags: [Substring] = []
    var text = ""
    while fgets(&line, Int32(line.count), file) != nil {
      text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let bounds = text.split(separator: " ")[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      if bounds.count == 2 { isInside = bounds[0] <= address && address < bounds[1] }
      if isInside, text.hasPrefix("VmFlags:") { flags = text.split(whereSeparator: { $0 == " " || $0 == "\n" }) }
    }
    #expect(flags.contains("dd"))
    #expect(flags.contains("lo"))
  }

  @Test("a value that comes in pieces is whole, whatever its length", arguments: [0, 1, 4095, 4096, 4097, 70_000])
  func pieces(length: Int) {
    let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var buffer = SecretBuffer()
    var rest = bytes[...]
    while let first = rest.first {
      buffer.append(first)
      rest = rest.dropFirst()
      let piece = rest.prefix(100)
      piece.withUnsafeBytes { buffer.append($0) }
      rest = rest.dropFirst(100)
    }
    let isWhole = buffer.finish().withUnsafeBytes { Array($0) } == bytes
    #expect(isWhole)
  }

  @Test("one line break at the end does not belong to the value", arguments: ["a\n", "a\r\n", "a\n\n", "a", "\n", ""])
  func lastLineBreak(text: String) {
    var buffer = SecretBuffer()
    for byte in text.utf8 { buffer.append(byte) }
    buffer.dropLastLineBreak()
    let kept = buffer.finish().withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    #expect(kept == ["a\n\n": "a\n", "\n": "", "": ""][text, default: "a"])
  }
}
