import Journal
import RunEngine
import RunbookParser

/// Verifies what people said about the gates of a run.
package struct BallotCount: Sendable {
  private let policy: Policy?
  private let store: JournalStore
  private let checker: any SignatureChecker
  private let currentPeople: @Sendable () -> Policy?

  /// - Parameters:
  ///   - policy: The policy of the run's plan.
  ///   - currentPeople: The people, roles and keys that the project has now; nil where that cannot be known.
  package init(
    policy: Policy?, store: JournalStore, checker: any SignatureChecker,
    currentPeople: @escaping @Sendable () -> Policy? = { nil }
  ) {
    self.policy = policy
    self.store = store
    self.checker = checker
    self.currentPeople = currentPeople
  }

  /// What a ballot comes to.
  package enum Finding {
    /// A vote: who, how they are known, and what they said.
    case vote(person: String, Identity, ApprovalStatement)
    /// Nothing; the reason for people.
    case void(String)
  }

  /// Whether a ballot is what it claims to be, for a gate.
  ///
  /// - Parameter time: When it was recorded, in milliseconds since the epoch; signatures must have been good then.
  package func read(_ ballot: Ballot, for gate: GateDescription, at time: Int64) -> Finding {
    guard let statement = ApprovalStatement(ballot.statement) else { return .void("it is no approval") }
    if let difference = gate.difference(from: statement.gate) { return .void(difference) }
    if let problem = problem(ofWhatWasSeen: statement) { return .void(problem) }
    if let current = currentPeople(), let change = change(in: current) {
      return .void("the project's \(change) were changed since the run was planned")
    }
    guard let keys = policy?.keys else {
      if ballot.signature != nil { return .void("the project names no keys to verify it with") }
      guard let person = policy?.person(loggedInAs: ballot.login) else {
        return .void("the project knows nobody who is logged in as \(ballot.login)")
      }
      return .vote(person: person.name, .login(ballot.login), statement)
    }
    guard let signature = ballot.signature else { return .void("it is not signed") }
    let search = SignerSearch(policy, keys, checker)
    switch search.signer(
      of: ballot.statement, signature: signature, namespace: ApprovalStatement.namespace, at: time)
    {
    case .person(let name, let fingerprint): return .vote(person: name, .key(fingerprint), statement)
    case .nobody(let reason): return .void(reason)
    }
  }

  /// What of those who approve is not as it was when the run was planned; nil where all is.
  private func change(in current: Policy) -> String? {
    if current.keys != policy?.keys { return "keys" }
    if current.people != policy?.people { return "people" }
    return current.roles != policy?.roles ? "roles" : nil
  }

  /// Whether the log, and the dry run, are those that the approver saw.
  private func problem(ofWhatWasSeen statement: ApprovalStatement) -> String? {
    do {
      let head = try store.treeHead(ofSize: statement.log.size)
      guard head.root.base64 == statement.log.root else { return "the log is not the one that the approver saw" }
      guard let dryRun = statement.dryRun else { return nil }
      let last = try store.records(ofRun: dryRun.run).last { record in
        try record.parsed().content.type != Ballot.recordType
      }
      guard let last, try last.parsed().content.plan == statement.gate.plan,
        ContentHash(of: last.line).hex == dryRun.sha256
      else { return "the dry run is not the one that the approver saw" }
      return nil
    } catch {
      return "what the approver saw cannot be read: \(error)"
    }
  }
}

extension SignerSearch {
  /// A search among the people of a policy.
  package init(_ policy: Policy?, _ keys: PolicyKeys, _ checker: any SignatureChecker) {
    self.init(
      people: (policy?.people ?? []).map { ($0.name, $0.principal) }, allowedSigners: keys.allowedSigners,
      revoked: keys.revoked, checker: checker)
  }
}
