import CanonicalJSON

/// Reads the outputs that records name.
struct OutputVerifier {
  /// An output as a record names it.
  private struct Name: Hashable {
    let sha256: String
    let bytes: Int64
  }

  /// How many outputs are remembered as read, so that one that is named often is read once.
  private static let memory = 1 << 16

  private let store: JournalStore
  private let reader: OutputReader
  private var intact: Set<Name> = []

  init(_ store: JournalStore) {
    self.store = store
    reader = OutputReader(store)
  }

  /// Reads every output that a record's data names: each object with a `sha256` and `bytes`, anywhere in it.
  mutating func verify(
    _ data: JSON, of seq: Int64, into report: inout VerificationReport
  ) throws(JournalError) {
    var open = [data]
    while let value = open.popLast() {
      switch value {
      case .array(let elements): open.append(contentsOf: elements)
      case .object(let members):
        if let sha256 = value["sha256"]?.string, let bytes = value["bytes"]?.int {
          try verify(Name(sha256: sha256, bytes: bytes), of: seq, into: &report)
        }
        for member in members {
          switch member.value {
          case .array, .object: open.append(member.value)
          default: break
          }
        }
      default: break
      }
    }
  }

  private mutating func verify(
    _ name: Name, of seq: Int64, into report: inout VerificationReport
  ) throws(JournalError) {
    guard !intact.contains(name) else { return }
    report.outputCount += 1
    do {
      let found = try reader.hash(of: name.sha256) { _ in }
      if found.hash.hex != name.sha256 {
        report.report(seq, "names output \(name.sha256), which was changed: it has another hash")
      } else if found.bytes != name.bytes {
        report.report(
          seq, "names output \(name.sha256) with \(name.bytes) bytes, but it has \(found.bytes)")
      } else {
        if intact.count == Self.memory { intact.removeAll(keepingCapacity: true) }
        intact.insert(name)
      }
    } catch {
      switch store.journalError(error) {
      case .outputMissing: report.report(seq, "names output \(name.sha256), which is missing")
      case .outputDamaged(_, let reason):
        report.report(seq, "names output \(name.sha256), which is damaged: \(reason)")
      case let other: throw other
      }
    }
  }
}
