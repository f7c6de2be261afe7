import CanonicalJSON
import Glibc
import Testing

@testable import Journal

@Suite struct CommitFailureTests {
  let scratch = ScratchStore()

  @Test func aFullDiskIsCalledThatAndTheRecordsBeforeItStand() throws {
    let store = try scratch.open()
    try store.fill(3)
    let engine = try store.claimEngine(run: "run2")
    // SQLite reports this limit as it does a write that fails with ENOSPC.
    try store.reading().execute("PRAGMA max_page_count = 1", for: "limit the database")
    let big = PendingRecord.sample(1, data: .string(String(repeating: "x", count: 100_000)))
    let failure = try #require(error { try store.append([.sample(4), big], engine) })
    #expect(failure == .full(path: scratch.path + "/journal.sqlite"))
    #expect(failure.description.contains("no space is left"))
    #expect(try store.records(after: 0, limit: 10).count == 3)
    #expect(try store.verify().isIntact)
  }

  @Test func aFailedCommitPoisonsTheStoreObject() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    try store.append([.sample(1)], engine)
    scratch.tamper("CREATE TRIGGER jam BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'jammed'); END")
    let failure = try #require(error { try store.append([.sample(2)], engine) })
    #expect(failure.description.contains("jammed"))
    scratch.tamper("DROP TRIGGER jam")
    let poisoned = JournalError.poisoned(store: scratch.path, cause: failure.description)
    #expect(error { try store.append([.sample(3)], engine) } == poisoned)
    #expect(error { _ = try store.claimEngine(run: "run2") } == poisoned)
    #expect(try store.records(after: 0, limit: 10).count == 1)
    engine.release()
    let fresh = try scratch.open()
    try fresh.fill(1)
    #expect(try fresh.verify().isIntact)
  }

  @Test func aDatabaseThatWasRemovedUnderARunFailsTheCommit() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    try store.append([.sample(1)], engine)
    #expect(rename(scratch.path + "/journal.sqlite", scratch.directory + "/gone") == 0)
    let failure = try #require(error { try store.append([.sample(2)], engine) })
    #expect(failure.description.contains("moved or removed"))
    #expect(error { try store.append([.sample(3)], engine) }?.description.contains("earlier commit failed") == true)
  }

  @Test func everyErrnoOfAFullDiskIsTold() {
    for number in [ENOSPC, EDQUOT, EFBIG] {
      #expect(JournalError.system(number, path: "p", operation: "write") == .full(path: "p"))
    }
    #expect(JournalError.system(EROFS, path: "p", operation: "write") == .readOnly(path: "p"))
    #expect(
      JournalError.system(EIO, path: "p", operation: "write")
        == .failed(path: "p", operation: "write", reason: "Input/output error"))
  }

  @Test(arguments: [
    (Int32(13), Int32(0), JournalError.full(path: "p")), (8, 0, .readOnly(path: "p")), (5, 0, .busy(store: "s")),
    (778, ENOSPC, .full(path: "p")), (778, EFBIG, .full(path: "p")), (1034, EROFS, .readOnly(path: "p")),
    (11, 0, .damaged(path: "p", detail: "m")), (26, 0, .notAStore(path: "p", reason: "m")),
    (1034, EIO, .failed(path: "p", operation: "o", reason: "m (Input/output error), SQLite code 1034")),
  ])
  func everyCodeOfSQLiteHasItsError(code: Int32, number: Int32, expected: JournalError) {
    let found = JournalError.database(code, errno: number, message: "m", path: "p", store: "s", operation: "o")
    #expect(found == expected)
  }

  @Test func aLogThatGrewIsMovedToTheDatabase() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    let big = PendingRecord.sample(1, data: .string(String(repeating: "x", count: 1 << 20)))
    for _ in 0..<30 { try store.append([big], engine) }
    var status = stat()
    #expect(stat(scratch.path + "/journal.sqlite-wal", &status) == 0)
    #expect(status.st_size < 12 << 20)
    #expect(try store.verify().isIntact)
  }
}
