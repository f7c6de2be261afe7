import CanonicalJSON
import Journal
import RunEngine

/// A gate as it is carried to an approver on another machine.
package struct ApprovalRequestFile: Sendable {
  /// The gate.
  package var gate: GateDescription
  /// The log as it was.
  package var log: ApprovalStatement.LogHead
  /// The dry run of the same plan; nil where there was none.
  package var dryRun: ApprovalStatement.DryRun?
  /// What was asked, whose SHA-256 the gate names.
  package var question: JSON
  /// What the approver is shown besides.
  package var shown: [String]

  package init(
    _ gate: GateDescription, log: ApprovalStatement.LogHead, dryRun: ApprovalStatement.DryRun?, question: Question,
    shown: [String]
  ) {
    self.gate = gate
    self.log = log
    self.dryRun = dryRun
    self.question = RunEventCodec.encode(question)
    self.shown = shown
  }

  /// Reads what `content` wrote; nil for anything else, also where what was asked is not what the gate names.
  package init?(_ json: JSON) {
    guard let gate = json["gate"].flatMap({ GateDescription($0) }), let size = json["log"]?["size"]?.int,
      let root = json["log"]?["root"]?.string, let question = json["question"],
      ContentHash(of: question.canonicalBytes()).hex == gate.action, let shown = json["shown"]?.array
    else { return nil }
    self.gate = gate
    self.log = ApprovalStatement.LogHead(size: size, root: root)
    self.question = question
    self.shown = shown.compactMap(\.string)
    if let run = json["dry-run"]?["run"]?.string, let sha256 = json["dry-run"]?["sha256"]?.string {
      dryRun = ApprovalStatement.DryRun(run: run, sha256: sha256)
    }
  }

  /// The block that carries it.
  package var block: ApprovalBlock {
    var members: [JSON.Member] = [
      .init("gate", .object(gate.members)),
      .init("log", .object([.init("size", .int(log.size)), .init("root", .string(log.root))])),
      .init("question", question), .init("shown", .array(shown.map { .string($0) })),
    ]
    if let dryRun {
      members.append(
        .init("dry-run", .object([.init("run", .string(dryRun.run)), .init("sha256", .string(dryRun.sha256))])))
    }
    return ApprovalBlock(.request, .object(members))
  }
}
