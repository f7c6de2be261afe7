import CanonicalJSON
import Glibc
import Journal
import Testing

@Suite struct VerificationTests {
  let scratch = ScratchStore()

  /// The findings of a store with ten records after some SQL; the records that they concern, in order.
  private func findings(after sql: String) throws -> [VerificationReport.Finding] {
    let store = try scratch.open()
    try store.fill(6, run: "run1")
    try store.fill(4, run: "run2")
    #expect(try store.verify().isIntact)
    scratch.tamper(sql)
    return try store.verify().findings
  }

  @Test func anIntactStoreHasNoFindings() throws {
    let store = try scratch.open()
    try store.fill(1200)
    var told: [Int64] = []
    let report = try store.verify { told.append($0) }
    #expect(report.isIntact)
    #expect(report.recordCount == 1200)
    #expect(report.lastSeq == 1200)
    #expect(report.lastHash == ContentHash(of: try store.records(after: 1199, limit: 1)[0].line))
    #expect(told.last == 1200)
    #expect(told.count > 1)
  }

  @Test func anOutputThatNoRecordNamesIsListed() throws {
    let store = try scratch.open()
    try store.fill(2)
    #expect(try store.verify().strayOutputs == [])
    _ = mkdir(scratch.path + "/outputs", 0o700)
    let file = String(repeating: "ab", count: 32)
    let young = String(repeating: "cd", count: 32)
    for (sha256, age) in [(file, 7200), (young, 0)] {
      let folder = scratch.path + "/outputs/" + sha256.prefix(2)
      #expect(mkdir(folder, 0o700) == 0)
      let path = folder + "/" + sha256 + ".gz"
      let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
      #expect(descriptor >= 0)
      close(descriptor)
      let time = timespec(tv_sec: time(nil) - age, tv_nsec: 0)
      #expect(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
    }
    store.close()
    let row = String(repeating: "ef", count: 32)
    scratch.tamper("INSERT INTO outputs (sha256, size, gzip) VALUES ('\(row)', 0, x'')")
    let report = try scratch.open().verify()
    #expect(report.strayOutputs == [file, row], "what is young may belong to a run that goes on")
    #expect(report.isIntact, "they belong to no run")
  }

  @Test func aChangedTextIsFoundInItsRecord() throws {
    let found = try findings(after: "UPDATE records SET line = replace(line, 'check', 'chess') WHERE seq = 4")
    #expect(found.map(\.seq) == [4])
    #expect(found[0].what.contains("was changed"))
  }

  @Test(arguments: 1...9)
  func anyChangedRecordIsNamed(seq: Int) throws {
    let found = try findings(
      after: "UPDATE records SET line = replace(line, '\"ts\":1', '\"ts\":2') WHERE seq = \(seq)")
    // Of the last two, nothing shows which was changed, so both are named.
    #expect(found.map(\.seq) == (seq == 9 ? [9, 10] : [Int64(seq)]))
  }

  @Test func aChangedReferenceIsFoundInItsRecord() throws {
    let zeros = String(repeating: "0", count: 64)
    let sql = "UPDATE records SET line = replace(line, substr(line, instr(line, '\"prev\":') + 8, 64), '\(zeros)')"
    let found = try findings(after: sql + " WHERE seq = 5")
    #expect(found.map(\.seq) == [5])
  }

  @Test func aChangedFirstReferenceIsFound() throws {
    let found = try findings(
      after: "UPDATE records SET line = replace(line, '\"prev\":\"0', '\"prev\":\"1') WHERE seq = 1")
    #expect(found.map(\.seq) == [1])
    #expect(found[0].what.contains("though it is the first"))
  }

  @Test func aRemovedRecordIsNamed() throws {
    let found = try findings(after: "DELETE FROM records WHERE seq = 3")
    #expect(found == [.init(seq: 3, what: "is missing")])
  }

  @Test func severalRemovedRecordsAreNamed() throws {
    let found = try findings(after: "DELETE FROM records WHERE seq IN (3, 4, 5)")
    #expect(found == [.init(seq: 3, what: "is missing, and so are those up to record 5")])
  }

  @Test func aRunsRemovedFirstRecordIsMissedInTheListToo() throws {
    let found = try findings(after: "DELETE FROM records WHERE seq = 7")
    #expect(found.map(\.seq) == [7, 7])
  }

  @Test func swappedRecordsAreBothNamed() throws {
    let found = try findings(
      after: """
        CREATE TEMP TABLE kept AS SELECT seq, line FROM records WHERE seq IN (2, 5);
        UPDATE records SET line = (SELECT line FROM kept WHERE seq = 5) WHERE seq = 2;
        UPDATE records SET line = (SELECT line FROM kept WHERE seq = 2) WHERE seq = 5;
        """)
    #expect(found.map(\.seq) == [2, 5])
    #expect(found[0].what == "says that it is record 5")
  }

  @Test func anInsertedRecordIsNamed() throws {
    let found = try findings(
      after: """
        INSERT INTO records (seq, run, line)
        SELECT 11, run, replace(line, '"seq":10', '"seq":11') FROM records WHERE seq = 10
        """)
    #expect(found.map(\.seq) == [10, 11])
    let before = ScratchStore()
    let store = try before.open()
    try store.fill(3)
    before.tamper("INSERT INTO records SELECT 0, run, line FROM records WHERE seq = 1")
    #expect(try store.verify().findings.contains(.init(seq: 0, what: "has a number below 1")))
  }

  @Test func aRecordUnderAnotherRunIsNamed() throws {
    let found = try findings(after: "UPDATE records SET run = 'run2' WHERE seq = 4")
    #expect(found.contains(.init(seq: 4, what: "says that it is of run run1, but lies under run run2")))
  }

  @Test func aLineThatIsNotCanonicalIsNamed() throws {
    let found = try findings(after: "UPDATE records SET line = replace(line, '\"v\":1', '\"v\": 1') WHERE seq = 4")
    #expect(found == [.init(seq: 4, what: "is not in canonical form")])
  }

  @Test(arguments: ["''", "x'ff00'", "'{}'", "'[1]'", "'{\"v\":2}'", "17"])
  func aLineThatIsNoRecordIsNamed(line: String) throws {
    let found = try findings(after: "UPDATE records SET line = \(line) WHERE seq = 4")
    #expect(found == [.init(seq: 4, what: "cannot be read as a record")])
  }

  @Test func aRunThatIsMissingFromTheListIsFound() throws {
    let found = try findings(after: "DELETE FROM runs WHERE run = 'run2'")
    #expect(found == [.init(seq: 7, what: "is the first of run run2, which is not listed")])
  }

  @Test func manyFindingsAreCountedNotKept() throws {
    let store = try scratch.open()
    try store.fill(1100)
    scratch.tamper("UPDATE records SET line = ''")
    let report = try store.verify()
    #expect(report.findings.count == 1000)
    #expect(report.furtherFindings == 100)
  }

  @Test func outputsAreReadAndWhatIsWrongWithThemIsNamed() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    let small = try #require(try store.write(Array("small".utf8)))
    let other = try #require(try store.write(Array("other".utf8)))
    let large = try #require(try store.write(noise(200_000)))
    try store.append([.naming(small)], engine, outputs: [small, other].compactMap(\.small))
    try store.append([.naming(large), .naming(small)], engine)
    try store.append([.sample(0, data: .array([other.reference, .object([.init("sha256", .string("x"))])]))], engine)
    let report = try store.verify()
    #expect(report.isIntact)
    #expect(report.outputCount == 3)

    scratch.tamper("UPDATE outputs SET gzip = (SELECT gzip FROM outputs WHERE sha256 = '\(other.sha256)')")
    let path = scratch.path + "/outputs/\(large.sha256.prefix(2))/\(large.sha256).gz"
    #expect(truncate(path, 50_000) == 0)
    let found = try store.verify().findings
    #expect(found.map(\.seq) == [1, 2, 3])
    #expect(found[0].what == "names output \(small.sha256), which was changed: it has another hash")
    #expect(found[1].what == "names output \(large.sha256), which is damaged: it ends too early")

    scratch.tamper("DELETE FROM outputs")
    unlink(path)
    #expect(try store.verify().findings.map(\.seq) == [1, 2, 3, 4])
  }

  @Test func anOutputOfAnotherLengthIsNamed() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    let output = try #require(try store.write(Array("small".utf8)))
    let wrong = StoredOutput(sha256: output.sha256, bytes: 4, head: [], truncated: true, small: nil)
    try store.append([.naming(wrong)], engine, outputs: [output].compactMap(\.small))
    #expect(
      try store.verify().findings
        == [.init(seq: 1, what: "names output \(output.sha256) with 4 bytes, but it has 5")])
  }

  @Test func aDamagedDatabaseIsAFindingOrAnErrorNeverIntact() throws {
    var store = try scratch.open()
    try store.fill(500)
    store.close()
    let file = open(scratch.path + "/journal.sqlite", O_RDWR)
    var status = stat()
    fstat(file, &status)
    let garbage = noise(4096)
    for page in stride(from: 5, to: Int(status.st_size) / 4096, by: 7) {
      #expect(pwrite(file, garbage, 4096, page * 4096) == 4096)
    }
    close(file)
    store = try scratch.open(.readOnly)
    #expect(try !store.verify().isIntact)
  }

  // MARK: Approvals

  /// An approval whose giver saw a log of so many records with a root.
  private func approval(_ size: Int64, _ root: String) -> PendingRecord {
    let statement = JSON.object([.init("log", .object([.init("size", .int(size)), .init("root", .string(root))]))])
    return PendingRecord(
      timestamp: 1_768_186_800_000, type: PendingRecord.approvalType, actor: "ann",
      data: .object([.init("statement", .string(String(decoding: statement.canonicalBytes(), as: UTF8.self)))]))
  }

  @Test func anApprovalOfALogThatWasSeenIsIntact() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    for number in 0..<9 { try store.append([.sample(Int64(number))], engine) }
    let old = try #require(try store.treeHead(ofSize: 5))
    let new = try #require(try store.treeHead())
    try store.append([approval(old.size, old.root.base64), approval(new.size, new.root.base64)], engine)
    try store.append([approval(0, "")], engine)
    engine.release()
    #expect(try store.verify().findings == [])
  }

  @Test func anApprovalOfAnotherLogIsNamed() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    for number in 0..<9 { try store.append([.sample(Int64(number))], engine) }
    let head = try #require(try store.treeHead())
    try store.append([approval(head.size - 1, head.root.base64)], engine)
    try store.append([approval(head.size, head.root.base64), approval(.max, head.root.base64)], engine)
    engine.release()
    let found = try store.verify().findings
    #expect(found.map(\.seq) == [10, 12])
    #expect(
      found.first?.what.hasSuffix("saw another log: the root that it names is not that of records 1 to 8") == true)
    #expect(found.last?.what.hasSuffix("records, where there were 11") == true)
  }

  @Test func anApprovalOfRecordsThatWereMadeAnewIsNamed() throws {
    let store = try scratch.open()
    try store.fill(3)
    let head = try #require(try store.treeHead())
    let other = ScratchStore()
    let forged = try other.open()
    let engine = try forged.claimEngine(run: "run1")
    for number in 3..<6 { try forged.append([.sample(Int64(number))], engine) }
    try forged.append([approval(head.size, head.root.base64)], engine)
    engine.release()
    #expect(try forged.verify().findings.map(\.seq) == [4], "the chain alone shows nothing of it")
  }
}
