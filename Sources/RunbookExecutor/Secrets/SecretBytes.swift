import Glibc

/// A secret's value: in memory of its own that is locked, kept out of core dumps, and zeroed when it is no longer used.
///
/// It cannot be encoded, and whatever prints it prints that it is redacted. What works on the bytes must keep no copy, or
/// be named in SECURITY.md.
package final class SecretBytes: Sendable {
  private let memory: SecretMemory
  /// How many bytes it has.
  package let count: Int

  fileprivate init(_ memory: SecretMemory, count: Int) {
    self.memory = memory
    self.count = count
  }

  /// A copy of bytes that stand somewhere else already.
  package convenience init(copying bytes: some Sequence<UInt8>) {
    var buffer = SecretBuffer()
    for byte in bytes { buffer.append(byte) }
    self.init(buffer.take())
  }

  private convenience init(_ taken: (SecretMemory, count: Int)) { self.init(taken.0, count: taken.count) }

  /// Gives the bytes to work on, for as long as the call lasts.
  package func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { Redactor.placeholder }
  package var debugDescription: String { Redactor.placeholder }
  package var customMirror: Mirror { Mirror(reflecting: Redactor.placeholder) }
}

/// Takes a secret's value in, from wherever it is read.
package struct SecretBuffer: ~Copyable {
  private var memory = SecretMemory(count: 1)
  /// How many bytes have come.
  package private(set) var count = 0

  package init() {}

  /// Takes a byte in.
  package mutating func append(_ byte: UInt8) {
    withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { one in
      one[0] = byte
      append(UnsafeRawBufferPointer(one))
      one[0] = 0
    }
  }

  /// Takes bytes in.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    makeRoom(for: bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...]).copyMemory(from: bytes)
    count += bytes.count
  }

  /// Lets a call write up to so many bytes, and takes in as many as it says; what it gives is passed on.
  package mutating func append(
    upTo most: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int
  ) -> Int {
    makeRoom(for: most)
    let written = write(UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count..<count + most]))
    count += max(0, written)
    return written
  }

  /// Forgets the line break at the end, if there is one.
  package mutating func dropLastLineBreak() {
    if count > 0, memory.bytes[count - 1] == UInt8(ascii: "\n") { count -= 1 }
    if count > 0, memory.bytes[count - 1] == UInt8(ascii: "\r") { count -= 1 }
  }

  /// The value that has come.
  package consuming func finish() -> SecretBytes { SecretBytes(memory, count: count) }

  fileprivate consuming func take() -> (SecretMemory, count: Int) { (memory, count) }

  private mutating func makeRoom(for more: Int) {
    guard count + more > memory.bytes.count else { return }
    let larger = SecretMemory(count: max(count + more, 2 * memory.bytes.count))
    larger.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
    memory = larger
  }
}

/// Pages of memory that hold nothing else.
private final class SecretMemory: @unchecked Sendable {
  // What is written to them is written before they are shared.
  let bytes: UnsafeMutableRawBufferPointer

  /// Room for so many bytes at least, all zero.
  init(count: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let size = (count + page - 1) / page * page
    let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let start, start != MAP_FAILED else { fatalError("no memory is left for a secret") }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
    // Both are more than is needed to go on: few pages may be locked where RLIMIT_MEMLOCK is low.
    _ = mlock(start, size)
    _ = madvise(start, size, Int32(MADV_DONTDUMP))
  }

  deinit {
    guard let start = bytes.baseAddress else { return }
    explicit_bzero(start, bytes.count)
    munmap(start, bytes.count)
  }
}
