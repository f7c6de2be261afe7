import Glibc

/// Signs a log's checkpoints, and nothing that does not continue what it has signed before.
final class LogSigner {
  /// The number of the key among the store's.
  let number: Int64
  let key: SigningKey
  private let file: SignerStateFile

  /// The names of a key's files.
  static func keyName(_ number: Int64) -> String { "log-\(number).key" }
  static func stateName(_ number: Int64) -> String { "log-\(number).state" }

  /// Reads a key and opens its state.
  init(_ entry: LogKey, in folder: String) throws(JournalError) {
    number = entry.number
    try Self.check(folder)
    key = try Self.readKey(folder + "/" + Self.keyName(number))
    guard key.verifier == entry.verifier else {
      throw .signing("\(folder)/\(Self.keyName(number)) is not the key that the store names, \(entry.verifier)")
    }
    file = try SignerStateFile(at: folder + "/" + Self.stateName(number), creating: false)
  }

  /// Makes a key and an empty state in a folder, which is made where it is missing.
  init(number: Int64, name: String, in folder: String) throws(JournalError) {
    self.number = number
    guard let key = SigningKey(generatedFor: name, kind: .note) else {
      throw .signing("\"\(name)\" cannot name a log: it is not empty, and has no blanks and no plus sign")
    }
    self.key = key
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw .system(errno, path: folder, operation: "create the directory of the log's key")
    }
    try PrivateFile.create(folder + "/" + Self.keyName(number), key.fileContent)
    file = try SignerStateFile(at: folder + "/" + Self.stateName(number), creating: true)
  }

  deinit { file.close() }

  /// Refuses a folder of keys that is a link, or that others could put another key or state into.
  private static func check(_ folder: String) throws(JournalError) {
    var status = stat()
    guard lstat(folder, &status) == 0 else {
      throw .signing("the log's key in \(folder) cannot be read: \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .signing("\(folder), which holds the log's key, is a link") }
    guard status.st_mode & 0o022 == 0 else {
      throw .signing("\(folder), which holds the log's key, may be written by others: `chmod 700` it")
    }
  }

  private static func readKey(_ path: String) throws(JournalError) -> SigningKey {
    let content = try PrivateFile.read(path)
    guard let key = SigningKey(fileContent: content), key.verifier.kind == .note else {
      throw .signing("\(path) holds no key of a log")
    }
    return key
  }

  /// A signature in the making: the state before it and after it.
  struct Session {
    fileprivate let slot: Int
    fileprivate(set) var state: SignerState
  }

  /// Keeps other signers out until `end`; inside a transaction, so that all take both locks in one order.
  func begin() throws(JournalError) -> Session {
    try file.lock()
    do {
      let (state, slot) = try file.read()
      return Session(slot: slot, state: state)
    } catch {
      file.unlock()
      throw error
    }
  }

  /// Takes in what was added to the log and signs it; nil where nothing was.
  func sign(
    _ session: inout Session, head: JournalStore.Head, on connection: SQLiteConnection
  ) throws(JournalError) -> SignedCheckpoint? {
    let signed = session.state
    guard head.seq >= signed.size else {
      throw .signing(
        "the log was cut back: it has \(head.seq) record\(head.seq == 1 ? "" : "s"), and \(signed.size) were signed; "
          + "`belay audit verify` says more")
    }
    if signed.size > 0 {
      let line = try connection.prepared(.line)
      defer { line.reset() }
      line.bind(1, signed.size)
      guard try line.step(), line.withBytes(0, { ContentHash(of: $0) }) == signed.lastHash else {
        throw .signing("record \(signed.size) is not the one that was signed; `belay audit verify` says more")
      }
    }
    guard head.seq > signed.size else { return nil }
    let rows = try connection.prepared(.recordsAfter)
    defer { rows.reset() }
    rows.bind(1, signed.size)
    rows.bind(2, -1)
    while try rows.step() {
      guard rows.int(0) == session.state.size + 1 else {
        throw .signing("record \(session.state.size + 1) is missing; `belay audit verify` says more")
      }
      rows.withBytes(2) { session.state.append($0) }
    }
    let tree = session.state.frontier
    return try SignedCheckpoint(
      Checkpoint(origin: key.verifier.name, size: tree.size, root: tree.root), signedWith: key)
  }

  /// Lets other signers in again.
  ///
  /// - Parameter committed: Whether what was signed is in the database; only then it is remembered.
  func end(_ session: Session, committed: Bool) {
    // What cannot be written stays as it was: an older state lets less be seen, and nothing wrong.
    if committed { try? file.write(session.state, over: session.slot) }
    file.unlock()
  }
}
