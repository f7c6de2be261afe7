/// What came out when a whole log was verified.
package struct VerificationReport: Hashable, Sendable {
  /// Something that is not as it was written.
  package struct Finding: Hashable, Sendable {
    /// The sequence number of the record it concerns.
    package let seq: Int64
    /// What is wrong, in words that follow "record N".
    package let what: String

    package init(seq: Int64, what: String) {
      self.seq = seq
      self.what = what
    }
  }

  /// What the signer's own state, outside the database, says.
  package enum Anchor: Hashable, Sendable {
    /// There is none: the log has no key, or an export is looked at.
    case none
    /// It cannot be read here; the text says why.
    case unreadable(String)
    /// The log holds what was signed, this many records.
    case held(size: Int64)
  }

  /// What stands for the first line of an export, which is no record, in a finding.
  package static let firstLine = Int64.min

  /// The most findings that are kept; the others are counted.
  package static let findingLimit = 1000

  /// How many records were read.
  package internal(set) var recordCount: Int64 = 0
  /// How many outputs were named and read; one that is named again much later may count again.
  package internal(set) var outputCount: Int64 = 0
  /// The outputs that are named and were pruned, as the log says itself, by their SHA-256.
  package internal(set) var prunedOutputs: [String] = []
  /// The sequence number of the last record; 0 for an empty store.
  package internal(set) var lastSeq: Int64 = 0
  /// The hash of the last record; zero for an empty store.
  package internal(set) var lastHash = ContentHash.zero
  /// The keys that the checkpoints were held against; none where the log is not signed.
  package internal(set) var keys: [VerifierKey] = []
  /// How many checkpoints were read.
  package internal(set) var checkpointCount: Int64 = 0
  /// The size of the last checkpoint.
  package internal(set) var lastCheckpoint: Int64 = 0
  /// How many checkpoints do not fit the records, or could not be held against them.
  package internal(set) var unfitCheckpoints: Int64 = 0
  /// How many records the last checkpoint that fits covers.
  package internal(set) var coveredRecords: Int64 = 0
  /// What the signer's own state says.
  package internal(set) var anchor = Anchor.none
  /// The findings, by record.
  package internal(set) var findings: [Finding] = []
  /// The stored outputs that no record names, by their SHA-256: left by an engine that died, or put there since.
  package internal(set) var strayOutputs: [String] = []
  /// How many findings there were beyond `findingLimit`.
  package internal(set) var furtherFindings = 0

  /// Whether everything is as it was written.
  package var isIntact: Bool { findings.isEmpty }

  mutating func report(_ seq: Int64, _ what: String) {
    if findings.count < Self.findingLimit {
      findings.append(Finding(seq: seq, what: what))
    } else {
      furtherFindings += 1
    }
  }

  /// Whether something was found about a record in a range.
  func hasFinding(after first: Int64, upTo last: Int64) -> Bool {
    furtherFindings > 0 || findings.contains { $0.seq > first && $0.seq <= last }
  }

  /// Brings the findings in the order of the records; those of one record keep theirs.
  mutating func sort() {
    findings = findings.enumerated().sorted { ($0.element.seq, $0.offset) < ($1.element.seq, $1.offset) }.map(\.element)
  }
}
