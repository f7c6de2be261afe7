import CSQLite

/// A prepared statement, used by one thread at a time.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private unowned let connection: SQLiteConnection
  private let operation: String

  /// - Parameter operation: What the statement is for, to stand after "cannot".
  init(_ sql: String, on connection: SQLiteConnection, operation: String) throws(JournalError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw connection.failure(code, operation) }
    self.handle = handle
    self.connection = connection
    self.operation = operation
  }

  deinit { sqlite3_finalize(handle) }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

  func bind(_ index: Int32, _ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { chars in
        bindText(index, chars.baseAddress, count: chars.count)
      }
    }
  }

  /// Binds UTF-8 bytes as a text.
  func bind(_ index: Int32, text: [UInt8]) {
    text.withUnsafeBytes { bytes in
      bindText(index, bytes.assumingMemoryBound(to: CChar.self).baseAddress, count: bytes.count)
    }
  }

  func bind(_ index: Int32, blob: [UInt8]) {
    let code = blob.withUnsafeBytes {
      sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), Self.copying)
    }
    if code != SQLITE_OK { bindFailure = code }
  }

  /// Goes to the next row; false when there is none.
  func step() throws(JournalError) -> Bool {
    let code = bindFailure ?? sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw connection.failure(code, operation)
    }
  }

  /// Runs a statement that gives no rows.
  func run() throws(JournalError) {
    defer { reset() }
    while try step() {}
  }

  /// Makes the statement ready for the next use.
  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    bindFailure = nil
  }

  func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func text(_ column: Int32) -> String { withBytes(column) { String(decoding: $0, as: UTF8.self) } }

  func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

  /// The bytes of a text or blob, valid during the call.
  func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let start = sqlite3_column_blob(handle, column)
    return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : byteCount(column)))
  }

  func byteCount(_ column: Int32) -> Int { Int(sqlite3_column_bytes(handle, column)) }

  private var bindFailure: Int32?

  private func bindText(_ index: Int32, _ start: UnsafePointer<CChar>?, count: Int) {
    let code =
      if let start {
        sqlite3_bind_text64(handle, index, start, UInt64(count), Self.copying, UInt8(SQLITE_UTF8))
      } else {
        sqlite3_bind_text64(handle, index, "", 0, Self.copying, UInt8(SQLITE_UTF8))
      }
    if code != SQLITE_OK { bindFailure = code }
  }

  /// What `SQLITE_TRANSIENT` is in C: SQLite makes a copy.
  private static let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
