import Crypto

/// Takes in what a program writes, as it comes; may be used from any thread, in memory that does not grow with it.
package final class OutputWriter: @unchecked Sendable {
  /// The bytes that are compressed at a time, so that how they came does not show in the result.
  private static let blockSize = SmallOutput.limit

  private let store: JournalStore
  private let lock = ThreadLock()
  private var hasher = SHA256()
  private var count: Int64 = 0
  private var head: [UInt8] = []
  /// What has not been compressed yet; all there is while no file was begun.
  private var block: [UInt8] = []
  private var file: OutputFile?
  private var isOver = false

  private let keeps: Bool

  init(_ store: JournalStore, keeps: Bool) {
    self.store = store
    self.keeps = keeps
  }

  /// Takes in bytes; throws what keeps them from being written to a file.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(JournalError) {
    lock.lock()
    defer { lock.unlock() }
    guard !isOver, !bytes.isEmpty else { return }
    hasher.update(bufferPointer: bytes)
    count += Int64(bytes.count)
    guard keeps else { return }
    let room = StoredOutput.headLimit - head.count
    if room > 0 { head.append(contentsOf: bytes.prefix(room)) }
    var rest = bytes[...]
    while !rest.isEmpty {
      if block.count == Self.blockSize { try spill() }
      let part = rest.prefix(Self.blockSize - block.count)
      block.append(contentsOf: part)
      rest = rest.dropFirst(part.count)
    }
  }

  /// Ends the output; one that is not small is durable then. Nil if nothing was written, or after an end.
  package func finish() throws(JournalError) -> StoredOutput? {
    lock.lock()
    defer { lock.unlock() }
    guard !isOver else { return nil }
    defer { end() }
    guard count > 0 else { return nil }
    let sha256 = ContentHash(hasher.finalize()).hex
    guard keeps else {
      return StoredOutput(sha256: sha256, bytes: count, head: [], truncated: true, small: nil, isKept: false)
    }
    var small: SmallOutput?
    if let file {
      try file.write(block)
      try file.finish(as: sha256)
    } else {
      small = SmallOutput(sha256: sha256, bytes: count, gzip: GzipEncoder.compress(block))
    }
    return StoredOutput(sha256: sha256, bytes: count, head: head, truncated: count > head.count, small: small)
  }

  /// Forgets what was written.
  package func discard() {
    lock.lock()
    defer { lock.unlock() }
    end()
  }

  /// Compresses the full block into the file, which begins with the first one.
  private func spill() throws(JournalError) {
    let file: OutputFile
    if let begun = self.file {
      file = begun
    } else {
      file = try store.beginOutputFile()
      self.file = file
    }
    try file.write(block)
    block.removeAll(keepingCapacity: true)
  }

  private func end() {
    isOver = true
    file = nil
    block = []
    head = []
  }
}
