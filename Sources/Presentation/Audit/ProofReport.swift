import CanonicalJSON
import Expressions
import Journal

/// What checking a run's proof found: `belay audit check-proof`.
package struct ProofReport {
  private let report: RunProofReport
  private let isPinned: Bool

  /// - Parameter isPinned: Whether the keys came from the reader rather than from the proof.
  package init(report: RunProofReport, isPinned: Bool) {
    self.report = report
    self.isPinned = isPinned
  }

  /// The lines for people.
  package func lines(colour: Bool) -> [String] {
    let words = RunWords(colour: colour)
    guard report.isProven, let checkpoint = report.checkpoint, let first = report.entries.first,
      let last = report.entries.last
    else {
      return [words.paint("not proven", .red)] + report.problems.map { "  " + RunWords.harmless($0) }
    }
    var lines = [
      words.paint("proven", .green)
        + ": run \(RunWords.harmless(report.run)), \(AuditReport.count(Int64(report.entries.count), "record")) "
        + "(\(first.seq) to \(last.seq)) of the \(checkpoint.size) that \(RunWords.harmless(checkpoint.origin)) has signed",
      "plan \(report.plan ?? "unknown")",
      report.outcome.map { "ended: \(RunWords.harmless($0))" } ?? "not ended",
      "\(AuditReport.count(Int64(report.outputs.count), "output")) named by hash",
    ]
    let people = report.entries.compactMap { entry in
      entry.actor.map { "  record \(entry.seq), \(entry.type)\(entry.step.map { " " + $0 } ?? ""): \($0)" }
    }
    if !people.isEmpty { lines += ["people:"] + people.map { RunWords.harmless($0) } }
    if report.gaps > 0 {
      lines.append("\(AuditReport.count(report.gaps, "record")) in between of other runs, which a proof does not show")
    }
    for cosignature in report.cosignatures {
      lines.append(
        "cosigned by \(RunWords.harmless(cosignature.name)) at "
          + "\(Timestamp(milliseconds: cosignature.time * 1000))")
    }
    for key in report.keys {
      lines.append((isPinned ? "held against the key given, " : "held against ") + RunWords.harmless(key.description))
    }
    if !isPinned { lines.append("this key comes from the file itself; --key checks against yours") }
    return lines
  }

  /// The report for programs.
  package var json: JSON {
    .object([
      .init("proven", .bool(report.isProven)), .init("problems", .strings(report.problems)),
      .init("run", .string(report.run)), .init("plan", report.plan.map { .string($0) } ?? .null),
      .init("outcome", report.outcome.map { .string($0) } ?? .null),
      .init("origin", report.checkpoint.map { .string($0.origin) } ?? .null),
      .init("size", report.checkpoint.map { .int($0.size) } ?? .null),
      .init("keys", .strings(report.keys.map(\.description))), .init("pinned", .bool(isPinned)),
      .init(
        "cosignatures",
        .array(
          report.cosignatures.map { .object([.init("name", .string($0.name)), .init("time", .int($0.time))]) })),
      .init("gaps", .int(report.gaps)),
      .init(
        "records",
        .array(
          report.entries.map { entry in
            .object([
              .init("seq", .int(entry.seq)), .init("ts", .int(entry.time)), .init("type", .string(entry.type)),
              .init("step", entry.step.map { .string($0) } ?? .null),
              .init("actor", entry.actor.map { .string($0) } ?? .null),
            ])
          })),
      .init("outputs", .strings(report.outputs)),
    ])
  }
}
