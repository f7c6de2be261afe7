import Glibc

extension JournalStore {
  /// Takes in an output.
  ///
  /// - Parameter keeps: Whether it is stored, rather than measured and hashed.
  package func outputWriter(keeps: Bool = true) -> OutputWriter { OutputWriter(self, keeps: keeps) }

  /// The beginning of a stored output, at most `StoredOutput.headLimit` bytes.
  ///
  /// - Throws: `outputMissing`; `outputDamaged`, also where it has another hash, which only a whole output shows.
  package func outputHead(_ sha256: String) throws(JournalError) -> [UInt8] {
    var head: [UInt8] = []
    do {
      let reader = OutputReader(self)
      let isWhole = try reader.read(sha256) { piece in
        let room = StoredOutput.headLimit - head.count
        head.append(contentsOf: piece.prefix(room))
        return piece.count <= room
      }
      if isWhole, ContentHash(of: head).hex != sha256 { throw OutputReader.otherHash(sha256) }
    } catch {
      throw journalError(error)
    }
    return head
  }

  /// Streams a whole stored output in pieces of at most 64 KiB.
  ///
  /// - Throws: `outputMissing`, `outputDamaged` (after the pieces, where only the hash is wrong), and what the sink
  ///   throws.
  package func output(_ sha256: String, into sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    let reader = OutputReader(self)
    let found = try reader.hash(of: sha256, into: sink)
    if found.hash.hex != sha256 { throw OutputReader.otherHash(sha256) }
  }

  func beginOutputFile() throws(JournalError) -> OutputFile {
    lock.lock()
    defer { lock.unlock() }
    _ = try writing()
    if !hasSwept {
      hasSwept = true
      AbandonedOutputs.sweep(directory)
    }
    return try OutputFile(in: directory)
  }

  /// What closures that throw nothing of their own can only have thrown.
  func journalError(_ error: any Error) -> JournalError {
    error as? JournalError ?? .failed(path: path, operation: "read an output", reason: "\(error)")
  }
}
