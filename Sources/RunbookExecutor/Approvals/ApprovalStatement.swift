import CanonicalJSON
import Journal

/// What an approver says, word for word as it is signed: canonical JSON.
package struct ApprovalStatement: Hashable, Sendable {
  /// The namespace of signatures over it, in which nothing else is signed.
  package static let namespace = "belay-approval"
  private static let kind = "belay approval 1"

  /// The dry run that the approver saw: its name, and the SHA-256 of its last record and of what it found at the step.
  package struct DryRun: Hashable, Sendable {
    package var run: String
    package var sha256: String
    package var findings: String

    package init(run: String, sha256: String, findings: String) {
      self.run = run
      self.sha256 = sha256
      self.findings = findings
    }

    package init?(_ json: JSON) {
      guard let run = json["run"]?.string, let sha256 = json["sha256"]?.string, let findings = json["findings"]?.string
      else { return nil }
      self.init(run: run, sha256: sha256, findings: findings)
    }

    package var json: JSON {
      .object([
        .init("run", .string(run)), .init("sha256", .string(sha256)), .init("findings", .string(findings)),
      ])
    }
  }

  /// The log as the approver saw it: how many records, and the root of the tree over them.
  package struct LogHead: Hashable, Sendable {
    package var size: Int64
    package var root: String

    package init(size: Int64, root: String) {
      self.size = size
      self.root = root
    }
  }

  /// The gate.
  package var gate: GateDescription
  /// Yes or no.
  package var approves: Bool
  /// Why.
  package var reason: String
  /// When it was said, in milliseconds since the epoch.
  package var time: Int64
  /// What makes this statement differ from every other: 32 hexadecimal digits.
  package var nonce: String
  /// The dry run of the same plan that was looked at; nil where there was none.
  package var dryRun: DryRun?
  /// The log as it was.
  package var log: LogHead

  package init(
    _ gate: GateDescription, approves: Bool, reason: String, time: Int64, nonce: String, dryRun: DryRun?, log: LogHead
  ) {
    self.gate = gate
    self.approves = approves
    self.reason = reason
    self.time = time
    self.nonce = nonce
    self.dryRun = dryRun
    self.log = log
  }

  /// Reads a statement; nil unless every byte is as this program would write it.
  package init?(_ text: String) {
    guard let json = try? JSON.parse(Array(text.utf8)), json["kind"]?.string == Self.kind,
      let gate = GateDescription(json), let approves = json["approves"]?.bool, let reason = json["reason"]?.string,
      let time = json["time"]?.int, let nonce = json["nonce"]?.string, let size = json["log"]?["size"]?.int,
      let root = json["log"]?["root"]?.string
    else { return nil }
    self.init(
      gate, approves: approves, reason: reason, time: time, nonce: nonce, dryRun: nil,
      log: LogHead(size: size, root: root))
    if let dryRun = json["dry-run"] {
      guard let dryRun = DryRun(dryRun) else { return nil }
      self.dryRun = dryRun
    }
    guard self.text == text else { return nil }
  }

  /// The statement as it is signed.
  package var text: String {
    var members = gate.members
    members += [
      .init("kind", .string(Self.kind)), .init("approves", .bool(approves)), .init("reason", .string(reason)),
      .init("time", .int(time)), .init("nonce", .string(nonce)),
      .init("log", .object([.init("size", .int(log.size)), .init("root", .string(log.root))])),
    ]
    if let dryRun { members.append(.init("dry-run", dryRun.json)) }
    return String(decoding: JSON.object(members).canonicalBytes(), as: UTF8.self)
  }
}
