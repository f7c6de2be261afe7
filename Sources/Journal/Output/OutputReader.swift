import Crypto
import Glibc

/// Reads stored outputs, one after the other.
final class OutputReader {
  private let store: JournalStore
  private let decoder = GzipDecoder()
  private lazy var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  private var hasBuffer = false

  init(_ store: JournalStore) { self.store = store }

  deinit {
    if hasBuffer { buffer.deallocate() }
  }

  static func otherHash(_ sha256: String) -> JournalError {
    .outputDamaged(sha256: sha256, reason: "it has another hash")
  }

  /// Streams an output and gives the hash and length of what came.
  func hash(
    of sha256: String, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> (hash: ContentHash, bytes: Int64) {
    var hasher = SHA256()
    var bytes: Int64 = 0
    _ = try read(sha256) { piece in
      hasher.update(bufferPointer: piece)
      bytes += Int64(piece.count)
      try sink(piece)
      return true
    }
    return (ContentHash(hasher.finalize()), bytes)
  }

  /// Streams an output until the sink gives false.
  ///
  /// - Returns: Whether the output was streamed to its end.
  /// - Throws: `JournalError`, and what the sink throws.
  func read(_ sha256: String, into sink: (UnsafeRawBufferPointer) throws -> Bool) throws -> Bool {
    guard ContentHash(hex: sha256) != nil else { throw JournalError.outputMissing(sha256: sha256) }
    decoder.restart()
    do {
      let wantsMore =
        if let small = try store.smallOutput(sha256) {
          try small.gzip.withUnsafeBytes { try decoder.decode($0, into: sink) }
        } else {
          try readFile(sha256, into: sink)
        }
      guard wantsMore else { return false }
      guard decoder.isFinished else { throw GzipDecoder.Failure(reason: "it ends too early") }
      return true
    } catch let failure as GzipDecoder.Failure {
      throw JournalError.outputDamaged(sha256: sha256, reason: failure.reason)
    }
  }

  private func readFile(_ sha256: String, into sink: (UnsafeRawBufferPointer) throws -> Bool) throws -> Bool {
    let name = OutputFile.path(of: sha256)
    let path = store.directory.path(of: name)
    // A FIFO in its place must not hold the reader up; for a file the flag means nothing.
    let file = store.directory.open(name, O_RDONLY | O_NONBLOCK)
    guard file >= 0 else {
      switch errno {
      case ENOENT: throw JournalError.outputMissing(sha256: sha256)
      case EACCES:
        throw JournalError.failed(
          path: path, operation: "read an output", reason: String(cString: strerror(EACCES)))
      default: throw JournalError.system(errno, path: path, operation: "read an output")
      }
    }
    defer { Glibc.close(file) }
    hasBuffer = true
    while true {
      let count = Glibc.read(file, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw JournalError.system(errno, path: path, operation: "read an output") }
      if count == 0 { return true }
      guard try decoder.decode(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: sink) else { return false }
    }
  }
}
