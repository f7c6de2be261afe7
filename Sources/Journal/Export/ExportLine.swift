import CanonicalJSON

/// A line of an exported log, read by itself.
enum ExportLine: Sendable {
  /// A record, or what cannot be read as anything else.
  case record(RecordReading)
  /// A checkpoint.
  case checkpoint(CheckpointReading)
  /// The last line; nil where it cannot be read.
  case end(End?)

  /// What the last line says.
  struct End: Sendable {
    let checkpoints: Int64
    let records: Int64
    let last: ContentHash
  }

  /// - Parameter line: The line without its break.
  init(_ line: [UInt8], keys: [VerifierKey]) {
    if line.starts(with: Array("{\"checkpoint\":".utf8)) {
      guard let note = Self.canonical(line)?["checkpoint"]?.string else {
        self = .checkpoint(CheckpointReading("", keys: keys))
        return
      }
      self = .checkpoint(CheckpointReading(note, keys: keys))
    } else if line.starts(with: Array("{\"checkpoints\":".utf8)) {
      guard let value = Self.canonical(line), let checkpoints = value["checkpoints"]?.int,
        let records = value["records"]?.int, let last = value["last"]?.string.flatMap({ ContentHash(hex: $0) })
      else {
        self = .end(nil)
        return
      }
      self = .end(End(checkpoints: checkpoints, records: records, last: last))
    } else {
      self = .record(RecordReading(line))
    }
  }

  /// The keys that a first line names; nil where it is none.
  static func keys(ofFirst line: [UInt8], kind: String) -> [VerifierKey]? {
    guard let value = canonical(line), value["belay"]?.string == kind, value["v"]?.int == LogExport.version,
      let texts = value["keys"]?.array
    else { return nil }
    let keys = texts.compactMap { $0.string.flatMap { VerifierKey($0) } }
    return keys.count == texts.count ? keys : nil
  }

  /// A line's value; nil where it is not written as it would be written.
  static func canonical(_ line: [UInt8]) -> JSON? {
    guard let value = try? JSON.parse(line), value.canonicalBytes() == line else { return nil }
    return value
  }
}
