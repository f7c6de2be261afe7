import CanonicalJSON
import Journal
import RunEngine
import RunbookParser

/// What the signatures in a run's records prove: who started it, and who said what about its gates.
package struct ApprovalAudit: Sendable {
  /// A signed statement.
  package struct Finding: Sendable {
    /// The number of its record.
    package var record: Int64
    /// The step; nil for the run's start.
    package var step: String?
    /// Yes or no; nil for the run's start.
    package var approves: Bool?
    /// Who, and how that is known; nil where nobody can be told.
    package var person: (name: String, identity: Identity)?
    /// Why.
    package var reason: String
    /// Whether the run counted it, and the step may have begun for it.
    package var isCounted: Bool
    /// Why it is worth nothing; nil where it is what it says.
    package var problem: String?
    /// Whether that is only because nobody could tell what the signature is worth.
    package var isUnchecked = false
  }

  /// What was found, in the order of the records.
  package private(set) var findings: [Finding] = []

  /// What is wrong with the run apart from what people signed.
  private var flaws: [String] = []

  /// Why what people signed could not be checked; nil where it was.
  package var unchecked: String? {
    findings.first { $0.isUnchecked }.map { finding in
      "record \(finding.record), \(Self.name(finding)): \(finding.problem ?? "")"
    }
  }

  private static func name(_ finding: Finding) -> String {
    finding.step.map { "the approval of \($0)" } ?? "the start"
  }

  /// What the run counted though it is worth nothing, and what began without the approvals it takes.
  package var problems: [String] {
    findings.compactMap { finding in
      guard finding.isCounted, !finding.isUnchecked, let problem = finding.problem else { return nil }
      return "record \(finding.record), \(Self.name(finding)): \(problem)"
    } + flaws
  }

  /// Verifies the signatures in a run's records.
  ///
  /// - Parameter root: Gives the root of the log's tree over so many records, where it is known: approvers have signed the one
  ///   that they saw.
  package init(
    _ records: [(seq: Int64, content: PendingRecord)], _ checker: any SignatureChecker,
    root: (Int64) -> String? = { _ in nil }
  ) {
    guard let first = records.first else { return }
    guard first.content.type == "run.started",
      let plan = first.content.data?["plan"].flatMap({ try? RunPlan(decoding: $0) })
    else {
      report(first.seq, "it holds no plan, and what that asks to be approved is unknown")
      return
    }
    for record in records where record.content.plan.map({ $0 != plan.digest }) ?? false {
      report(record.seq, "it is of another plan than the one that the run was started with, \(plan.digest)")
    }
    flaws += NameAudit.problems(in: records)
    let run = first.content.data?["id"]?.string ?? ""
    let keys = plan.policy?.keys
    let search = keys.map { SignerSearch(plan.policy, $0, checker) }
    if let starter = first.content.data?["starter"] {
      findings.append(Self.start(starter, first, run, plan, search))
    }
    let gates = Self.gates(in: records)
    var counted: [Int64: JSON] = [:]
    for record in records {
      guard let vote = record.content.data?["answer"]?["vote"], let number = vote["record"]?.int else { continue }
      counted[number] = vote
    }
    for record in records {
      guard let ballot = Ballot(record.content) else { continue }
      var finding = Self.ballot(ballot, record, gates, plan, run, search)
      if finding.problem == nil, let log = ApprovalStatement(ballot.statement)?.log, let known = root(log.size),
        known != log.root
      {
        finding.problem = "the log is not the one that the approver saw"
      }
      if let vote = counted[record.seq] {
        finding.isCounted = true
        let isSame = finding.person?.name == vote["person"]?.string && finding.approves == vote["approves"]?.bool
        if finding.problem == nil, !isSame { finding.problem = "the run took it for something else" }
      }
      findings.append(finding)
    }
    // Without them nothing can be said of what began for them.
    if unchecked == nil { auditGates(records, plan) }
  }

  private mutating func report(_ record: Int64, _ problem: String) { flaws.append("record \(record): \(problem)") }

  /// Holds what began against what was approved.
  private mutating func auditGates(_ records: [(seq: Int64, content: PendingRecord)], _ plan: RunPlan) {
    var starter: GateAudit.Approval?
    var approvals: [Int64: GateAudit.Approval] = [:]
    for finding in findings where finding.problem == nil {
      guard let person = finding.person else { continue }
      let approval = GateAudit.Approval(person: person.name, identity: person.identity)
      if finding.approves == nil { starter = approval }
      if finding.approves == true { approvals[finding.record] = approval }
    }
    let audit = GateAudit(records, plan, starter: starter, approvals: approvals)
    for place in findings.indices where findings[place].problem == nil {
      guard let reason = audit.voided[findings[place].record] else { continue }
      findings[place].isCounted = false
      findings[place].problem = "it was void when the step was about to begin: \(reason)"
    }
    flaws += audit.problems.map { "record \($0.record), \($0.step): \($0.text)" }
  }

  /// A gate as it was put before people.
  private struct Gate {
    let step: String
    let sha256: String
    let expires: Int64?
  }

  private static func gates(in records: [(seq: Int64, content: PendingRecord)]) -> [String: Gate] {
    var gates: [String: Gate] = [:]
    for record in records where record.content.type == "person.asked" {
      guard let id = record.content.data?["id"]?.string, let question = record.content.data?["question"],
        question["kind"]?.string == "approval"
      else { continue }
      gates[id] = Gate(
        step: record.content.step ?? "", sha256: ContentHash(of: question.canonicalBytes()).hex,
        expires: question["expires"]?.int)
    }
    return gates
  }

  private static func start(
    _ starter: JSON, _ record: (seq: Int64, content: PendingRecord), _ run: String, _ plan: RunPlan,
    _ search: SignerSearch?
  ) -> Finding {
    var finding = Finding(record: record.seq, reason: "", isCounted: true)
    let text = starter["statement"]?.string ?? ""
    guard let statement = StartStatement(text), statement.run == run, statement.plan == plan.digest else {
      finding.problem = "what was signed is not the start of this run"
      return finding
    }
    switch search?.signer(
      of: text, signature: starter["signature"]?.string ?? "", namespace: StartStatement.namespace,
      at: record.content.timestamp)
    {
    case .person(let name, let fingerprint)?:
      finding.person = (name, .key(fingerprint))
      if name != starter["person"]?.string { finding.problem = "it is signed by \(name)" }
    case .nobody(let reason)?: finding.problem = reason
    case .unable(let reason)?: (finding.problem, finding.isUnchecked) = (reason, true)
    case nil: finding.problem = "the plan names no keys to verify it with"
    }
    return finding
  }

  private static func ballot(
    _ ballot: Ballot, _ record: (seq: Int64, content: PendingRecord), _ gates: [String: Gate], _ plan: RunPlan,
    _ run: String, _ search: SignerSearch?
  ) -> Finding {
    var finding = Finding(record: record.seq, step: record.content.step, reason: "", isCounted: false)
    guard let statement = ApprovalStatement(ballot.statement) else {
      finding.problem = "it is no approval"
      return finding
    }
    // What was signed counts, not what stands around it.
    finding.step = statement.gate.step
    finding.approves = statement.approves
    finding.reason = statement.reason
    guard statement.gate.run == run, statement.gate.plan == plan.digest, statement.gate.inputs == plan.inputsDigest
    else {
      finding.problem = "it is for another run or plan"
      return finding
    }
    guard let gate = gates[statement.gate.gate], gate.step == statement.gate.step, gate.step == record.content.step,
      gate.sha256 == statement.gate.action, gate.expires == statement.gate.expires
    else {
      finding.problem = "it is for a gate that the run did not put before anybody"
      return finding
    }
    switch (search, ballot.signature) {
    case (nil, _):
      if let person = plan.policy?.person(loggedInAs: ballot.login) {
        finding.person = (person.name, .login(ballot.login))
      } else {
        finding.problem = "the plan knows nobody who is logged in as \(ballot.login)"
      }
    case (_?, nil): finding.problem = "it is not signed"
    case (let search?, let signature?):
      switch search.signer(
        of: ballot.statement, signature: signature, namespace: ApprovalStatement.namespace,
        at: record.content.timestamp)
      {
      case .person(let name, let fingerprint): finding.person = (name, .key(fingerprint))
      case .nobody(let reason): finding.problem = reason
      case .unable(let reason): (finding.problem, finding.isUnchecked) = (reason, true)
      }
    }
    return finding
  }
}
