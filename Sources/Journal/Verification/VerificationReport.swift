/// What came out when the whole store was verified.
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

  /// The most findings that are kept; the others are counted.
  package static let findingLimit = 1000

  /// How many records were read.
  package internal(set) var recordCount: Int64 = 0
  /// How many outputs were named and read; one that is named again much later may count again.
  package internal(set) var outputCount: Int64 = 0
  /// The sequence number of the last record; 0 for an empty store.
  package internal(set) var lastSeq: Int64 = 0
  /// The hash of the last record; zero for an empty store.
  package internal(set) var lastHash = ContentHash.zero
  /// The findings, in the order in which they were made.
  package internal(set) var findings: [Finding] = []
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
}
