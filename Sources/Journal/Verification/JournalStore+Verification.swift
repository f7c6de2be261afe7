extension JournalStore {
  /// The rows that are read at a time, and the length of their lines after which no more are.
  private static let batch = (rows: 512, bytes: 4 << 20)

  /// What is read side by side.
  private enum Item: Sendable {
    case record(Row)
    case checkpoint(StoredCheckpoint)
  }

  private enum Reading: Sendable {
    case record(RecordReading, Row)
    case checkpoint(CheckpointReading, size: Int64)
  }

  /// Verifies the whole store: every record by itself, in the chain and under its checkpoints, the list of runs, every
  /// output that is named.
  ///
  /// Others may go on writing; what they add while this runs is not looked at.
  ///
  /// - Parameters:
  ///   - keys: The keys of which one must have signed each checkpoint; those that the store names itself where nil.
  ///   - progress: Is told how many records were read so far, every few hundred.
  package func verify(
    keys: [VerifierKey]? = nil, progress: (_ recordCount: Int64) -> Void = { _ in }
  ) throws(JournalError) -> VerificationReport {
    // The signer's state first: what is signed after the snapshot was taken would look cut off.
    let own = try logKeys()
    let (anchor, words) = anchor(of: own)
    let snapshot = try snapshot()
    defer { snapshot.close() }
    var log = LogVerifier(anchor: anchor)
    let accepted = keys ?? own.map(\.verifier)
    log.report.anchor = words
    log.report.keys = accepted
    var outputs = OutputVerifier(snapshot)
    do {
      try snapshot.readAll(keys: accepted, into: &log, &outputs, progress)
      try outputs.finish(into: &log.report)
      try Self.verifyRuns(of: snapshot, into: &log.report)
      if let last = try snapshot.checkpoints(after: log.report.lastSeq, upTo: .max).last {
        log.cutOff(last.size, "a checkpoint covers")
      }
      if keys != nil, log.report.checkpointCount == 0, log.report.lastSeq > 0 {
        log.report.report(log.report.lastSeq, "and those before it are covered by no checkpoint")
      }
      if case .held(let size) = words, size > log.report.lastCheckpoint, size <= log.report.lastSeq {
        log.report.report(size, "and those before it were signed, and the checkpoint over them is not there")
      }
      if let problem = contradiction(to: own) {
        log.report.report(log.report.lastSeq + 1, "and what followed it may have been cut off: \(problem)")
      }
      if let keys, !own.contains(where: { keys.contains($0.verifier) }) {
        log.report.report(
          log.report.lastSeq + 1,
          "and what followed it may have been cut off: the database names none of the keys given")
      }
    } catch {
      // The database itself does not hold together: the records up to there have been read.
      guard case .damaged(_, let detail) = error else { throw error }
      log.report.report(log.report.lastSeq + 1, "cannot be read: \(detail)")
    }
    log.report.sort()
    return log.report
  }

  private func anchor(of keys: [LogKey]) -> (SignerState?, VerificationReport.Anchor) {
    do {
      guard let state = try trustedSignerState(of: keys) else { return (nil, .none) }
      return (state, .held(size: state.size))
    } catch {
      return (nil, .unreadable("\(error)"))
    }
  }

  /// Reads in batches: while one is held together on this thread, the next is read on the others.
  private func readAll(
    keys: [VerifierKey], into log: inout LogVerifier, _ outputs: inout OutputVerifier,
    _ progress: (Int64) -> Void
  ) throws(JournalError) {
    var after = Int64.min
    var readings: ParallelWork<Item, Reading>? = try next(&after, keys)
    while let current = readings {
      let done = current.finish()
      readings = try next(&after, keys)
      for reading in done {
        switch reading {
        case .record(let reading, let row):
          log.take(reading, at: row.record.seq, of: row.run)
          if let words = reading.words, row.record.seq >= 1 {
            try outputs.verify(words, of: row.record.seq, into: &log.report)
          }
        case .checkpoint(let reading, let size): log.take(reading, at: size)
        }
      }
      progress(log.report.recordCount)
    }
    log.finish()
  }

  private func next(_ after: inout Int64, _ keys: [VerifierKey]) throws(JournalError) -> ParallelWork<Item, Reading>? {
    let rows = try rows(after: after, limit: Self.batch.rows, byteLimit: Self.batch.bytes)
    guard let last = rows.last?.record.seq else { return nil }
    let checkpoints = try checkpoints(after: after, upTo: last)
    after = last
    var items: [Item] = []
    items.reserveCapacity(rows.count + checkpoints.count)
    var open = checkpoints[...]
    for row in rows {
      items.append(.record(row))
      while let first = open.first, first.size <= row.record.seq {
        items.append(.checkpoint(first))
        open.removeFirst()
      }
    }
    return ParallelWork(items) { item in
      switch item {
      case .record(let row): .record(RecordReading(row.record.line), row)
      case .checkpoint(let stored): .checkpoint(CheckpointReading(stored.note, keys: keys), size: stored.size)
      }
    }
  }

  private static func verifyRuns(
    of snapshot: JournalStore, into report: inout VerificationReport
  ) throws(JournalError) {
    for run in try snapshot.misplacedRuns(.wronglyListedRuns) {
      report.report(run.seq, "is listed as the first of run \(run.run), which it is not")
    }
    for run in try snapshot.misplacedRuns(.unlistedRuns) {
      report.report(run.seq, "is the first of run \(run.run), which is not listed")
    }
  }
}
