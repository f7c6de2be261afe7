import CanonicalJSON
import Expressions
import Journal
import RunEngine
import RunbookParser

/// A run with its steps, their evidence, what is left, and the next command: `belay show`.
package struct RunReport: Sendable {
  private let words: RunWords

  package init(colour: Bool) { self.words = RunWords(colour: colour) }

  /// The report for people.
  package func lines(_ history: RunHistory) -> [String] {
    let state = history.state
    let environment = state.plan.environment.map { " in \($0)" } ?? ""
    let mode = history.mode == "live" ? "" : "  (dry run)"
    let started = RunWords.time(state.startedAt)
    let last = RunWords.time(history.lastTime)
    let starter = RunWords.starter(of: state.run)
    var lines = [
      words.paint("Run \(state.run.id)", .bold) + "  \(state.plan.name) \(state.plan.version)\(environment)\(mode)",
      "started \(started) by \(starter), last record \(last)", "plan \(state.plan.digest)",
    ]
    if history.isAlive, !state.isTerminal { lines.append(words.paint("An engine drives it now.", .blue)) }
    lines += ["", words.paint("Steps", .bold)]
    let attempts = Dictionary(grouping: history.attempts, by: { $0.id.step })
    lines += evidence(attempts[nil] ?? [], indent: "  ")
    for step in state.stepsInOrder {
      lines.append(self.step(step, state))
      for vote in state.gate(of: step)?.votes ?? [] {
        let reason = vote.reason.isEmpty ? "" : ": " + vote.reason
        let text = "approved by \(vote.person), \(RunWords.identity(vote.identity)), record \(vote.record)\(reason)"
        lines.append("      " + words.paint(RunWords.marked(text), .dim))
      }
      lines += evidence(attempts[step] ?? [], indent: "      ")
    }
    lines.append("")
    return lines
      + RunSummary(colour: words.colour).lines(
        state, isAlive: history.isAlive, isDryRun: history.mode != "live")
  }

  private func step(_ index: StepIndex, _ state: RunState) -> String {
    let found = state.steps[Int(index.value)]
    let (sign, style): (String, RunWords.Style) =
      switch state.status(of: index) {
      case .succeeded: ("✓", .green)
      case .failed: ("✗", .red)
      case .skipped: ("–", .dim)
      case .rolledBack: ("↩", .blue)
      case .notRun: ("·", .dim)
      }
    var text = state.status(of: index).rawValue + RunWords.mark(found.evidence)
    switch found.end {
    case .failed(let failure, let inDoubt)?: text += ": \(failure.message)" + (inDoubt ? " (in doubt)" : "")
    case .skipped(let reason)?: text += ": \(reason)"
    case .succeeded?, nil: break
    }
    let outputs = found.outputs.map { "\($0.name) = \($0.value.rendered)" }.joined(separator: ", ")
    let name = state.path(of: index) + (state.isFinal(index) && state.owner(of: index) == nil ? " (finally)" : "")
    return "  \(words.paint(sign, style)) \(words.paint(name, .bold))  \(RunWords.marked(text))"
      + (outputs.isEmpty ? "" : "  " + words.paint(RunWords.marked(outputs), .dim))
  }

  /// A line for each attempt; polls of one check that came to the same are one line.
  private func evidence(_ attempts: [RunHistory.Attempt], indent: String) -> [String] {
    var lines: [String] = []
    var index = 0
    while index < attempts.count {
      let first = attempts[index]
      var next = index + 1
      while next < attempts.count, first.id.slot != .action, attempts[next].id.slot == first.id.slot,
        Self.kind(attempts[next].end) == Self.kind(first.end)
      {
        next += 1
      }
      let times = next - index > 1 ? words.paint(" (\(next - index) times, the last)", .dim) : ""
      lines.append(evidence(attempts[next - 1], indent: indent) + times)
      // What happened besides, such as a program that may still be running.
      lines += attempts[next - 1].end.notes.map { note in
        indent + "  " + words.paint("!", .yellow) + " " + RunWords.marked(note)
      }
      index = next
    }
    return lines
  }

  /// What an attempt came to, without how long it took.
  private static func kind(_ end: ActionEnd) -> String {
    switch end.ending {
    case .exited(let status, _, _): "exit \(status)"
    case .signalled(let signal, _, _): "signal \(signal)"
    case .answered(let answer): "status \(answer.status)"
    case .unanswered(let reason): reason
    case .cancelled: "cancelled"
    case .assumed: "assumed"
    case .refuted: "refuted"
    }
  }

  private func evidence(_ attempt: RunHistory.Attempt, indent: String) -> String {
    let short = attempt.address.split(separator: ".").dropFirst(2).joined(separator: ".")
    let name = attempt.id.step == nil ? attempt.address : short.isEmpty ? "action" : short
    let number = attempt.id.slot == .action && attempt.id.serial > 1 ? " (attempt \(attempt.id.serial))" : ""
    let notes = attempt.end.notes.map { "; " + $0 }.joined()
    let text = "\(name)\(number): \(Self.describe(attempt.end))\(notes)"
    return indent + words.paint(RunWords.marked(text), .dim)
  }

  /// How an attempt ended, in a few words.
  package static func describe(_ end: ActionEnd) -> String {
    let took = " in \(RunWords.length(end.duration))" + RunWords.mark(end.evidence)
    switch end.ending {
    case .exited(let status, let stdout, let stderr):
      let size = stdout.bytes + stderr.bytes
      return "exit \(status)\(took)" + (size > 0 ? ", \(size) bytes of output" : "")
    case .signalled(let signal, _, _): return "ended by signal \(signal)\(took)"
    case .answered(let answer): return "status \(answer.status)\(took)"
    case .unanswered(let reason): return "no answer\(took): \(reason)"
    case .cancelled: return "ended before it was over\(took)"
    case .refuted: return "without success" + RunWords.mark(end.evidence)
    case .assumed:
      let size = end.captured.reduce(0) { $0 + $1.output.bytes }
      return "not done\(RunWords.mark(end.evidence))" + (size > 0 ? ", \(size) bytes of output" : "")
    }
  }

  // MARK: For programs

  /// The report for programs.
  package static func json(_ history: RunHistory) -> JSON {
    let state = history.state
    var members: [JSON.Member] = [
      .init("run", .string(state.run.id)), .init("runbook", .string(state.plan.name)),
      .init("version", .string(state.plan.version)), .init("mode", .string(history.mode)),
      .init("status", .string(history.status)), .init("operator", .string(state.run.operatorName)),
      .init("starter", state.run.starter.map { identity($0.person, .key($0.fingerprint)) } ?? .null),
      .init("started", .int(state.startedAt)), .init("updated", .int(history.lastTime)),
      .init("plan", .string(state.plan.digest)), .init("evidence", .string(state.overallEvidence.rawValue)),
    ]
    if let environment = state.plan.environment { members.append(.init("environment", .string(environment))) }
    if let failure = state.failure {
      var about: [JSON.Member] = [
        .init("cause", .string(failure.failure.cause.rawValue)), .init("message", .string(failure.failure.message)),
      ]
      if let step = failure.step { about.append(.init("step", .string(state.path(of: step)))) }
      members.append(.init("failure", .object(about)))
    }
    let attempts = Dictionary(grouping: history.attempts, by: { $0.id.step })
    members.append(
      .init(
        "steps",
        .array(state.stepsInOrder.map { step($0, state, attempts[$0] ?? []) })))
    members.append(.init("checks", .array((attempts[nil] ?? []).map(json))))
    members.append(.init("outputs", .object(state.outputs.map { .init($0.name, $0.value.taggedJSON) })))
    members.append(.init("residue", .array(state.residue.entries.map { residue($0, state) })))
    if let next = RunSummary.nextCommand(state, isAlive: history.isAlive) {
      members.append(.init("next", .string(next)))
    }
    return .object(members)
  }

  private static func step(_ index: StepIndex, _ state: RunState, _ attempts: [RunHistory.Attempt]) -> JSON {
    let planned = state.step(index)
    let found = state.steps[Int(index.value)]
    var members: [JSON.Member] = [
      .init("id", .string(state.path(of: index))), .init("effect", .string(planned.effect.rawValue)),
      .init("status", .string(state.status(of: index).rawValue)), .init("evidence", .string(found.evidence.rawValue)),
    ]
    if state.isFinal(index) { members.append(.init("finally", .bool(true))) }
    switch found.end {
    case .failed(let failure, let inDoubt)?:
      members.append(.init("cause", .string(failure.cause.rawValue)))
      members.append(.init("message", .string(failure.message)))
      if inDoubt { members.append(.init("in-doubt", .bool(true))) }
    case .skipped(let reason)?: members.append(.init("message", .string(reason)))
    case .succeeded?, nil: break
    }
    if !found.outputs.isEmpty {
      members.append(.init("outputs", .object(found.outputs.map { .init($0.name, $0.value.taggedJSON) })))
    }
    if let gate = state.gate(of: index) {
      members.append(
        .init(
          "approvals",
          .array(
            gate.votes.map { vote in
              .object([
                .init("by", identity(vote.person, vote.identity)), .init("reason", .string(vote.reason)),
                .init("time", .int(vote.time)), .init("seq", .int(vote.record)),
              ])
            })))
    }
    members.append(.init("attempts", .array(attempts.map(json))))
    return .object(members)
  }

  private static func identity(_ person: String, _ identity: Identity) -> JSON {
    switch identity {
    case .key(let fingerprint): .object([.init("person", .string(person)), .init("key", .string(fingerprint))])
    case .login(let name): .object([.init("person", .string(person)), .init("unproven-login", .string(name))])
    }
  }

  private static func json(_ attempt: RunHistory.Attempt) -> JSON {
    .object([
      .init("address", .string(attempt.address)), .init("seq", .int(attempt.sequence)),
      .init("attempt", .int(Int64(attempt.id.serial))), .init("end", .string(describe(attempt.end))),
      .init("duration", .int(attempt.end.duration)), .init("evidence", .string(attempt.end.evidence.rawValue)),
    ])
  }

  private static func residue(_ entry: Residue.Entry, _ state: RunState) -> JSON {
    var members: [JSON.Member] = [.init("step", .string(state.path(of: entry.step)))]
    let (fate, reason): (String, String?) =
      switch entry.fate {
      case .applied: ("applied", nil)
      case .inDoubt: ("in-doubt", nil)
      case .undone: ("undone", nil)
      case .notApplied(let reason): ("not-applied", reason)
      case .heldBack(let reason): ("held-back", reason)
      case .undoFailed(let reason): ("undo-failed", reason)
      case .left(let reason): ("left-by-declaration", reason)
      }
    members.append(.init("fate", .string(fate)))
    if let reason { members.append(.init("reason", .string(reason))) }
    if let mendedBy = entry.mendedBy { members.append(.init("mended-by", .string(mendedBy))) }
    return .object(members)
  }
}
