import CanonicalJSON
import Journal
import RunEngine

/// What a dry run of the same plan came to at a gate's step, as approvers are shown it and sign it along.
package struct DryRunFindings: Sendable, Hashable {
  /// An attempt of the step's dry run, of one of its checks, or of something inside it.
  package struct Finding: Sendable, Hashable {
    /// What was attempted, such as `steps.promote.preconditions.0`.
    package var address: String
    /// How it ended.
    package var end: String
    /// What it wrote: the beginning of it, a text for each stream.
    package var written: [String]
    /// How much it wrote besides what `written` has, in bytes; 0 where that is all.
    package var left: Int64
  }

  /// How the whole run ended.
  package var outcome: String
  /// How the step did; `not reached` where the run did not come to it.
  package var status: String
  /// What that is worth as evidence; nil where it was not reached.
  package var evidence: Evidence?
  package var findings: [Finding]

  /// What the records of a dry run say of the step with this name.
  package init(_ run: StoredRun, at path: String) {
    let state = run.state
    let step = state.stepsInOrder.first { state.path(of: $0) == path }
    outcome = state.provisionalOutcome?.rawValue ?? "not over"
    status = step.map { state.status(of: $0).rawValue } ?? "not reached"
    evidence = step.map { state.steps[Int($0.value)].evidence }
    findings = run.entries.compactMap { entry in
      guard case .actionEnded(let id, let end) = entry.event, let step = id.step else { return nil }
      let name = state.path(of: step)
      guard name == path || name.hasPrefix(path + "/") || name.hasPrefix(path + "[") else { return nil }
      return Finding(RunEventCodec.address(id, state), end)
    }
  }

  /// Reads what `json` wrote; nil for anything else.
  package init?(_ json: JSON) {
    guard let outcome = json["outcome"]?.string, let status = json["status"]?.string,
      let findings = json["findings"]?.array
    else { return nil }
    self.outcome = outcome
    self.status = status
    self.evidence = json["evidence"]?.string.flatMap(Evidence.init)
    self.findings = findings.compactMap { finding in
      guard let address = finding["address"]?.string, let end = finding["end"]?.string,
        let written = finding["written"]?.array, let left = finding["left"]?.int
      else { return nil }
      return Finding(address: address, end: end, written: written.compactMap(\.string), left: left)
    }
    guard self.json.canonicalBytes() == json.canonicalBytes() else { return nil }
  }

  /// For an approver on another machine.
  package var json: JSON {
    var members: [JSON.Member] = [
      .init("outcome", .string(outcome)), .init("status", .string(status)),
      .init(
        "findings",
        .array(
          findings.map { finding in
            .object([
              .init("address", .string(finding.address)), .init("end", .string(finding.end)),
              .init("written", .strings(finding.written)), .init("left", .int(finding.left)),
            ])
          })),
    ]
    if let evidence { members.append(.init("evidence", .string(evidence.rawValue))) }
    return JSON.object(members)
  }

  /// The SHA-256 of all of it, in hexadecimal.
  package var sha256: String { ContentHash(of: json.canonicalBytes()).hex }
}

extension DryRunFindings.Finding {
  init(_ address: String, _ end: ActionEnd) {
    self.address = address
    switch end.ending {
    case .exited(let status, _, _): self.end = "exit \(status)"
    case .signalled(let signal, _, _): self.end = "ended by signal \(signal)"
    case .answered(let answer): self.end = "status \(answer.status)"
    case .unanswered(let reason): self.end = "no answer: \(reason)"
    case .cancelled: self.end = "ended before it was over"
    case .assumed: self.end = "not done"
    case .refuted: self.end = "without success"
    }
    if end.evidence != .observed { self.end += " (\(end.evidence.rawValue))" }
    for note in end.notes { self.end += "; " + note }
    let outputs = end.captured.map(\.output)
    written = outputs.map { Self.beginning(of: $0.text) }.filter { !$0.isEmpty }
    left = max(0, outputs.reduce(0) { $0 + $1.bytes } - written.reduce(0) { $0 + Int64($1.utf8.count) })
  }

  /// How many bytes of a stream are shown.
  private static let limit = 2000

  /// No more of a text than is shown, cut between characters.
  private static func beginning(of text: String) -> String {
    if text.utf8.count <= limit { return text }
    var beginning = text.prefix(limit)
    while beginning.utf8.count > limit { beginning.removeLast() }
    return String(beginning)
  }
}
