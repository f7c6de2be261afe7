extension JournalStore {
  /// Writes records in one commit with one sync, and takes and releases the run's locks with it.
  ///
  /// - Parameters:
  ///   - outputs: The small outputs that the records name.
  ///   - taking: The locks that the run needs; those it has already are not in its way.
  ///   - releasing: Whether the run gives all its locks back.
  ///   - signing: Whether a checkpoint over all records, these too, is signed in the same commit, if the log has a key.
  /// - Throws: `epochLost`, `lockBusy`, `busy`, and what makes a commit fail; after that, `poisoned`.
  package func append(
    batch: [PendingRecord], run: String, outputs: [SmallOutput], engine: EngineClaim, taking: LockSet?,
    releasing: Bool, signing wantsCheckpoint: Bool = false
  ) throws(JournalError) -> [CommittedRecord] {
    lock.lock()
    defer { lock.unlock() }
    var signing = Signing()
    defer { signing.end() }
    guard engine.run == run, !engine.isReleased else { throw .epochLost(run: run, epoch: engine.epoch) }
    let (committed, newHead) = try commit { connection throws(JournalError) in
      let hasRecords = try Self.check(engine, on: connection)
      if let taking { try Self.take(taking, for: run, on: connection) }
      for output in outputs { try Self.insert(output, on: connection) }
      var head = try currentHead(on: connection)
      let committed = try Self.insert(batch, of: run, after: &head, on: connection)
      if !hasRecords, let first = committed.first {
        let statement = try connection.prepared(.setFirstSeq)
        statement.bind(1, first.seq)
        statement.bind(2, run)
        try statement.run()
      }
      if releasing {
        let statement = try connection.prepared(.releaseLocks)
        statement.bind(1, run)
        try statement.run()
      }
      if wantsCheckpoint { try sign(head, with: &signing, on: connection) }
      return (committed, head)
    }
    signing.isCommitted = true
    head = newHead
    return committed
  }

  /// The run under whose name the store keeps records of its own.
  package static let ownRun = "-"

  /// Makes changes with a record about the store itself, signed if the log has a key; the lock must be held.
  ///
  /// - Parameters:
  ///   - run: The run under which the record lies.
  ///   - changes: Gives the record; where it gives none, nothing is written.
  func appendOwn(
    to run: String = JournalStore.ownRun,
    _ changes: (SQLiteConnection) throws(JournalError) -> PendingRecord?
  ) throws(JournalError) {
    var signing = Signing()
    defer { signing.end() }
    head = try commit { connection throws(JournalError) in
      let record = try changes(connection)
      var head = try currentHead(on: connection)
      guard let record else { return head }
      _ = try Self.insert([record], of: run, after: &head, on: connection)
      try sign(head, with: &signing, on: connection)
      return head
    }
    signing.isCommitted = true
  }

  /// Throws `epochLost` unless the engine is the run's last; gives whether the run has records.
  private static func check(_ engine: EngineClaim, on connection: SQLiteConnection) throws(JournalError) -> Bool {
    let statement = try connection.prepared(.run)
    defer { statement.reset() }
    statement.bind(1, engine.run)
    guard try statement.step(), statement.int(0) == engine.epoch else {
      throw .epochLost(run: engine.run, epoch: engine.epoch)
    }
    return !statement.isNull(1)
  }

  private static func take(
    _ locks: LockSet, for run: String, on connection: SQLiteConnection
  ) throws(JournalError) {
    let holder = try connection.prepared(.lockHolder)
    let insertion = try connection.prepared(.insertLock)
    for name in locks.names {
      holder.bind(1, name)
      holder.bind(2, locks.environment)
      defer { holder.reset() }
      if try holder.step() {
        let other = holder.text(0)
        guard other == run else { throw .lockBusy(name: name, environment: locks.environment, holder: other) }
      } else {
        insertion.bind(1, name)
        insertion.bind(2, locks.environment)
        insertion.bind(3, run)
        try insertion.run()
      }
    }
  }

  private static func insert(_ output: SmallOutput, on connection: SQLiteConnection) throws(JournalError) {
    let statement = try connection.prepared(.insertOutput)
    statement.bind(1, output.sha256)
    statement.bind(2, output.bytes)
    statement.bind(3, blob: output.gzip)
    try statement.run()
  }

  private static func insert(
    _ batch: [PendingRecord], of run: String, after head: inout Head, on connection: SQLiteConnection
  ) throws(JournalError) -> [CommittedRecord] {
    let statement = try connection.prepared(.insertRecord)
    var committed: [CommittedRecord] = []
    committed.reserveCapacity(batch.count)
    for record in batch {
      let line = RecordLine(seq: head.seq + 1, run: run, previous: head.hash, content: record).bytes()
      head = Head(seq: head.seq + 1, hash: ContentHash(of: line))
      statement.bind(1, head.seq)
      statement.bind(2, run)
      statement.bind(3, text: line)
      try statement.run()
      committed.append(CommittedRecord(seq: head.seq, hash: head.hash))
    }
    return committed
  }

  /// Writes a record that belongs to a run and comes from outside its engine, signed if the log has a key.
  ///
  /// - Returns: The record's number.
  package func append(beside run: String, _ record: PendingRecord) throws(JournalError) -> Int64 {
    lock.lock()
    defer { lock.unlock() }
    try appendOwn(to: run) { _ in record }
    return head?.seq ?? 0
  }

  /// The store's last record, inside a transaction; it is read only where another connection has committed since.
  func currentHead(on connection: SQLiteConnection) throws(JournalError) -> Head {
    let version = try connection.prepared(.dataVersion)
    defer { version.reset() }
    _ = try version.step()
    let found = version.int(0)
    if let head, found == dataVersion { return head }
    let last = try connection.prepared(.head)
    defer { last.reset() }
    let read =
      try last.step()
      ? Head(seq: last.int(0), hash: last.withBytes(1) { ContentHash(of: $0) }) : Head(seq: 0, hash: .zero)
    head = read
    dataVersion = found
    return read
  }
}
