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
  /// The last record of which a signed checkpoint has shown that nothing up to it was changed.
  var provenUpTo: Int64 = 0

  /// The number that comes next.
  var expected: Int64 { (last?.seq ?? 0) + 1 }

  /// Whether it is not known yet which of two records was changed.
  var isInDoubt: Bool { doubted != nil }

  /// The hash of the record before.
  var lastHash: ContentHash? { last?.hash }

  /// Holds a record against its place and the one before.
  ///
  /// - Parameters:
  ///   - seq: The place at which it lies.
  ///   - run: The run under which it lies.
  /// - Returns: Whether it lies in the place that comes next.
  @discardableResult
  mutating func verify(
    _ reading: RecordReading, at seq: Int64, of run: String?, into report: inout VerificationReport
  ) -> Bool {
    let expected = expected
    report.recordCount += 1
    guard seq >= 1 else {
      report.report(seq, "has a number below 1")
      return false
    }
    report.lastSeq = seq
    report.lastHash = reading.hash
    if seq > expected {
      settle(isVouchedFor: nil, into: &report)
      report.report(
        expected, expected == seq - 1 ? "is missing" : "is missing, and so are those up to record \(seq - 1)")
    }
    var isSuspect = false
    func complain(_ what: String) {
      isSuspect = true
      report.report(seq, what)
    }
    if let words = reading.words {
      if !words.isCanonical { complain("is not in canonical form") }
      if words.seq != seq { complain("says that it is record \(words.seq)") }
      if let run, words.run != run { complain("says that it is of run \(words.run), but lies under run \(run)") }
      if seq == 1, words.previous != .zero { complain("names a record before it, though it is the first") }
    } else {
      complain("cannot be read as a record")
    }
    // Of two neighbours of which the later does not name the earlier, the next record shows which was changed.
    let namesLast: Bool? =
      if let last, let words = reading.words, seq == expected { words.previous == last.hash } else { nil }
    settle(isVouchedFor: namesLast, into: &report)
    doubted = if let last, namesLast == false, !last.isSuspect, !isSuspect { last } else { nil }
    last = Link(seq: seq, hash: reading.hash, isSuspect: isSuspect)
    return seq == expected
  }

  /// Ends with the last record.
  mutating func finish(into report: inout VerificationReport) { settle(isVouchedFor: nil, into: &report) }

  /// Says which of two records was changed, of which the later does not name the earlier.
  ///
  /// - Parameter isVouchedFor: Whether the record after both names the later one; nil where none can tell.
  private mutating func settle(isVouchedFor: Bool?, into report: inout VerificationReport) {
    guard let earlier = doubted, let later = last else { return }
    doubted = nil
    let isVouchedFor = earlier.seq <= provenUpTo ? false : isVouchedFor
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
