import Glibc

/// What a witness keeps in a directory: its key, the log's, and the checkpoint that it cosigned last.
package struct WitnessMemory {
  /// The log that is witnessed.
  package let log: VerifierKey
  /// The witness's own key.
  package let key: SigningKey
  private let directory: String

  /// Opens a witness's directory; the first time the log's key and the witness's name make one.
  ///
  /// - Throws: `signing`, also where another log is named than the first time.
  package init(at directory: String, log: VerifierKey?, name: String?) throws(JournalError) {
    self.directory = directory
    let keyPath = directory + "/witness.key"
    let logPath = directory + "/log.key"
    var status = stat()
    if lstat(keyPath, &status) != 0 {
      guard let log, let name else {
        throw .signing(
          "\(directory) holds no witness yet: the first time, give the log's --key and the witness's --name")
      }
      guard let made = SigningKey(generatedFor: name, kind: .cosignature) else {
        throw .signing("\"\(name)\" cannot name a witness: it is not empty, and has no blanks and no plus sign")
      }
      guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
        throw .system(errno, path: directory, operation: "create the directory")
      }
      try PrivateFile.replace(logPath, with: Array("\(log)\n".utf8))
      try PrivateFile.create(keyPath, made.fileContent)
    }
    guard let key = SigningKey(fileContent: try PrivateFile.read(keyPath)), key.verifier.kind == .cosignature else {
      throw .signing("\(keyPath) holds no key of a witness")
    }
    self.key = key
    let text = String(decoding: try PrivateFile.read(logPath), as: UTF8.self)
    guard let kept = VerifierKey(text.prefix { $0 != "\n" }) else { throw .signing("\(logPath) holds no key of a log") }
    if let log, log != kept { throw .signing("\(directory) witnesses another log, \(kept)") }
    self.log = kept
  }

  private var checkpointPath: String { directory + "/checkpoint" }

  /// The checkpoint that was cosigned last; nil before the first.
  package func seen() throws(JournalError) -> Checkpoint? {
    var status = stat()
    if lstat(checkpointPath, &status) != 0, errno == ENOENT { return nil }
    let content = String(decoding: try PrivateFile.read(checkpointPath), as: UTF8.self)
    // What the witness has not signed itself it has not seen.
    guard let signed = SignedCheckpoint(content), signed.note.cosigningTime(of: key.verifier) != nil else {
      throw .signing("\(checkpointPath) was changed, or is damaged")
    }
    return signed.checkpoint
  }

  /// Keeps what was cosigned.
  package func remember(_ cosigned: SignedCheckpoint) throws(JournalError) {
    try PrivateFile.replace(checkpointPath, with: Array(cosigned.note.description.utf8))
  }

  /// Does something while no other process uses the directory.
  package func withLock<Result>(_ body: () throws -> Result) throws -> Result {
    let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw JournalError.system(errno, path: directory, operation: "open the directory") }
    defer { close(file) }
    while flock(file, LOCK_EX) != 0 {
      guard errno == EINTR else { throw JournalError.system(errno, path: directory, operation: "lock the directory") }
    }
    return try body()
  }
}
