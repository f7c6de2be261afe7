import CanonicalJSON

/// What can be said of a record's line by itself; any number can be read side by side.
struct RecordReading: Sendable {
  /// An output as a record names it.
  struct OutputName: Hashable, Sendable {
    let sha256: String
    let bytes: Int64
  }

  /// The log as an approval names it: how many records, and the root of the tree over them in base64.
  struct LogHead: Hashable, Sendable {
    let size: Int64
    let root: String

    init?(_ content: PendingRecord) {
      guard content.type == PendingRecord.approvalType, let text = content.data?["statement"]?.string,
        let log = (try? JSON.parse(Array(text.utf8)))?["log"], let size = log["size"]?.int,
        let root = log["root"]?.string
      else { return nil }
      self.size = size
      self.root = root
    }
  }

  /// What the line says; nil where it cannot be read as a record.
  struct Words: Sendable {
    let seq: Int64
    let run: String
    let previous: ContentHash
    let isCanonical: Bool
    /// The outputs that are named: each object with a `sha256` and `bytes`, anywhere in the data.
    let outputs: [OutputName]
    /// The outputs that the record says were pruned.
    let pruned: [String]
    /// The log that whoever gave the approval in the record saw.
    let seen: LogHead?
  }

  /// The hash that the next record names.
  let hash: ContentHash
  /// The hash of the leaf in the Merkle tree.
  let leaf: ContentHash
  let words: Words?

  init(_ line: [UInt8]) {
    hash = ContentHash(of: line)
    leaf = ContentHash(leaf: line)
    guard let value = try? JSON.parse(line), let record = RecordLine(value) else {
      words = nil
      return
    }
    let isPruning = record.run == JournalStore.ownRun && record.content.type == JournalStore.pruningType
    words = Words(
      seq: record.seq, run: record.run, previous: record.previous, isCanonical: record.bytes() == line,
      outputs: record.content.data.map(Self.outputs) ?? [],
      pruned: isPruning ? record.content.data?["outputs"]?.array?.compactMap(\.string) ?? [] : [],
      seen: LogHead(record.content))
  }

  /// The outputs that a record's data names.
  static func outputs(in data: JSON) -> [OutputName] {
    var found: [OutputName] = []
    var open = [data]
    while let value = open.popLast() {
      switch value {
      case .array(let elements): open.append(contentsOf: elements)
      case .object(let members):
        if let sha256 = value["sha256"]?.string, let bytes = value["bytes"]?.int {
          found.append(OutputName(sha256: sha256, bytes: bytes))
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
    return found
  }
}
