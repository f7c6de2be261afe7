import CSQLite
import Glibc

/// A connection to the store's database, used by one thread at a time.
final class SQLiteConnection {
  /// How a database is opened.
  enum Mode {
    /// For reading and writing a file that exists.
    case readWrite
    /// For reading, side by side with writers.
    case readOnly
    /// For reading a file that nobody can change, in a place where nothing can be written.
    case immutable
  }

  /// How long a commit waits for another process's, in milliseconds.
  static let patience: Int32 = 10_000
  /// The pages in the write-ahead log after which they are moved to the database: 8 MiB.
  static let checkpointInterval: Int32 = 128

  let handle: OpaquePointer
  private let path: String
  private let store: String
  private var statements = [SQLiteStatement?](repeating: nil, count: StoreQuery.allCases.count)
  /// The pages in the write-ahead log after the last commit of this connection.
  private let logPages: UnsafeMutablePointer<Int32>
  private var nextCheckpoint = SQLiteConnection.checkpointInterval

  /// - Parameters:
  ///   - path: The absolute path of the database.
  ///   - store: The store's directory as messages name it.
  init(path: String, store: String, mode: Mode) throws(JournalError) {
    var handle: OpaquePointer?
    let code =
      switch mode {
      case .readWrite: sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
      case .readOnly: sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
      case .immutable:
        sqlite3_open_v2(
          Self.address(ofImmutable: path), &handle,
          SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nil)
      }
    guard code == SQLITE_OK, let handle else {
      let number = handle.map { sqlite3_system_errno($0) } ?? ENOMEM
      sqlite3_close_v2(handle)
      throw .database(
        code, errno: number, message: String(cString: sqlite3_errstr(code)), path: path, store: store,
        operation: "open the database")
    }
    self.handle = handle
    self.path = path
    self.store = store
    logPages = .allocate(capacity: 1)
    logPages.initialize(to: 0)
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, Self.patience)
    sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        context?.assumingMemoryBound(to: Int32.self).pointee = pages
        return SQLITE_OK
      }, logPages)
  }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(handle)
    logPages.deallocate()
  }

  /// The kept statement of this query.
  func prepared(_ query: StoreQuery) throws(JournalError) -> SQLiteStatement {
    if let statement = statements[query.rawValue] { return statement }
    let statement = try SQLiteStatement(query.sql, on: self, operation: query.operation)
    statements[query.rawValue] = statement
    return statement
  }

  /// Runs statements that are used once and give no rows.
  func execute(_ sql: String, for operation: String) throws(JournalError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code, operation) }
  }

  /// The integer in the first row of a statement that is used once; nil where there is no row.
  func integer(_ sql: String, for operation: String) throws(JournalError) -> Int64? {
    let statement = try SQLiteStatement(sql, on: self, operation: operation)
    return try statement.step() ? statement.int(0) : nil
  }

  /// Begins a transaction that writes; throws `busy` after `patience`.
  func begin() throws(JournalError) { try prepared(.begin).run() }

  func commit() throws(JournalError) { try prepared(.commit).run() }

  /// Gives up the transaction, if one is open; false where that failed.
  @discardableResult
  func rollBack() -> Bool {
    guard sqlite3_get_autocommit(handle) == 0 else { return true }
    guard let statement = try? prepared(.rollback) else { return false }
    return (try? statement.run()) != nil && sqlite3_get_autocommit(handle) != 0
  }

  /// Whether another file, or none, lies where the database was opened.
  var hasMoved: Bool {
    var moved: Int32 = 0
    return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0
  }

  /// Moves the write-ahead log's pages to the database once it has grown enough; what fails here, the next one does.
  func checkpointIfDue() {
    let pages = logPages.pointee
    if pages + Self.checkpointInterval < nextCheckpoint { nextCheckpoint = Self.checkpointInterval }
    guard pages >= nextCheckpoint else { return }
    sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    // Where a reader holds the log back, it grows on: the next attempt comes after as many pages, not with each commit.
    nextCheckpoint = pages + Self.checkpointInterval
  }

  /// The error behind a result code of this connection.
  func failure(_ code: Int32, _ operation: String) -> JournalError {
    let message = String(cString: sqlite3_errmsg(handle))
    var number = sqlite3_system_errno(handle)
    if number == 0, code & 0xFF == SQLITE_IOERR { number = lastFileErrno }
    return .database(code, errno: number, message: message, path: path, store: store, operation: operation)
  }

  /// Whether the database can be read only, though it was opened for writing.
  var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

  /// The `errno` of the last failure on the write-ahead log, or else on the database, or 0.
  private var lastFileErrno: Int32 {
    for control in [SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER] {
      var file: UnsafeMutablePointer<sqlite3_file>?
      guard sqlite3_file_control(handle, "main", control, &file) == SQLITE_OK, let file,
        let methods = file.pointee.pMethods
      else { continue }
      var number: Int32 = 0
      if methods.pointee.xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK, number != 0 {
        return number
      }
    }
    return 0
  }

  private static func address(ofImmutable path: String) -> String {
    var address = "file:"
    for scalar in path.unicodeScalars {
      switch scalar {
      case "%": address += "%25"
      case "?": address += "%3f"
      case "#": address += "%23"
      default: address.unicodeScalars.append(scalar)
      }
    }
    return address + "?immutable=1"
  }
}
