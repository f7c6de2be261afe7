/// A run as the store lists it.
package struct RunEntry: Hashable, Sendable {
  /// The name of the run.
  package let id: String
  /// The sequence number of its first record.
  package let firstSeq: Int64
  /// The sequence number of its last record so far.
  package let lastSeq: Int64
  /// How many engines have claimed it.
  package let epoch: Int64
}
