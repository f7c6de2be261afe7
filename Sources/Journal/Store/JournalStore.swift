/// The log that all runs share, embedded: an SQLite database and what lies beside it in one directory.
///
/// Any number of processes may use one store at once. A store object may be used from any thread; each call holds its
/// lock, that of a commit while the disk is waited for as well.
package final class JournalStore: @unchecked Sendable {
  /// What a store is opened for.
  package enum Access: Hashable, Sendable {
    /// For appending and reading; makes and migrates the store where needed.
    case readWrite
    /// For reading a store that exists in the current form.
    case readOnly
  }

  /// The last record of the store.
  struct Head {
    var seq: Int64
    var hash: ContentHash
  }

  /// The directory, as it was given.
  package let path: String

  let directory: StoreDirectory
  let lock = ThreadLock()
  private let access: Access
  /// How the database was opened.
  private let mode: SQLiteConnection.Mode
  private var connection: SQLiteConnection?
  /// Why nothing more is written.
  private var poison: JournalError?
  /// The last record as of `dataVersion`; nil where it must be read anew.
  var head: Head?
  /// What SQLite's `data_version` was when `head` was right.
  var dataVersion: Int64 = -1
  /// The signer of the log's checkpoints, once it was needed.
  var signer: LogSigner?
  /// Whether the log was found to have no key, and never to have had one.
  var isKnownUnsigned = false
  /// Whether what killed engines left of outputs was looked for.
  var hasSwept = false

  private init(_ directory: StoreDirectory, _ connection: SQLiteConnection, _ mode: SQLiteConnection.Mode) {
    self.path = directory.path
    self.directory = directory
    self.connection = connection
    self.mode = mode
    self.access = mode == .readWrite ? .readWrite : .readOnly
  }

  /// Opens the store in this directory.
  ///
  /// - Throws: `missing` where there is none to read, `newerVersion`, `olderVersion` where one would have to be
  ///   migrated only to be read, `symbolicLink`, `notADirectory`, `notAStore`, and what the system refuses.
  package static func open(at path: String, access: Access) throws(JournalError) -> JournalStore {
    let directory = try StoreDirectory(at: path, creating: access == .readWrite)
    try directory.refuseLinks()
    switch access {
    case .readWrite:
      try directory.createDatabaseFile()
      let connection = try connect(directory, .readWrite)
      if connection.isReadOnly { throw .readOnly(path: directory.path(of: StoreDirectory.databaseName)) }
      try StoreSchema(connection: connection, directory: directory).prepare()
      try directory.createDirectory(StoreDirectory.enginesName)
      try directory.createDirectory(StoreDirectory.outputsName)
      return JournalStore(directory, connection, .readWrite)
    case .readOnly:
      guard directory.exists(StoreDirectory.databaseName) else { throw .missing(store: directory.path) }
      return try openForReading(directory)
    }
  }

  /// What of the store others than its owner may use, for people: it was made for its owner alone.
  package var wideModes: [String] { directory.openToOthers.map { Self.wideMode($0.path, $0.mode) } }

  /// The same of every file in its directories, which takes as long as there are many.
  package var wideFileModes: [String] {
    let elsewhere = ((try? logKeys()) ?? []).map { keyFolder($0.directory) }
    let own = keyFolder(Self.usualKeyFolder)
    return directory.filesOpenToOthers(withKeysIn: Set(elsewhere).subtracting([own]).sorted()).map {
      Self.wideMode($0.path, $0.mode)
    }
  }

  private static func wideMode(_ path: String, _ mode: UInt32) -> String {
    let own = String(mode & 0o700, radix: 8)
    return "\(path) is open to others than its owner (mode \(String(mode, radix: 8))): chmod \(own) \(path)"
  }

  /// The store as it is now, to be read for long: a connection of its own, so that nobody waits for it.
  func snapshot() throws(JournalError) -> JournalStore {
    lock.lock()
    defer { lock.unlock() }
    _ = try reading()
    let mode = mode == .readWrite ? .readOnly : mode
    let connection = try Self.connect(directory, mode)
    // A cache of 16 MiB holds the inner pages of a large store's indexes.
    try connection.execute("PRAGMA cache_size = -16384; BEGIN", for: "read the database")
    return JournalStore(directory, connection, mode)
  }

  /// Ends the use of the store; every later call throws `closed`.
  package func close() {
    lock.lock()
    defer { lock.unlock() }
    connection = nil
  }

  /// The connection for reading; the lock must be held.
  func reading() throws(JournalError) -> SQLiteConnection {
    guard let connection else { throw .closed(store: path) }
    return connection
  }

  /// The connection for writing; the lock must be held.
  func writing() throws(JournalError) -> SQLiteConnection {
    let connection = try reading()
    guard access == .readWrite else { throw .readOnly(path: path) }
    if let poison { throw .poisoned(store: path, cause: poison.description) }
    return connection
  }

  /// Makes a commit of some changes; the lock must be held.
  ///
  /// What fails once the transaction has begun poisons the store, unless it is a refusal of this store's own.
  func commit<Result>(
    _ changes: (SQLiteConnection) throws(JournalError) -> Result
  ) throws(JournalError) -> Result {
    let connection = try writing()
    do {
      try connection.begin()
    } catch {
      // Another process's commit in the way leaves this store as it was.
      if case .busy = error { throw error }
      poison = error
      throw error
    }
    do throws(JournalError) {
      if connection.hasMoved {
        throw .failed(
          path: directory.path(of: StoreDirectory.databaseName), operation: "commit",
          reason: "the database was moved or removed while it was in use")
      }
      let result = try changes(connection)
      try connection.commit()
      connection.checkpointIfDue()
      return result
    } catch {
      if !connection.rollBack() || !error.isRefusal { poison = error }
      throw error
    }
  }

  private static func connect(
    _ directory: StoreDirectory, _ mode: SQLiteConnection.Mode
  ) throws(JournalError) -> SQLiteConnection {
    try SQLiteConnection(
      path: directory.absolutePath + "/" + StoreDirectory.databaseName, store: directory.path, mode: mode)
  }

  /// Side by side with writers where that can be; where not even SQLite's shared memory can be made, as on a medium
  /// that is read-only, the file is read as one that nobody changes.
  private static func openForReading(_ directory: StoreDirectory) throws(JournalError) -> JournalStore {
    let failure: JournalError
    do {
      let connection = try connect(directory, .readOnly)
      try StoreSchema(connection: connection, directory: directory).check()
      return JournalStore(directory, connection, .readOnly)
    } catch {
      switch error {
      case .failed, .readOnly: failure = error
      default: throw error
      }
    }
    if directory.holdsContent(StoreDirectory.databaseName + "-wal") {
      throw .failed(
        path: directory.path, operation: "read the store",
        reason: "an engine is writing it or was killed, and only who may write there can read along (\(failure))")
    }
    let connection = try connect(directory, .immutable)
    try StoreSchema(connection: connection, directory: directory).check()
    return JournalStore(directory, connection, .immutable)
  }
}
