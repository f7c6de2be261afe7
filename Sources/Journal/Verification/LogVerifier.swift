/// Holds a log's records and checkpoints against each other, in order; where they come from does not matter.
struct LogVerifier {
  private(set) var chain = ChainVerifier()
  var report = VerificationReport()

  private var tree = MerkleFrontier()
  /// Whether a record is missing, so that no later root can be worked out.
  private var isBroken = false
  /// The size of the last checkpoint that fits.
  private var lastFitting: Int64 = 0
  /// Whether a checkpoint has not fitted.
  private var hasMismatch = false
  /// What the signer remembers.
  private let anchor: SignerState?
  /// The leaves so far, for what approvals say of them.
  private var leaves: [ContentHash] = []
  /// The logs that approvals name, with the numbers of their records.
  private var seen: [(seq: Int64, head: RecordReading.LogHead)] = []

  init(anchor: SignerState?) { self.anchor = anchor }

  /// Takes the next record.
  mutating func take(_ reading: RecordReading, at seq: Int64, of run: String?) {
    if !chain.verify(reading, at: seq, of: run, into: &report) { isBroken = true }
    if let head = reading.words?.seen { seen.append((seq, head)) }
    guard !isBroken else { return }
    tree.append(reading.leaf)
    leaves.append(reading.leaf)
    guard let anchor, anchor.size == tree.size else { return }
    if anchor.lastHash != reading.hash {
      note(seq, "is not the one that the signer has signed last")
    } else if anchor.frontier != tree {
      mismatch(seq, "the signer's own state")
    }
  }

  /// Takes a checkpoint that lies behind the last record.
  ///
  /// - Parameter size: The number of records under which it lies.
  mutating func take(_ reading: CheckpointReading, at size: Int64) {
    report.checkpointCount += 1
    report.lastCheckpoint = size
    if let problem = reading.problem {
      report.report(size, "is followed by a checkpoint that \(problem)")
      return
    }
    guard let checkpoint = reading.checkpoint else { return }
    guard checkpoint.size == size else {
      report.report(size, "is followed by a checkpoint over \(checkpoint.size) records")
      return
    }
    guard !isBroken, tree.size == size else {
      // The records that are missing have been named.
      report.unfitCheckpoints += 1
      return
    }
    guard tree.root == checkpoint.root else {
      report.unfitCheckpoints += 1
      mismatch(size, "the checkpoint over records 1 to \(size)")
      return
    }
    lastFitting = size
    chain.provenUpTo = size
  }

  /// Whether something that was found already explains that a root is another one.
  private mutating func mismatch(_ seq: Int64, _ what: String) {
    defer { hasMismatch = true }
    guard !hasMismatch, !report.hasFinding(after: lastFitting, upTo: seq), !chain.isInDoubt else { return }
    note(
      seq,
      seq == lastFitting + 1
        ? "was changed: \(what) does not fit"
        : "was changed, or those from record \(lastFitting + 1) on were, with all hashes after them: \(what) does not fit"
    )
  }

  private mutating func note(_ seq: Int64, _ what: String) { report.report(seq, what) }

  /// Ends with the last record.
  mutating func finish() {
    chain.finish(into: &report)
    if let anchor, anchor.size > report.lastSeq { cutOff(anchor.size, "the signer has signed") }
    report.coveredRecords = lastFitting
    verifySeenLogs()
  }

  /// Holds what the givers of approvals saw of the log against what it holds.
  private mutating func verifySeenLogs() {
    if seen.isEmpty { return }
    let tree = MerkleTree(leaves: leaves)
    // An empty log has no root that anybody could have seen another one of.
    for (seq, head) in seen where head.size != 0 {
      // A record that was found to be changed, or is missing, has been named.
      if report.hasFinding(after: seq - 1, upTo: seq) { continue }
      guard head.size > 0, head.size < seq else {
        note(
          seq, "is an approval by somebody who saw another log: of \(head.size) records, where there were \(seq - 1)")
        continue
      }
      guard !report.hasFinding(after: 0, upTo: head.size), head.size <= leaves.count,
        tree.root(ofSize: Int(head.size)).base64 != head.root
      else { continue }
      note(
        seq,
        "is an approval by somebody who saw another log: the root that it names is not that of records 1 to \(head.size)"
      )
    }
  }

  /// Says that the log ends before something that was signed.
  mutating func cutOff(_ size: Int64, _ who: String) {
    let first = report.lastSeq + 1
    report.report(
      first,
      (first == size ? "is missing: \(who) it" : "is missing, and so are those up to record \(size): \(who) them"))
  }
}
