import CanonicalJSON
import Journal

/// Who signs a log, and how far it is signed: `belay audit show`.
package struct SigningSummary {
  /// A key and where its private part is said to lie.
  package struct Key {
    package let verifier: VerifierKey
    package let folder: String

    package init(verifier: VerifierKey, folder: String) {
      self.verifier = verifier
      self.folder = folder
    }
  }

  private let store: String
  private let keys: [Key]
  private let records: Int64
  private let checkpoint: SignedCheckpoint?
  private let signed: Int64?

  /// - Parameter signed: How many records the signer remembers; nil where that cannot be read.
  package init(store: String, keys: [Key], records: Int64, checkpoint: SignedCheckpoint?, signed: Int64?) {
    self.store = store
    self.keys = keys
    self.records = records
    self.checkpoint = checkpoint
    self.signed = signed
  }

  /// The lines for people.
  package var lines: [String] {
    let counted = AuditReport.count(records, "record")
    guard let key = keys.last else { return ["\(counted) in \(store)", "not signed; `belay audit init` makes a key"] }
    var lines = [
      "\(counted) in \(store)",
      "key \(RunWords.marked(key.verifier.description)), in \(RunWords.marked(key.folder))",
    ]
    for old in keys.dropLast().reversed() {
      lines.append("before that, \(RunWords.marked(old.verifier.description))")
    }
    if let checkpoint {
      let size = checkpoint.checkpoint.size
      lines.append(
        "last checkpoint over \(AuditReport.count(size, "record")), root \(checkpoint.checkpoint.root.base64)")
      lines.append("\(AuditReport.count(records - size, "later record")) not covered yet")
      let names = checkpoint.note.signatures.dropFirst().map { RunWords.marked($0.name) }
      if !names.isEmpty { lines.append("cosigned by \(names.joined(separator: ", "))") }
    } else {
      lines.append("no checkpoint yet")
    }
    lines.append(
      signed.map { "the signer remembers \(AuditReport.count($0, "record"))" }
        ?? "what the signer remembers cannot be read")
    return lines
  }

  /// The summary for programs.
  package var json: JSON {
    .object([
      .init("store", .string(store)), .init("records", .int(records)),
      .init("keys", .strings(keys.map(\.verifier.description))),
      .init("folder", keys.last.map { .string($0.folder) } ?? .null),
      .init(
        "checkpoint",
        checkpoint.map { checkpoint in
          .object([
            .init("size", .int(checkpoint.checkpoint.size)), .init("root", .string(checkpoint.checkpoint.root.base64)),
            .init("note", .string(checkpoint.note.description)),
          ])
        } ?? .null),
      .init("remembered", signed.map { .int($0) } ?? .null),
    ])
  }
}
