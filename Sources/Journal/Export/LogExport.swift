import CanonicalJSON

/// A whole log as one text of lines: who signs it, every record as it stands, every checkpoint behind the last record
/// that it covers, and how much there was.
package enum LogExport {
  /// The version of the form.
  static let version: Int64 = 1

  /// Writes a store's log, as it is now.
  package static func write(_ store: JournalStore, into sink: ([UInt8]) throws -> Void) throws {
    let snapshot = try store.snapshot()
    defer { snapshot.close() }
    try sink(
      line(
        .object([
          .init("belay", "log"), .init("keys", .strings(try snapshot.logKeys().map(\.verifier.description))),
          .init("v", .int(version)),
        ])))
    var seq: Int64 = 0
    var recordCount: Int64 = 0
    var checkpointCount: Int64 = 0
    var last = ContentHash.zero
    while true {
      let rows = try snapshot.rows(after: seq, limit: 1024, byteLimit: 4 << 20)
      guard let end = rows.last?.record else { break }
      var open = try snapshot.checkpoints(after: seq, upTo: end.seq)[...]
      var bytes: [UInt8] = []
      for row in rows {
        bytes += row.record.line
        bytes.append(0x0A)
        while let first = open.first, first.size <= row.record.seq {
          bytes += line(.object([.init("checkpoint", .string(first.note))]))
          checkpointCount += 1
          open.removeFirst()
        }
      }
      try sink(bytes)
      seq = end.seq
      recordCount += Int64(rows.count)
      last = ContentHash(of: end.line)
    }
    try sink(
      line(
        .object([
          .init("checkpoints", .int(checkpointCount)), .init("last", .string(last.hex)),
          .init("records", .int(recordCount)),
        ])))
  }

  static func line(_ value: JSON) -> [UInt8] { value.canonicalBytes() + [0x0A] }
}
