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

  /// A pipe that holds on to the page of some bytes: what the page says is read when they were let go.
  private struct Witness {
    private typealias Splice = @convention(c) (Int32, UnsafePointer<iovec>, Int, UInt32) -> Int
    private let ends: (read: Int32, write: Int32)

    init() throws {
      var both: [Int32] = [-1, -1]
      try #require(pipe(&both) == 0)
      ends = (both[0], both[1])
    }

    /// Refers to the bytes where they lie; nothing of them is copied (vmsplice(2)).
    func watch(_ bytes: UnsafeRawBufferPointer) throws {
      var range = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
      // The C library's declaration is one that Swift does not see.
      let splice = unsafeBitCast(try #require(dlsym(nil, "vmsplice")), to: Splice.self)
      try #require(splice(ends.write, &range, 1, 0) == bytes.count)
    }

    /// What stands in the page now.
    func read(_ count: Int) -> [UInt8] {
      defer {
        close(ends.read)
        close(ends.write)
      }
      var bytes = [UInt8](repeating: 0xFF, count: count)
      return Glibc.read(ends.read, &bytes, count) == count ? bytes : []
    }
  }

  @Test("its memory is zeroed when it is let go, and so is what it outgrew")
  func zeroed() throws {
    let text = Array("Tr0ub4dor&3".utf8)
    let none = [UInt8](repeating: 0, count: text.count)
    var secret: SecretBytes? = SecretBytes(copying: text)
    let witness = try Witness()
    try secret?.withUnsafeBytes { try witness.watch($0) }
    secret = nil
    #expect(witness.read(text.count) == none)

    var buffer = SecretBuffer()
    let outgrown = try Witness()
    text.withUnsafeBytes { buffer.append($0) }
    var failure: (any Error)?
    // The page is where the next byte would be written.
    _ = buffer.append(upTo: 1) { room in
      do {
        try outgrown.watch(UnsafeRawBufferPointer(start: room.baseAddress! - text.count, count: text.count))
      } catch { failure = error }
      return 0
    }
    #expect(failure == nil)
    _ = buffer.append(upTo: 1 << 16) { _ in 0 }
    #expect(outgrown.read(text.count) == none)
    let isKept = buffer.finish().withUnsafeBytes { Array($0) } == text
    #expect(isKept)
  }

  @Test("a page that was let go as it was would be seen")
  func unzeroed() throws {
    let text = Array("Tr0ub4dor&3".utf8)
    let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    let start = try #require(page)
    start.copyMemory(from: text, byteCount: text.count)
    let witness = try Witness()
    try witness.watch(UnsafeRawBufferPointer(start: start, count: text.count))
    munmap(start, 4096)
    #expect(witness.read(text.count) == text)
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
