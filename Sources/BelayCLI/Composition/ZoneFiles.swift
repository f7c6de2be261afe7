import Diagnostics
import Expressions
import RunbookParser
import Synchronization

/// The zones of time in the system's database.
final class ZoneFiles: TimeZones {
  /// Those of this machine.
  static let system = ZoneFiles(folder: "/usr/share/zoneinfo")

  /// The zones that a plan names, as they are now; one that nobody knows is missing.
  static func records(of plan: RunPlan) -> [ZoneRecord] {
    plan.zones.compactMap { name in system.file(of: name).map { ZoneRecord(name: name, file: $0) } }
  }

  private let folder: String
  private let known = Mutex<[String: ZoneInfo?]>([:])

  /// The zones whose files lie in a folder.
  init(folder: String) { self.folder = folder }

  func offset(of zone: String, at time: Timestamp) -> Int64? {
    let info = known.withLock { known in
      if let info = known[zone] { return info }
      let info = read(zone)
      if known.count < 1000 { known[zone] = .some(info) }
      return info
    }
    return info?.offset(at: time)
  }

  private func read(_ zone: String) -> ZoneInfo? { file(of: zone).flatMap { ZoneInfo($0) } }

  /// The bytes of a zone's file; nil where there is none. A name never leads out of the folder.
  func file(of zone: String) -> [UInt8]? {
    let isName = zone.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
        UInt8(ascii: "/"):
        true
      default: false
      }
    }
    guard isName, !zone.isEmpty else { return nil }
    return try? FileReader.read("\(folder)/\(zone)").bytes
  }
}
