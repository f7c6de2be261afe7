import Expressions
import Testing

/// Zones as their files describe them.
@Suite struct ZoneInfoTests {
  /// A file of the second version with these transitions between two types, and a rule for later.
  static func file(_ transitions: [(Int64, UInt8)], offsets: [Int32], rule: String) -> [UInt8] {
    func number(_ value: Int64, _ count: Int) -> [UInt8] {
      (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * Int64($0))) }
    }
    func header(_ times: Int, _ types: Int) -> [UInt8] {
      var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
      for count in [0, 0, 0, times, types, 4] { bytes += number(Int64(count), 4) }
      return bytes
    }
    var bytes = header(0, 1) + [UInt8](repeating: 0, count: 10)
    bytes += header(transitions.count, offsets.count)
    for transition in transitions { bytes += number(transition.0, 8) }
    bytes += transitions.map(\.1)
    for offset in offsets { bytes += number(Int64(offset), 4) + [0, 0] }
    return bytes + [0, 0, 0, 0] + Array("\n\(rule)\n".utf8)
  }

  @Test(
    "offsets before, between and after the transitions",
    arguments: [
      ("1969-01-01T00:00:00Z", 3208), ("1970-01-01T00:00:00Z", 3600), ("1980-01-01T00:00:00Z", 3600),
      // The rule: from the last Sunday of March to that of October, at 01:00 UTC.
      ("2026-03-29T00:59:59Z", 3600), ("2026-03-29T01:00:00Z", 7200), ("2026-10-25T00:59:59Z", 7200),
      ("2026-10-25T01:00:00Z", 3600), ("2026-07-01T00:00:00Z", 7200), ("2026-12-31T23:30:00Z", 3600),
    ])
  func offsets(time: String, seconds: Int64) throws {
    let zone = try #require(
      ZoneInfo(Self.file([(0, 1), (400_000_000, 1)], offsets: [3208, 3600], rule: "CET-1CEST,M3.5.0,M10.5.0/3")))
    #expect(zone.offset(at: try #require(Timestamp(time))) == seconds)
  }

  @Test("rules of the southern half, of quoted names, of days of the year and of no summer")
  func rules() throws {
    func offset(_ rule: String, _ time: String) throws -> Int64? {
      ZoneInfo(Self.file([], offsets: [0], rule: rule))?.offset(at: try #require(Timestamp(time)))
    }
    #expect(try offset("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z") == 39600)
    #expect(try offset("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z") == 36000)
    #expect(try offset("<+0545>-5:45", "2026-07-01T00:00:00Z") == 20700)
    #expect(try offset("XXX3YYY2,J60/0,J300", "2024-03-01T02:59:59Z") == -10800)
    #expect(try offset("XXX3YYY2,J60/0,J300", "2024-03-01T03:00:00Z") == -7200)
    #expect(try offset("XXX0YYY,59/0,300", "2024-02-29T00:00:00Z") == 3600)
    #expect(try offset("", "2026-07-01T00:00:00Z") == 0)
  }

  @Test("what is no file of a zone is refused")
  func garbage() {
    let good = Self.file([(0, 1)], offsets: [0, 3600], rule: "UTC0")
    #expect(ZoneInfo(good) != nil)
    for count in 0..<good.count - 6 { #expect(ZoneInfo(Array(good[..<count])) == nil) }
    #expect(ZoneInfo(Self.file([(0, 7)], offsets: [0], rule: "UTC0")) == nil)
    #expect(ZoneInfo(Array("TZif1".utf8) + [UInt8](repeating: 255, count: 100)) == nil)
  }
}
