import CanonicalJSON
import Journal
import RunEngine

/// An open gate of a run in a store, and what approvers need to know besides.
package struct GateVisit {
  /// The run.
  package let run: StoredRun
  /// The step.
  package let step: StepIndex
  /// The gate.
  package let gate: OpenGate
  /// The gate as approvers sign it.
  package let description: GateDescription
  /// What the newest dry run of the same plan found that came to its end, and how that is signed.
  package let dryRun: (findings: DryRunFindings, mark: ApprovalStatement.DryRun)?
  private let store: JournalStore

  /// Looks at an open gate.
  package init(_ run: StoredRun, _ step: StepIndex, _ gate: OpenGate, in store: JournalStore) throws {
    self.run = run
    self.step = step
    self.gate = gate
    self.store = store
    description = GateDescription(gate, of: step, in: run.state)
    dryRun = try Self.dryRun(of: run.state.plan.digest, at: run.state.path(of: step), in: store)
  }

  private static func dryRun(
    of digest: String, at path: String, in store: JournalStore
  ) throws -> (findings: DryRunFindings, mark: ApprovalStatement.DryRun)? {
    for entry in try store.runs() {
      let records = try store.records(ofRun: entry.id)
      guard let first = try records.first?.parsed().content, first.plan == digest, let last = records.last,
        first.data?["mode"]?.string == RunMode.dryRun.rawValue, try last.parsed().content.type == "run.ended",
        let stored = try? StoredRun(entry.id, in: store)
      else { continue }
      let findings = DryRunFindings(stored, at: path)
      return (
        findings,
        ApprovalStatement.DryRun(run: entry.id, sha256: ContentHash(of: last.line).hex, findings: findings.sha256)
      )
    }
    return nil
  }

  /// What people have said since an engine heard the gate last, and what would count of it, in order; nothing of what cannot
  /// be verified now.
  package func unheard(_ count: BallotCount) throws -> [Vote] {
    var votes: [Vote] = []
    for stored in try store.records(ofRun: run.state.run.id, after: gate.heard) {
      guard let (ballot, time) = Ballot.read(stored, at: description),
        case .vote(let person, let identity, let statement) = count.read(ballot, for: description, at: time)
      else { continue }
      let vote = Vote(stored, person, identity, statement, time)
      if run.state.refusal(of: vote, at: votes.reduce(gate) { $0.adding($1) }) == nil { votes.append(vote) }
    }
    return votes
  }

  /// The log as it is now.
  package func logHead() throws -> ApprovalStatement.LogHead {
    guard let head = try store.treeHead() else { return ApprovalStatement.LogHead(size: 0, root: "") }
    return ApprovalStatement.LogHead(size: head.size, root: head.root.base64)
  }

  /// Writes a ballot into the store.
  ///
  /// - Returns: The number of its record.
  package func cast(_ ballot: Ballot, at time: Int64) throws -> Int64 {
    try store.append(beside: run.state.run.id, ballot.record(of: description, at: time))
  }
}
