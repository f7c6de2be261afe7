import CanonicalJSON
import Journal
import RunEngine
import RunbookParser

/// A gate as it is carried to an approver on another machine: all that is shown there follows from what is signed.
package struct ApprovalRequestFile: Sendable {
  /// The gate.
  package let gate: GateDescription
  /// The log as it was.
  package let log: ApprovalStatement.LogHead
  /// The dry run of the same plan; nil where there was none.
  package let dryRun: ApprovalStatement.DryRun?
  /// What that found at the step, whose SHA-256 it names.
  package let findings: DryRunFindings?
  /// The plan, whose digest the gate names.
  package let plan: RunPlan
  /// What was asked, whose SHA-256 the gate names.
  package let request: ApprovalRequest
  /// What the plan says of the step.
  package let step: PlannedStep
  private let question: JSON

  package init(
    _ gate: GateDescription, log: ApprovalStatement.LogHead,
    _ dryRun: (findings: DryRunFindings, mark: ApprovalStatement.DryRun)?,
    _ plan: RunPlan, _ question: Question, _ request: ApprovalRequest, _ step: PlannedStep
  ) {
    self.gate = gate
    self.log = log
    self.dryRun = dryRun?.mark
    self.findings = dryRun?.findings
    self.plan = plan
    self.request = request
    self.step = step
    self.question = RunEventCodec.encode(question)
  }

  /// Reads what `block` wrote; nil for anything else, also where plan, inputs or question are not what the gate names.
  package init?(_ json: JSON) {
    guard let gate = json["gate"].flatMap({ GateDescription($0) }), let size = json["log"]?["size"]?.int,
      let root = json["log"]?["root"]?.string, let question = json["question"],
      ContentHash(of: question.canonicalBytes()).hex == gate.action,
      let plan = json["plan"].flatMap({ try? RunPlan(decoding: $0) }), plan.digest == gate.plan,
      plan.inputsDigest == gate.inputs, let step = plan.step(at: gate.step),
      let request = RunEventCodec.approvalRequest(question), request.expires == gate.expires
    else { return nil }
    self.gate = gate
    self.log = ApprovalStatement.LogHead(size: size, root: root)
    self.plan = plan
    self.request = request
    self.step = step
    self.question = question
    if let said = json["dry-run"] {
      guard let mark = ApprovalStatement.DryRun(said), let findings = json["findings"].flatMap({ DryRunFindings($0) }),
        findings.sha256 == mark.findings
      else { return nil }
      dryRun = mark
      self.findings = findings
    } else {
      dryRun = nil
      findings = nil
    }
  }

  /// The block that carries it.
  package var block: ApprovalBlock {
    var members: [JSON.Member] = [
      .init("gate", .object(gate.members)),
      .init("log", .object([.init("size", .int(log.size)), .init("root", .string(log.root))])),
      .init("plan", plan.encoded()), .init("question", question),
    ]
    if let dryRun, let findings {
      members += [.init("dry-run", dryRun.json), .init("findings", findings.json)]
    }
    return ApprovalBlock(.request, .object(members))
  }
}

extension RunPlan {
  /// The step at an address such as `steps.shift[1]/check` or `finally.tell`; nil where there is none.
  func step(at address: String) -> PlannedStep? {
    guard let dot = address.firstIndex(of: ".") else { return nil }
    var lists: [[PlannedStep]] = address[..<dot] == "finally" ? [finally] : [steps]
    var found: PlannedStep?
    for part in address[address.index(after: dot)...].split(separator: "/") {
      let name = part.prefix { $0 != "[" }
      found = lists.lazy.compactMap { $0.first { $0.id == name } }.first
      guard let step = found else { return nil }
      lists = step.action.blocks
      // An item is the repeated step itself.
      if part.count > name.count, case .forEach(let each) = step.action {
        found = each.template
        lists = each.template.action.blocks
      }
    }
    return found
  }
}
