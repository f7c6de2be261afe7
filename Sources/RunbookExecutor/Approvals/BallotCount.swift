import Journal
import RunEngine
import RunbookParser

/// Verifies what people said about the gates of a run.
package struct BallotCount: Sendable {
  private let policy: Policy?
  private let store: JournalStore
  private let checker: any SignatureChecker
  private let project: PolicyMark?
  private let currentPolicy: @Sendable (String) -> String?

  /// - Parameters:
  ///   - policy: The policy of the run's plan.
  ///   - project: Where that was read, and what it was; nil where it is not looked at again.
  ///   - currentPolicy: What the file at a path says of it now; nil where it cannot be read.
  package init(
    policy: Policy?, store: JournalStore, checker: any SignatureChecker, project: PolicyMark? = nil,
    currentPolicy: @escaping @Sendable (String) -> String? = { _ in nil }
  ) {
    self.policy = policy
    self.store = store
    self.checker = checker
    self.project = project
    self.currentPolicy = currentPolicy
  }

  /// What a ballot comes to.
  package enum Finding {
    /// A vote: who, how they are known, and what they said.
    case vote(person: String, Identity, ApprovalStatement)
    /// Nothing; the reason for people.
    case void(String)
    /// Nobody can tell now; the reason for people. Another time may tell.
    case unable(String)
  }

  /// Whether a ballot is what it claims to be, for a gate.
  ///
  /// - Parameter time: When its signature must be good, in milliseconds since the epoch.
  package func read(_ ballot: Ballot, for gate: GateDescription, at time: Int64) -> Finding {
    guard let statement = ApprovalStatement(ballot.statement) else { return .void("it is no approval") }
    if let difference = gate.difference(from: statement.gate) { return .void(difference) }
    if let project {
      guard let now = currentPolicy(project.path) else {
        return .unable("the project's file \(project.path) cannot be read")
      }
      if now != project.sha256 {
        return .void("the project's people, keys or rules were changed since the run was planned")
      }
    }
    let finding = signer(of: ballot, statement, at: time)
    // What nobody has signed is not looked into any further.
    guard case .vote = finding else { return finding }
    return problem(ofWhatWasSeen: statement) ?? finding
  }

  private func signer(of ballot: Ballot, _ statement: ApprovalStatement, at time: Int64) -> Finding {
    guard let keys = policy?.keys else {
      if ballot.signature != nil { return .void("the project names no keys to verify it with") }
      guard let person = policy?.person(loggedInAs: ballot.login) else {
        return .void("the project knows nobody who is logged in as \(ballot.login)")
      }
      return .vote(person: person.name, .login(ballot.login), statement)
    }
    guard let signature = ballot.signature else { return .void("it is not signed") }
    switch SignerSearch(policy, keys, checker).signer(
      of: ballot.statement, signature: signature, namespace: ApprovalStatement.namespace, at: time)
    {
    case .person(let name, let fingerprint): return .vote(person: name, .key(fingerprint), statement)
    case .nobody(let reason): return .void(reason)
    case .unable(let reason): return .unable(reason)
    }
  }

  /// Whether the log, and the dry run, are those that the approver saw.
  private func problem(ofWhatWasSeen statement: ApprovalStatement) -> Finding? {
    do {
      guard let head = try store.treeHead(ofSize: statement.log.size), head.root.base64 == statement.log.root else {
        return .void("the log is not the one that the approver saw")
      }
      guard let dryRun = statement.dryRun else { return nil }
      let last = try store.records(ofRun: dryRun.run).last { record in
        try record.parsed().content.type != Ballot.recordType
      }
      guard let last, try last.parsed().content.plan == statement.gate.plan,
        ContentHash(of: last.line).hex == dryRun.sha256
      else { return .void("the dry run is not the one that the approver saw") }
      let path = statement.gate.step.drop { $0 != "." }.dropFirst()
      guard DryRunFindings(try StoredRun(dryRun.run, in: store), at: String(path)).sha256 == dryRun.findings else {
        return .void("the dry run did not find what the approver saw")
      }
      return nil
    } catch {
      return .unable("what the approver saw cannot be read: \(error)")
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
