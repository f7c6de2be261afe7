extension JournalStore {
  /// The records of a run in order; none where the store does not know it.
  package func records(ofRun run: String) throws(JournalError) -> [StoredRecord] {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(.recordsOfRun)
    defer { statement.reset() }
    statement.bind(1, run)
    var records: [StoredRecord] = []
    while try statement.step() { records.append(StoredRecord(seq: statement.int(0), line: statement.bytes(2))) }
    return records
  }

  /// The records of a run that follow a sequence number, in order.
  package func records(ofRun run: String, after seq: Int64) throws(JournalError) -> [StoredRecord] {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(.recordsOfRunAfter)
    defer { statement.reset() }
    statement.bind(1, run)
    statement.bind(2, seq)
    var records: [StoredRecord] = []
    while try statement.step() { records.append(StoredRecord(seq: statement.int(0), line: statement.bytes(2))) }
    return records
  }

  /// The size of the log and the root of the Merkle tree over it.
  ///
  /// - Parameter size: Of how many records; of all if nil.
  /// - Returns: Nil where there are not so many.
  package func treeHead(ofSize size: Int64? = nil) throws(JournalError) -> (size: Int64, root: ContentHash)? {
    let snapshot = try snapshot()
    defer { snapshot.close() }
    let all = try snapshot.recordCount()
    guard (0...all).contains(size ?? all) else { return nil }
    let tree = try snapshot.tree(ofSize: size ?? all)
    return (Int64(tree.size), tree.root(ofSize: tree.size))
  }

  /// The records of the whole store that follow a sequence number, in order; 0 for the beginning.
  ///
  /// - Parameter limit: How many at most.
  package func records(after seq: Int64, limit: Int) throws(JournalError) -> [StoredRecord] {
    try rows(after: seq, limit: limit, byteLimit: .max).map(\.record)
  }

  /// The sequence number of the last record; 0 for an empty store.
  package func recordCount() throws(JournalError) -> Int64 {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(.head)
    defer { statement.reset() }
    return try statement.step() ? statement.int(0) : 0
  }

  /// The runs that have records, newest first.
  package func runs() throws(JournalError) -> [RunEntry] {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(.runs)
    defer { statement.reset() }
    var runs: [RunEntry] = []
    while try statement.step() {
      runs.append(
        RunEntry(
          id: statement.text(0), firstSeq: statement.int(1),
          // A run without its records is for `verify` to report.
          lastSeq: statement.isNull(2) ? statement.int(1) : statement.int(2), epoch: statement.int(3)))
    }
    return runs
  }

  /// The locks that runs hold, by name and environment.
  package func locks() throws(JournalError) -> [HeldLock] {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(.locks)
    defer { statement.reset() }
    var locks: [HeldLock] = []
    while try statement.step() {
      locks.append(HeldLock(name: statement.text(0), environment: statement.text(1), run: statement.text(2)))
    }
    return locks
  }

  /// A record and the run under which it lies.
  struct Row {
    let record: StoredRecord
    let run: String
  }

  /// The rows that follow a sequence number, in order.
  ///
  /// - Parameter byteLimit: The length of all lines after which no more are read.
  func rows(after seq: Int64, limit: Int, byteLimit: Int) throws(JournalError) -> [Row] {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(.recordsAfter)
    defer { statement.reset() }
    statement.bind(1, seq)
    statement.bind(2, Int64(limit))
    var rows: [Row] = []
    var byteCount = 0
    while byteCount < byteLimit, try statement.step() {
      let line = statement.bytes(2)
      byteCount += line.count
      rows.append(Row(record: StoredRecord(seq: statement.int(0), line: line), run: statement.text(1)))
    }
    return rows
  }

  /// Runs that the list of runs gives a first record other than theirs, or leaves out, with that record.
  func misplacedRuns(_ query: StoreQuery) throws(JournalError) -> [(run: String, seq: Int64)] {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(query)
    defer { statement.reset() }
    var runs: [(run: String, seq: Int64)] = []
    while try statement.step() { runs.append((statement.text(0), statement.int(1))) }
    return runs
  }

  /// The compressed bytes of a small output and its length; nil where the database holds none of this hash.
  func smallOutput(_ sha256: String) throws(JournalError) -> SmallOutput? {
    lock.lock()
    defer { lock.unlock() }
    let statement = try reading().prepared(.output)
    defer { statement.reset() }
    statement.bind(1, sha256)
    guard try statement.step() else { return nil }
    guard statement.byteCount(1) <= SmallOutput.compressedLimit else {
      throw .outputDamaged(sha256: sha256, reason: "it is longer than a small output can be")
    }
    return SmallOutput(sha256: sha256, bytes: statement.int(0), gzip: statement.bytes(1))
  }
}
