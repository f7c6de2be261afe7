extension JournalStore {
  /// The rows that are read at a time, and the length of their lines after which no more are.
  private static let batch = (rows: 512, bytes: 4 << 20)

  /// Verifies the whole store: every record by itself and in the chain, the list of runs, every output that is named.
  ///
  /// Only what follows the last record may be gone unnoticed: to see that takes a signed checkpoint from outside.
  /// Others may go on writing; what they add while this runs is not looked at.
  ///
  /// - Parameter progress: Is told how many records were read so far, every few hundred.
  package func verify(
    progress: (_ recordCount: Int64) -> Void = { _ in }
  ) throws(JournalError) -> VerificationReport {
    var report = VerificationReport()
    var chain = ChainVerifier()
    let snapshot = try snapshot()
    defer { snapshot.close() }
    var outputs = OutputVerifier(snapshot)
    var after = Int64.min
    do {
      while true {
        let rows = try snapshot.rows(after: after, limit: Self.batch.rows, byteLimit: Self.batch.bytes)
        guard let last = rows.last else { break }
        for row in rows {
          guard let data = chain.verify(row, into: &report) else { continue }
          try outputs.verify(data, of: row.record.seq, into: &report)
        }
        after = last.record.seq
        progress(report.recordCount)
      }
      chain.finish(into: &report)
      try Self.verifyRuns(of: snapshot, into: &report)
    } catch {
      // The database itself does not hold together: the records up to there have been read.
      guard case .damaged(_, let detail) = error else { throw error }
      report.report(report.lastSeq + 1, "cannot be read: \(detail)")
    }
    return report
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
