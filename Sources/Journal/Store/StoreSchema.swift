import CSQLite
import Glibc

/// The form of the database: what it is called, which version it has, and how it came there.
struct StoreSchema {
  /// What `PRAGMA application_id` gives: "BELY".
  static let applicationID: Int64 = 0x4245_4C59
  /// The version of the form that this program writes.
  static let currentVersion: Int64 = 3

  let connection: SQLiteConnection
  let directory: StoreDirectory

  private enum Found {
    case nothing
    case version(Int64)
  }

  /// Throws unless the database has the current form.
  func check() throws(JournalError) {
    switch try found() {
    case .nothing: throw .missing(store: directory.path)
    case .version(Self.currentVersion): return
    case .version(let version):
      throw .olderVersion(store: directory.path, found: version, known: Self.currentVersion)
    }
  }

  /// Gives an empty database its form, or an older one the current form, in one transaction.
  func prepare() throws(JournalError) {
    _ = try found()
    try useWriteAheadLog()
    if case .version(Self.currentVersion) = try found() { return }
    try connection.begin()
    do {
      switch try found() {
      case .nothing: try create()
      case .version(let version):
        if version < 2 { try migrateFrom1() }
        if version < 3 { try connection.execute(Self.checkpointTables, for: "create the tables") }
        try connection.execute("PRAGMA user_version = \(Self.currentVersion)", for: "migrate the database")
      }
      try connection.commit()
    } catch {
      connection.rollBack()
      throw error
    }
  }

  private func found() throws(JournalError) -> Found {
    let path = directory.path(of: StoreDirectory.databaseName)
    let application = try read("PRAGMA application_id")
    let version = try read("PRAGMA user_version")
    guard application == Self.applicationID else {
      guard application == 0, version == 0, try read("SELECT count(*) FROM sqlite_schema") == 0 else {
        throw .notAStore(path: path, reason: "another program wrote it")
      }
      return .nothing
    }
    if version > Self.currentVersion {
      throw .newerVersion(store: directory.path, found: version, known: Self.currentVersion)
    }
    guard version >= 1 else { throw .notAStore(path: path, reason: "it has version \(version)") }
    return .version(version)
  }

  private func read(_ sql: String) throws(JournalError) -> Int64 {
    try connection.integer(sql, for: "read the database") ?? 0
  }

  /// Commits append to a write-ahead log and sync it once.
  private func useWriteAheadLog() throws(JournalError) {
    var waited: Int32 = 0
    while true {
      do {
        try connection.execute(
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;",
          for: "set up the database")
        return
      } catch {
        // SQLite does not wait by itself where two processes change the mode at once.
        guard case .busy = error, waited < SQLiteConnection.patience else { throw error }
        usleep(5_000)
        waited += 5
      }
    }
  }

  private func create() throws(JournalError) {
    try connection.execute(
      """
      CREATE TABLE records (seq INTEGER PRIMARY KEY, run TEXT NOT NULL, line TEXT NOT NULL);
      CREATE INDEX records_by_run ON records (run);
      CREATE TABLE runs (run TEXT PRIMARY KEY NOT NULL, first_seq INTEGER, epoch INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE locks (
        name TEXT NOT NULL, environment TEXT NOT NULL, run TEXT NOT NULL, PRIMARY KEY (name, environment)
      ) WITHOUT ROWID;
      \(Self.outputsTable)
      \(Self.checkpointTables)
      PRAGMA application_id = \(Self.applicationID);
      PRAGMA user_version = \(Self.currentVersion);
      """, for: "create the tables")
  }

  private static let outputsTable =
    "CREATE TABLE outputs (sha256 TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, gzip BLOB NOT NULL);"

  /// Version 2 had no signed checkpoints.
  private static let checkpointTables = """
    CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL);
    CREATE TABLE log_keys (number INTEGER PRIMARY KEY, verifier TEXT NOT NULL, directory TEXT NOT NULL);
    """

  /// Version 1 did not keep how long an output is; gzip's last four bytes say it (RFC 1952, 2.3.1).
  private func migrateFrom1() throws(JournalError) {
    try connection.execute("ALTER TABLE outputs RENAME TO outputs_1; \(Self.outputsTable)", for: "migrate the outputs")
    let old = try SQLiteStatement(
      "SELECT sha256, gzip FROM outputs_1", on: connection, operation: "migrate the outputs")
    let new = try SQLiteStatement(
      "INSERT INTO outputs (sha256, size, gzip) VALUES (?, ?, ?)", on: connection, operation: "migrate the outputs")
    while try old.step() {
      let gzip = old.bytes(1)
      new.bind(1, old.text(0))
      new.bind(2, gzip.count < 4 ? 0 : gzip.suffix(4).reversed().reduce(0) { $0 << 8 | Int64($1) })
      new.bind(3, blob: gzip)
      try new.run()
    }
    old.reset()
    try connection.execute("DROP TABLE outputs_1;", for: "migrate the outputs")
  }
}
