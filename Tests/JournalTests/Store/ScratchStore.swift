import CSQLite
import CanonicalJSON
import Glibc
import Journal

/// A directory of its own for a test's store, removed with the object.
final class ScratchStore {
  let directory: String
  /// Where the store is, or is to be.
  var path: String { directory + "/store" }

  init() {
    var template = Array("/tmp/journal-tests-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "a test needs a directory")
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(directory) }

  func open(_ access: JournalStore.Access = .readWrite) throws(JournalError) -> JournalStore {
    try JournalStore.open(at: path, access: access)
  }

  /// Runs SQL on the database behind the store's back.
  func tamper(_ sql: String) {
    var handle: OpaquePointer?
    var message: UnsafeMutablePointer<CChar>?
    precondition(sqlite3_open(path + "/journal.sqlite", &handle) == SQLITE_OK, "the database is there")
    sqlite3_busy_timeout(handle, 10_000)
    let code = sqlite3_exec(handle, sql, nil, nil, &message)
    precondition(code == SQLITE_OK, message.map { String(cString: $0) } ?? "")
    sqlite3_close(handle)
  }

  /// The first column of the first row.
  func query(_ sql: String) -> String? {
    var handle: OpaquePointer?
    var statement: OpaquePointer?
    precondition(sqlite3_open(path + "/journal.sqlite", &handle) == SQLITE_OK, "the database is there")
    defer { sqlite3_close(handle) }
    sqlite3_busy_timeout(handle, 10_000)
    precondition(sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, "the query is right")
    defer { sqlite3_finalize(statement) }
    guard sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0) else { return nil }
    return String(cString: text)
  }

  /// The permission bits of something in the store.
  func permissions(_ name: String = "") -> mode_t {
    var status = stat()
    return lstat(path + "/" + name, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  /// What lies in a directory of the scratch space, sorted.
  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func remove(_ root: String) {
    var open = [root]
    var directories: [String] = []
    while let path = open.popLast() {
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      guard status.st_mode & S_IFMT == S_IFDIR else {
        unlink(path)
        continue
      }
      chmod(path, 0o700)
      directories.append(path)
      open.append(contentsOf: names(in: path).map { path + "/" + $0 })
    }
    for path in directories.reversed() { rmdir(path) }
  }
}

extension PendingRecord {
  /// A record that says little.
  static func sample(_ number: Int64, data: JSON? = nil) -> PendingRecord {
    PendingRecord(
      timestamp: 1_768_186_800_000 + number, type: "action-ended", step: "steps.check", attempt: 1, actor: nil,
      plan: String(repeating: "ab", count: 32), data: data ?? .object([.init("number", .int(number))]))
  }

  /// A record that names an output.
  static func naming(_ output: StoredOutput) -> PendingRecord {
    sample(0, data: .object([.init("end", .array([.object([.init("stdout", output.reference)])]))]))
  }
}

extension StoredOutput {
  /// How a record names the output.
  var reference: JSON { .object([.init("sha256", .string(sha256)), .init("bytes", .int(bytes))]) }
}

extension JournalStore {
  /// Appends records to a run.
  @discardableResult
  func append(
    _ records: [PendingRecord], _ engine: EngineClaim, outputs: [SmallOutput] = [], taking: LockSet? = nil,
    releasing: Bool = false
  ) throws(JournalError) -> [CommittedRecord] {
    try append(
      batch: records, run: engine.run, outputs: outputs, engine: engine, taking: taking, releasing: releasing)
  }

  /// Appends this many sample records to a new run, one commit each.
  func fill(_ count: Int64, run: String = "run1") throws(JournalError) {
    let engine = try claimEngine(run: run)
    for number in 0..<count { try append([.sample(number)], engine) }
    engine.release()
  }

  /// Writes bytes as an output, in pieces of this length.
  func write(_ bytes: [UInt8], pieces: Int = 10_000) throws -> StoredOutput? {
    let writer = outputWriter()
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      try bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { try writer.write($0) }
    }
    return try writer.finish()
  }

  /// The whole of a stored output.
  func wholeOutput(_ sha256: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try output(sha256) { bytes.append(contentsOf: $0) }
    return bytes
  }
}

/// Bytes that do not compress well, always the same for the same count.
func noise(_ count: Int) -> [UInt8] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return (0..<count).map { _ in
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }
}

/// The error that a call throws; nil if it throws none.
func error(of body: () throws -> Void) -> JournalError? {
  do {
    try body()
    return nil
  } catch {
    return error as? JournalError
  }
}
