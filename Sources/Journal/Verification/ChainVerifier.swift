import CanonicalJSON

/// Holds records against each other as they come, and says which one does not fit.
struct ChainVerifier {
  private struct Link {
    let seq: Int64
    let hash: ContentHash
    /// Whether something of its own is wrong with the record.
    var isSuspect: Bool
  }

  /// The record before.
  private var last: Link?
  /// The record before `last`, if `last` does not name its hash and nothing else is wrong with either.
  private var doubted: Link?

  /// Holds a record against its place and the one before.
  ///
  /// - Returns: What the record holds, if it can be read.
  mutating func verify(_ row: JournalStore.Row, into report: inout VerificationReport) -> JSON? {
    let seq = row.record.seq
    let expected = (last?.seq ?? 0) + 1
    let hash = ContentHash(of: row.record.line)
    report.recordCount += 1
    guard seq >= 1 else {
      report.report(seq, "has a number below 1")
      return nil
    }
    report.lastSeq = seq
    report.lastHash = hash
    if seq > expected {
      settle(isVouchedFor: nil, into: &report)
      report.report(
        expected, expected == seq - 1 ? "is missing" : "is missing, and so are those up to record \(seq - 1)")
    }
    let value = try? JSON.parse(row.record.line)
    let record = value.flatMap { RecordLine($0) }
    var isSuspect = false
    func complain(_ what: String) {
      isSuspect = true
      report.report(seq, what)
    }
    if let value, let record {
      if value.canonicalBytes() != row.record.line { complain("is not in canonical form") }
      if record.seq != seq { complain("says that it is record \(record.seq)") }
      if record.run != row.run { complain("says that it is of run \(record.run), but lies under run \(row.run)") }
      if seq == 1, record.previous != .zero { complain("names a record before it, though it is the first") }
    } else {
      complain("cannot be read as a record")
    }
    // Of two neighbours of which the later does not name the earlier, the next record shows which was changed.
    let namesLast: Bool? = if let last, let record, seq == expected { record.previous == last.hash } else { nil }
    settle(isVouchedFor: namesLast, into: &report)
    doubted = if let last, namesLast == false, !last.isSuspect, !isSuspect { last } else { nil }
    last = Link(seq: seq, hash: hash, isSuspect: isSuspect)
    return record?.content.data
  }

  /// Ends with the last record.
  mutating func finish(into report: inout VerificationReport) { settle(isVouchedFor: nil, into: &report) }

  /// Says which of two records was changed, of which the later does not name the earlier.
  ///
  /// - Parameter isVouchedFor: Whether the record after both names the later one; nil where none can tell.
  private mutating func settle(isVouchedFor: Bool?, into report: inout VerificationReport) {
    guard let earlier = doubted, let later = last else { return }
    doubted = nil
    if isVouchedFor != false {
      report.report(
        earlier.seq,
        "was changed\(isVouchedFor == nil ? ", or record \(later.seq) was" : ""): "
          + "its hash is not the one that record \(later.seq) names")
    }
    if isVouchedFor != true {
      report.report(
        later.seq,
        "was changed\(isVouchedFor == nil ? ", or record \(earlier.seq) was" : ""): "
          + "it does not name the hash of record \(earlier.seq)")
      last?.isSuspect = true
    }
  }
}
