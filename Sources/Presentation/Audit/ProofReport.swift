import CanonicalJSON
import Expressions
import Journal
import RunEngine

/// What checking a run's proof found: `belay audit check-proof`.
package struct ProofReport {
  private let report: RunProofReport
  private let isPinned: Bool
  private let statements: [SignedStatement]
  private let problems: [String]
  private let unchecked: String?

  /// Something that somebody signed, or said unproven.
  package struct SignedStatement {
    package var record: Int64
    /// What was said: `started it`, `approved steps.promote`.
    package var what: String
    package var person: (name: String, identity: Identity)?
    package var reason: String
    /// Why it is worth nothing; nil where it is what it says.
    package var problem: String?

    package init(
      record: Int64, what: String, person: (name: String, identity: Identity)?, reason: String, problem: String?
    ) {
      self.record = record
      self.what = what
      self.person = person
      self.reason = reason
      self.problem = problem
    }
  }

  /// - Parameters:
  ///   - isPinned: Whether the keys came from the reader rather than from the proof.
  ///   - statements: What people signed, and what that is worth.
  ///   - problems: What of it the run counted though it is worth nothing.
  ///   - unchecked: Why it is not known what that is worth; nil where it is.
  package init(
    report: RunProofReport, isPinned: Bool, statements: [SignedStatement] = [], problems: [String] = [],
    unchecked: String? = nil
  ) {
    self.report = report
    self.isPinned = isPinned
    self.statements = statements
    self.problems = report.problems + problems
    self.unchecked = unchecked
  }

  /// What the proof is worth.
  package enum Verdict: Sendable {
    /// The records are in the log, and what people signed is theirs.
    case proven
    /// They are not, or it is not.
    case notProven
    /// They are, and nobody could tell whose it is.
    case notChecked
  }

  /// What the proof is worth.
  package var verdict: Verdict { problems.isEmpty ? unchecked == nil ? .proven : .notChecked : .notProven }

  /// The lines for people.
  package func lines(colour: Bool) -> [String] {
    let words = RunWords(colour: colour)
    if case .notChecked = verdict, let unchecked {
      return [
        words.paint("not checked", .yellow) + ": what people signed; the records are in the log that was signed",
        "  " + RunWords.marked(unchecked),
      ]
    }
    guard case .proven = verdict, let checkpoint = report.checkpoint, let first = report.entries.first,
      let last = report.entries.last
    else {
      return [words.paint("not proven", .red)] + problems.map { "  " + RunWords.marked($0) }
    }
    var lines = [
      words.paint("proven", .green)
        + ": run \(RunWords.marked(report.run)), \(AuditReport.count(Int64(report.entries.count), "record")) "
        + "(\(first.seq) to \(last.seq)) of the \(checkpoint.size) that \(RunWords.marked(checkpoint.origin)) has signed",
      "plan \(report.plan ?? "unknown")",
      (report.outcome.map { "ended: \(RunWords.marked($0))" } ?? "not ended")
        + (report.mode.map { " (\(RunWords.marked($0)))" } ?? ""),
      "\(AuditReport.count(Int64(report.outputs.count), "output")) named by hash",
    ]
    // Who signed what a record holds is among what was said.
    let people = report.entries.filter { !isSigned($0.seq) }.compactMap { entry in
      entry.actor.map { "  record \(entry.seq), \(entry.type)\(entry.step.map { " " + $0 } ?? ""): \($0), unproven" }
    }
    if !people.isEmpty { lines += ["people:"] + people.map { RunWords.marked($0) } }
    if !statements.isEmpty { lines.append("said:") }
    for statement in statements {
      let who = statement.person.map { "\($0.name), \(RunWords.identity($0.identity))" } ?? "somebody"
      let reason = statement.reason.isEmpty ? "" : ": " + statement.reason
      let problem = statement.problem.map { "; it did not count: \($0)" } ?? ""
      lines.append(
        "  record \(statement.record): " + RunWords.marked("\(who), \(statement.what)\(reason)\(problem)"))
    }
    if report.gaps > 0 {
      lines.append(
        "\(AuditReport.count(report.gaps, "record")) in between not in it: of other runs, or left out, which an export shows"
      )
    }
    for cosignature in report.cosignatures {
      lines.append(
        "cosigned by \(RunWords.marked(cosignature.name)) at "
          + "\(Timestamp(milliseconds: cosignature.time * 1000))")
    }
    for key in report.keys {
      lines.append((isPinned ? "held against the key given, " : "held against ") + RunWords.marked(key.description))
    }
    if !isPinned { lines.append("this key comes from the file itself; --key checks against yours") }
    return lines
  }

  /// Whether a key proves who a record is of.
  private func isSigned(_ record: Int64) -> Bool {
    statements.contains { statement in
      guard statement.record == record, statement.problem == nil, case .key? = statement.person?.identity else {
        return false
      }
      return true
    }
  }

  /// The report for programs.
  package var json: JSON {
    .object([
      .init("proven", .bool(verdict == .proven)), .init("problems", .strings(problems)),
      .init("unchecked", unchecked.map { .string($0) } ?? .null),
      .init("run", .string(report.run)), .init("plan", report.plan.map { .string($0) } ?? .null),
      .init("outcome", report.outcome.map { .string($0) } ?? .null),
      .init("mode", .string(report.mode ?? "live")),
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
      .init(
        "statements",
        .array(
          statements.map { statement in
            var members: [JSON.Member] = [
              .init("seq", .int(statement.record)), .init("what", .string(statement.what)),
              .init("person", statement.person.map { .string($0.name) } ?? .null),
              .init("reason", .string(statement.reason)),
              .init("problem", statement.problem.map { .string($0) } ?? .null),
            ]
            switch statement.person?.identity {
            case .key(let fingerprint): members.append(.init("key", .string(fingerprint)))
            case .login(let name): members.append(.init("unproven-login", .string(name)))
            case nil: break
            }
            return .object(members)
          })),
    ])
  }
}
