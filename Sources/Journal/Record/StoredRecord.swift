/// A record as it lies in the journal.
package struct StoredRecord: Hashable, Sendable {
  /// The sequence number under which it lies.
  package let seq: Int64
  /// The line: canonical JSON without a line break.
  package let line: [UInt8]

  /// Reads the line; throws `damaged` where it is not a record of a known form.
  package func parsed() throws(JournalError) -> RecordLine {
    guard let record = RecordLine.parse(line) else {
      throw .damaged(path: "journal.sqlite", detail: "record \(seq) cannot be read; `belay audit verify` says more")
    }
    return record
  }
}
