import CanonicalJSON
import Journal
import RunEngine
import RunbookParser

/// Whether what began in a run had the approvals that its plan asks for, by the records alone.
///
/// It asks the state machine nothing: what that would not have let happen may have been written by somebody else.
struct GateAudit {
  /// Somebody's yes, verified.
  struct Approval {
    let person: String
    let identity: Identity
  }

  /// Something that began without what the plan asks for.
  struct Problem {
    let record: Int64
    let step: String
    let text: String
  }

  /// A gate as the records so far tell of it.
  private struct Gate {
    var action: JSON?
    var expires: Int64?
    /// The votes that counted and were not voided since, by their records.
    var votes: [Int64: Approval] = [:]
    /// Whether the engine that drives the run has verified them.
    var isVerified = false
  }

  private let plan: RunPlan
  /// Who is proven to have started the run.
  private let starter: Approval?
  /// The verified approvals, by their records.
  private let approvals: [Int64: Approval]
  private var gates: [String: Gate] = [:]
  private(set) var problems: [Problem] = []
  /// The votes that did not count any more when they were verified once more, with the reason.
  private(set) var voided: [Int64: String] = [:]

  init(
    _ records: [(seq: Int64, content: PendingRecord)], _ plan: RunPlan, starter: Approval?,
    approvals: [Int64: Approval]
  ) {
    self.plan = plan
    self.starter = starter
    self.approvals = approvals
    // A dry run asks nobody, and changes nothing.
    guard records.first?.content.data?["mode"]?.string != RunMode.dryRun.rawValue else {
      for record in records { refuseDeed(record.seq, record.content) }
      return
    }
    for record in records { take(record.seq, record.content) }
  }

  private mutating func take(_ number: Int64, _ record: PendingRecord) {
    let step = record.step ?? ""
    switch record.type {
    case "engine.started":
      for address in gates.keys { gates[address]?.isVerified = false }
    case "person.asked":
      guard let question = record.data?["question"], question["kind"]?.string == "approval" else { return }
      gates[step] = Gate(action: question["action"], expires: question["expires"]?.int)
    case "person.answered":
      if let vote = record.data?["answer"]?["vote"] { count(vote, number, step) }
    case "votes.verified":
      verify(record.data, step)
    case "intent":
      guard record.data?["id"]?.string?.contains("/action#") == true else { return }
      begin(step, number, record.data?["action"], isRepeated: (record.attempt ?? 1) > 1)
    case "step.expanded":
      begin(step, number, nil, isRepeated: false)
    default: break
    }
  }

  /// Reports what a dry run does not do.
  private mutating func refuseDeed(_ number: Int64, _ record: PendingRecord) {
    guard record.type == "action.ended", let step = record.step, let planned = plan.step(at: step),
      planned.effect != .observe, let end = record.data?["end"], end["assumed"] == nil
    else { return }
    report(number, step, "the run is said to be a dry run, and this was done")
  }

  private mutating func count(_ vote: JSON, _ number: Int64, _ step: String) {
    guard vote["approves"]?.bool == true, let record = vote["record"]?.int, var gate = gates[step] else { return }
    guard let approval = approvals[record], approval.person == vote["person"]?.string else {
      return report(number, step, "it counts an approval of \(vote["person"]?.string ?? "somebody") that nobody gave")
    }
    guard isEligible(approval, vote["time"]?.int ?? .max, gate, step) else { return }
    gate.votes[record] = approval
    gates[step] = gate
  }

  private func isEligible(_ approval: Approval, _ time: Int64, _ gate: Gate, _ step: String) -> Bool {
    guard let planned = plan.step(at: step)?.approval else { return false }
    if let expires = gate.expires, time > expires { return false }
    guard planned.demands.contains(where: { plan.policy?.has(approval.person, oneOf: $0.roles) == true }) else {
      return false
    }
    if planned.excludesStarter != nil {
      guard let starter, starter.person != approval.person, starter.identity != approval.identity else { return false }
    }
    return !gate.votes.values.contains { vote in
      if vote.person == approval.person { return true }
      if case .key = vote.identity { return vote.identity == approval.identity }
      return false
    }
  }

  private mutating func verify(_ data: JSON?, _ step: String) {
    for vote in data?["void"]?.array ?? [] {
      guard let record = vote["record"]?.int else { continue }
      voided[record] = vote["reason"]?.string ?? ""
      for address in gates.keys { gates[address]?.votes[record] = nil }
    }
    guard data?["void"] == nil, data?["denials"] == nil else { return }
    for address in Self.around(step) { gates[address]?.isVerified = true }
  }

  /// Something begins to act.
  private mutating func begin(_ step: String, _ number: Int64, _ action: JSON?, isRepeated: Bool) {
    for address in Self.around(step) {
      guard let approval = plan.step(at: address)?.approval else { continue }
      guard let gate = gates[address] else {
        report(number, step, "it began, and nobody was asked to approve \(address)")
        continue
      }
      for demand in approval.demands {
        let count = gate.votes.values.count { plan.policy?.has($0.person, oneOf: demand.roles) == true }
        guard count < demand.count else { continue }
        let who = demand.roles.joined(separator: " or ")
        report(number, step, "it began with \(count) of the \(demand.count) approvals of \(who) that \(address) needs")
      }
      // A background program is started again on the way back, whatever became of the approvals.
      if !gate.isVerified, !(isRepeated && plan.step(at: step)?.ready != nil) {
        report(number, step, "it began, and the engine had not verified the approvals of \(address)")
      }
      if address == step, let action, let approved = gate.action, action != approved {
        report(number, step, "what was about to be done is not what was approved")
      }
    }
  }

  private mutating func report(_ record: Int64, _ step: String, _ text: String) {
    problems.append(Problem(record: record, step: step, text: text))
  }

  /// The address of a step and those of what it stands inside, from the inside out.
  private static func around(_ step: String) -> [String] {
    var found = [step]
    var rest = step[...]
    while let last = rest.last {
      rest.removeLast()
      if last == "/" || last == "[" { found.append(String(rest)) }
    }
    return found
  }
}
