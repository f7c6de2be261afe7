/// A zone of time as it was read once, so that whoever looks later sees the same times.
package struct ZoneRecord: Hashable, Sendable {
  /// The zone's name, such as `Europe/Berlin`.
  package var name: String
  /// Its file in the zone database (RFC 9636).
  package var file: [UInt8]

  package init(name: String, file: [UInt8]) {
    self.name = name
    self.file = file
  }
}

/// Zones that were recorded; no other is known.
package struct RecordedZones: TimeZones, Hashable {
  /// What was recorded.
  package let records: [ZoneRecord]
  private let zones: [String: ZoneInfo]

  package init(_ records: [ZoneRecord]) {
    self.records = records
    var zones: [String: ZoneInfo] = [:]
    for record in records { zones[record.name] = ZoneInfo(record.file) }
    self.zones = zones
  }

  package func offset(of zone: String, at time: Timestamp) -> Int64? { zones[zone]?.offset(at: time) }

  package static func == (a: RecordedZones, b: RecordedZones) -> Bool { a.records == b.records }

  package func hash(into hasher: inout Hasher) { hasher.combine(records) }
}
