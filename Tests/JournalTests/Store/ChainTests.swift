import CanonicalJSON
import Journal
import Testing

@Suite struct ChainTests {
  let scratch = ScratchStore()

  @Test func aNewStoreIsEmpty() throws {
    let store = try scratch.open()
    #expect(try store.records(after: 0, limit: 10).isEmpty)
    #expect(try store.runs().isEmpty)
    #expect(try store.locks().isEmpty)
    #expect(try store.verify().isIntact)
  }

  @Test func everyRecordNamesTheHashOfTheOneBefore() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    let committed = try store.append([.sample(1), .sample(2)], engine) + store.append([.sample(3)], engine)
    #expect(committed.map(\.seq) == [1, 2, 3])
    var previous = ContentHash.zero
    for (record, place) in zip(try store.records(after: 0, limit: 10), committed) {
      let parsed = try record.parsed()
      #expect(parsed.previous == previous)
      #expect(parsed.seq == place.seq)
      #expect(ContentHash(of: record.line) == place.hash)
      previous = place.hash
    }
    #expect(previous == committed.last?.hash)
  }

  @Test func aRecordIsACanonicalLineWithAllItsKeys() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    let record = PendingRecord(
      timestamp: 5, type: "note", step: "steps.a", attempt: 2, actor: "ada", plan: "ff", data: .string("é\n"))
    try store.append([record], engine)
    let line = try #require(try store.records(ofRun: "run1").first?.line)
    #expect(
      String(decoding: line, as: UTF8.self)
        == #"{"actor":"ada","attempt":2,"data":"é\n","plan":"ff","prev":""# + String(repeating: "0", count: 64)
        + #"","run":"run1","seq":1,"step":"steps.a","ts":5,"type":"note","v":1}"#)
    #expect(try store.records(ofRun: "run1")[0].parsed().content == record)
  }

  @Test func theChainGoesOnAfterReopening() throws {
    var store = try scratch.open()
    try store.fill(3)
    store.close()
    store = try scratch.open()
    try store.fill(2, run: "run2")
    #expect(try store.records(after: 0, limit: 10).map(\.seq) == [1, 2, 3, 4, 5])
    #expect(try store.verify().isIntact)
  }

  @Test func twoStoresOnOneDirectoryShareOneChain() throws {
    let one = try scratch.open()
    let two = try scratch.open()
    let first = try one.claimEngine(run: "one")
    let second = try two.claimEngine(run: "two")
    for number in 0..<20 as Range<Int64> {
      try one.append([.sample(number)], first)
      if number % 3 == 0 { try one.append([.sample(number), .sample(number)], first) }
      try two.append([.sample(number)], second)
    }
    #expect(try two.records(ofRun: "one").count == 34)
    #expect(try one.records(ofRun: "two").count == 20)
    let report = try one.verify()
    #expect(report.isIntact)
    #expect(report.recordCount == 54)
  }

  @Test func manyThreadsShareOneStoreAndTwoObjects() async throws {
    let stores = [try scratch.open(), try scratch.open()]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<4 {
        let store = stores[number % 2]
        group.addTask {
          let engine = try store.claimEngine(run: "run\(number)")
          for index in 0..<25 as Range<Int64> { try store.append([.sample(index)], engine) }
        }
      }
      try await group.waitForAll()
    }
    let report = try stores[0].verify()
    #expect(report.isIntact)
    #expect(report.recordCount == 100)
  }

  @Test func recordsAreReadByRunAndByPlace() throws {
    let store = try scratch.open()
    try store.fill(2, run: "a")
    try store.fill(3, run: "b")
    #expect(try store.records(ofRun: "a").map(\.seq) == [1, 2])
    #expect(try store.records(ofRun: "b").map(\.seq) == [3, 4, 5])
    #expect(try store.records(ofRun: "c").isEmpty)
    #expect(try store.records(after: 1, limit: 2).map(\.seq) == [2, 3])
    #expect(try store.records(after: 5, limit: 2).isEmpty)
  }

  @Test func runsAreListedNewestFirstOnceTheyHaveRecords() throws {
    let store = try scratch.open()
    try store.fill(2, run: "old")
    try store.fill(1, run: "new")
    try store.fill(1, run: "old")
    _ = try store.claimEngine(run: "silent")
    #expect(
      try store.runs().map { "\($0.id) \($0.firstSeq)-\($0.lastSeq) epoch \($0.epoch)" }
        == ["new 3-3 epoch 1", "old 1-4 epoch 2"])
  }

  @Test func aClosedStoreSaysSo() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    store.close()
    #expect(error { try store.append([.sample(1)], engine) } == .closed(store: scratch.path))
    #expect(error { _ = try store.runs() } == .closed(store: scratch.path))
  }
}
