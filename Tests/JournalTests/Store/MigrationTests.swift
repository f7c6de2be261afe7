import Glibc
import Journal
import Testing

@Suite struct MigrationTests {
  let scratch = ScratchStore()

  /// Writes a store as version 1 did: its outputs had no `size`.
  private func makeVersion1(records: Int64, output: SmallOutput) throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    for number in 0..<records { try store.append([.sample(number)], engine) }
    let named = StoredOutput(
      sha256: output.sha256, bytes: output.bytes, head: [], truncated: true, small: output)
    try store.append([.naming(named)], engine, outputs: [output], taking: LockSet(names: ["db"], environment: ""))
    store.close()
    scratch.tamper(
      """
      CREATE TABLE old (sha256 TEXT PRIMARY KEY NOT NULL, gzip BLOB NOT NULL);
      INSERT INTO old SELECT sha256, gzip FROM outputs;
      DROP TABLE outputs;
      ALTER TABLE old RENAME TO outputs;
      DROP TABLE checkpoints;
      DROP TABLE log_keys;
      PRAGMA user_version = 1;
      """)
  }

  private func smallOutput() throws -> SmallOutput {
    let other = ScratchStore()
    return try #require(try other.open().write(Array("hello".utf8))?.small)
  }

  @Test func version1IsMigratedWhenItIsOpenedForWriting() throws {
    let output = try smallOutput()
    try makeVersion1(records: 4, output: output)
    let store = try scratch.open()
    #expect(scratch.query("PRAGMA user_version") == "3")
    #expect(scratch.query("SELECT size FROM outputs") == "5")
    #expect(scratch.query("SELECT count(*) FROM sqlite_schema WHERE name = 'outputs_1'") == "0")
    #expect(try store.outputHead(output.sha256) == Array("hello".utf8))
    #expect(try store.locks().map(\.run) == ["run1"])
    try store.fill(1, run: "run2")
    let report = try store.verify()
    #expect(report.isIntact)
    #expect(report.recordCount == 6)
  }

  @Test func aMigratedStoreHasTheFormOfANewOne() throws {
    try makeVersion1(records: 1, output: try smallOutput())
    try scratch.open().close()
    let fresh = ScratchStore()
    try fresh.open().close()
    let form = "SELECT group_concat(type || ' ' || name || ' ' || replace(coalesce(sql, ''), '\"', ''), '; ') "
    let sorted = "FROM (SELECT * FROM sqlite_schema ORDER BY type, name)"
    #expect(scratch.query(form + sorted) == fresh.query(form + sorted))
  }

  @Test func version1CannotBeReadBeforeItIsMigrated() throws {
    try makeVersion1(records: 1, output: try smallOutput())
    #expect(error { _ = try scratch.open(.readOnly) } == .olderVersion(store: scratch.path, found: 1, known: 3))
    #expect(scratch.query("PRAGMA user_version") == "1")
  }

  @Test func aMigrationThatFailsChangesNothing() throws {
    try makeVersion1(records: 1, output: try smallOutput())
    scratch.tamper("CREATE TABLE outputs_1 (x)")
    #expect(error { _ = try scratch.open() } != nil)
    #expect(scratch.query("PRAGMA user_version") == "1")
    #expect(scratch.query("SELECT count(*) FROM outputs") == "1")
    scratch.tamper("DROP TABLE outputs_1")
    #expect(try scratch.open().verify().isIntact)
  }

  @Test func aNewerVersionIsRefusedAndLeftAlone() throws {
    try scratch.open().close()
    scratch.tamper("PRAGMA user_version = 4")
    let expected = JournalError.newerVersion(store: scratch.path, found: 4, known: 3)
    #expect(error { _ = try scratch.open() } == expected)
    #expect(error { _ = try scratch.open(.readOnly) } == expected)
    #expect(scratch.query("PRAGMA user_version") == "4")
  }
}
