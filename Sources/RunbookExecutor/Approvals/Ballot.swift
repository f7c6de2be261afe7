import CanonicalJSON
import Journal
import RunEngine

/// What somebody said about a gate, as a record holds it: the statement, and the signature over it.
package struct Ballot: Hashable, Sendable {
  /// The type of the records.
  package static let recordType = PendingRecord.approvalType

  /// The login name under which it was written down.
  package var login: String
  /// What was said.
  package var statement: String
  /// The signature, in OpenSSH's armor; nil where a login name is all there is.
  package var signature: String?

  package init(login: String, statement: String, signature: String?) {
    self.login = login
    self.statement = statement
    self.signature = signature
  }

  /// Reads a record; nil where it is none of an approval.
  init?(_ record: PendingRecord) {
    guard record.type == Self.recordType, let statement = record.data?["statement"]?.string else { return nil }
    self.init(login: record.actor ?? "", statement: statement, signature: record.data?["signature"]?.string)
  }

  /// The record of it.
  package func record(of gate: GateDescription, at time: Int64) -> PendingRecord {
    var members: [JSON.Member] = [.init("statement", .string(statement))]
    if let signature { members.append(.init("signature", .string(signature))) }
    return PendingRecord(
      timestamp: time, type: Self.recordType, step: gate.step, actor: login, plan: gate.plan, data: .object(members))
  }
}

extension Ballot {
  /// The ballot for a gate that a stored record holds, and when it was recorded; nil where it is none.
  static func read(_ stored: StoredRecord, at gate: GateDescription) -> (ballot: Ballot, time: Int64)? {
    guard let record = try? stored.parsed().content, let ballot = Ballot(record),
      ApprovalStatement(ballot.statement)?.gate.gate == gate.gate || record.step == gate.step
    else { return nil }
    return (ballot, record.timestamp)
  }

  /// The dry runs that people looked at whose votes for runs that are not over may still be counted.
  package static func dryRunsThatCount(in store: JournalStore) throws -> Set<String> {
    var found: Set<String> = []
    for entry in try store.runs() {
      let records = try store.records(ofRun: entry.id).map { try $0.parsed().content }
      guard !records.contains(where: { $0.type == "run.ended" }) else { continue }
      for ballot in records.compactMap(Ballot.init) {
        if let run = ApprovalStatement(ballot.statement)?.dryRun?.run { found.insert(run) }
      }
    }
    return found
  }
}

extension Vote {
  /// What a verified ballot says.
  init(
    _ stored: StoredRecord, _ person: String, _ identity: Identity, _ statement: ApprovalStatement, _ time: Int64
  ) {
    self.init(
      record: stored.seq, person: person, identity: identity, approves: statement.approves, reason: statement.reason,
      time: time)
  }
}
