import Journal
import RunEngine
import RunbookParser

/// A run as it goes on, a line for each thing that matters to the person who watches.
package struct RunProgressText: Sendable {
  private let words: RunWords
  private let showsQuestions: Bool
  private let namesCommands: Bool
  private let namesEvidence: Bool
  private let isRehearsal: Bool
  private var asked: Set<String> = []
  private var begun: [EffectID: Int64] = [:]

  /// - Parameters:
  ///   - showsQuestions: Whether questions are shown; not where someone else puts them to the operator.
  ///   - namesCommands: Whether it is said how a gate is opened.
  ///   - isRehearsal: Whether all of it is as a scenario says, what the engine works out itself included.
  ///   - namesEvidence: Whether each line says what it is worth, also where that was seen: in a dry run.
  package init(
    colour: Bool, showsQuestions: Bool = true, namesCommands: Bool = true, namesEvidence: Bool = false,
    isRehearsal: Bool = false
  ) {
    self.isRehearsal = isRehearsal
    self.namesEvidence = namesEvidence
    self.namesCommands = namesCommands
    self.words = RunWords(colour: colour)
    self.showsQuestions = showsQuestions
  }

  /// The lines for an event; most events have none.
  package mutating func lines(_ event: RunEvent, at time: Int64, state: RunState) -> [String] {
    switch event {
    case .runStarted(let start):
      let environment = start.plan.environment.map { " in \($0)" } ?? ""
      return [
        words.paint("Run \(start.id)", .bold) + "  \(start.plan.name) \(start.plan.version)\(environment)",
        words.paint("plan \(start.plan.digest.prefix(16))", .dim),
      ]
    case .engineStarted(let start):
      switch start.purpose {
      case .run: return []
      case .resume: return [words.paint("Run \(state.run.id) resumed", .bold) + "  \(state.plan.name)"]
      case .rollback: return [words.paint("Run \(state.run.id): rolling back", .bold) + "  \(state.plan.name)"]
      }
    case .intended(let id, let action, _):
      begun[id] = time
      if case .notice(let place) = id.slot {
        return [line("✉", .blue, "notify", state.plan.notices[place].channel.name)]
      }
      guard let step = id.step else { return [] }
      let planned = state.step(step)
      let again = id.serial > 1 ? planned.ready == nil ? ", attempt \(id.serial)" : " again" : ""
      switch id.slot {
      case .undo(let place):
        guard case .actions(let actions) = planned.rollback, place < actions.count else { return [] }
        return [
          line(
            "↩", .blue, "undo \(state.path(of: step))\(again)",
            RunWords.describe(action, planned: actions[place].action))
        ]
      default:
        return [line("▸", .blue, state.path(of: step) + again, RunWords.describe(action, planned: planned.action))]
      }
    case .actionEnded(let id, let end): return ended(id, end, state)
    case .actionRefused(let id, let message):
      return [line("✗", .red, RunEventCodec.address(id, state), "not started: \(message)")]
    case .answered(let id, let answer, let by, let evidence):
      if evidence == .assumed { return [line("·", .dim, name(id, state), "not asked (assumed)")] }
      return [line("·", .dim, name(id, state), "\(by): \(Self.describe(answer))")]
    case .voteRefused(let id, let vote, let by):
      return [line("·", .yellow, name(id, state), "\(by) said something that does not count: \(vote.reason)")]
    case .votesVerified: return []
    case .asked(let id, let question):
      if case .approval(let request) = question.kind { return gate(id, request, state) }
      return showsQuestions ? [line("?", .yellow, name(id, state), question.text)] : []
    case .unanswerable(let id):
      let who = state.audience(of: id).map { "\(RunWords.audience($0)) must answer, and is not here" }
      // At a gate it says that nobody has said anything more, which its end tells.
      if id.step.flatMap({ state.gate(of: $0) })?.id == id { return [] }
      return [line("?", .yellow, name(id, state), who ?? "a person is needed, and there is none")]
    case .stepEnded(let step, let end, _, let evidence):
      return [self.end(step, end, isRehearsal ? .scripted : evidence, time, state)]
    case .failureDecided(_, let failure, let policy):
      return failure.cause == .unmet && policy == .stop && state.intents.isEmpty
        ? [line("✗", .red, "not started", failure.message)] : []
    case .rollbackStarted:
      let why = state.failure.map { ": " + $0.failure.message } ?? ""
      return ["", words.paint(RunWords.marked("Rolling back\(why)"), .yellow)]
    case .undoStarted(.temporary): return ["", words.paint("Undoing what was temporary", .blue)]
    case .undoStarted(.within(let step)):
      let why = state.failure.map { ": " + $0.failure.message } ?? ""
      return ["", words.paint("Undoing \(state.path(of: step))", .yellow) + RunWords.marked(why)]
    case .undoEnded(let step, let end, let evidence):
      return [undone(step, end, isRehearsal ? .scripted : evidence, state)]
    case .operatorInterrupted: return [line("!", .yellow, "interrupted", "by the operator")]
    case .terminated: return [line("!", .yellow, "terminated", "what is in flight is ended and stays in doubt")]
    case .detached: return [line("!", .yellow, "detached", "the terminal is gone")]
    case .expanded(let step, let expansion): return expanded(step, expansion, state)
    case .pauseRequested: return [line("!", .yellow, "pausing", "by the operator, once what is in flight has ended")]
    case .tunnelOpened(let id, let port):
      return [line("⇄", .blue, RunEventCodec.address(id, state), "open at 127.0.0.1:\(port)")]
    case .actionStarted, .timerFired, .paused, .abandoned, .runEnded: return []
    }
  }

  private func line(_ sign: String, _ style: RunWords.Style, _ name: String, _ text: String) -> String {
    let padded = name.count < 24 ? name + String(repeating: " ", count: 24 - name.count) : name + " "
    return "  \(words.paint(sign, style)) \(padded) \(RunWords.marked(text))"
  }

  private func name(_ id: EffectID, _ state: RunState) -> String {
    id.step.map { state.path(of: $0) } ?? "run"
  }

  /// A gate, and how it is opened.
  private func gate(_ id: EffectID, _ request: ApprovalRequest, _ state: RunState) -> [String] {
    let name = name(id, state)
    let until = request.expires.map { " before \(RunWords.time($0))" } ?? ""
    let gate = line("?", .yellow, name, "waits for \(RunWords.demands(request.approval))\(until)")
    return namesCommands ? [gate, line(" ", .dim, "", "belay approve \(state.run.id) \(name) --reason …")] : [gate]
  }

  private func expanded(_ step: StepIndex, _ expansion: Expansion, _ state: RunState) -> [String] {
    let path = state.path(of: step)
    switch expansion {
    case .items(let items): return [line("▾", .blue, path, items.count == 1 ? "1 item" : "\(items.count) items")]
    case .group: return []
    case .call:
      guard case .call(let call) = state.step(step).action else { return [] }
      return [line("▾", .blue, path, "runbook \(call.runbook) \(call.version)")]
    }
  }

  private mutating func ended(_ id: EffectID, _ end: ActionEnd, _ state: RunState) -> [String] {
    var lines: [String] = []
    if case .action = id.slot, let step = id.step, state.step(step).ready != nil {
      lines.append(line("■", .dim, name(id, state), "in the background until now"))
    }
    for note in end.notes { lines.append(line("!", .yellow, name(id, state), note)) }
    if case .precondition = id.slot, id.step == nil, end.evidence == .observed {
      let address = RunEventCodec.address(id, state)
      if asked.insert(address).inserted { lines.append(line("·", .dim, address, "is looked at")) }
    }
    return lines
  }

  private func end(_ step: StepIndex, _ end: StepEnd, _ evidence: Evidence, _ time: Int64, _ state: RunState) -> String
  {
    let id = state.path(of: step)
    let from = begun[EffectID(step: step, slot: .action, serial: state.steps[Int(step.value)].attempt)]
    let took = from.map { RunWords.length(max(0, time - $0)) } ?? ""
    let worth = worth(of: step, evidence, state)
    switch end {
    case .succeeded:
      let ready = state.step(step).ready == nil ? "" : "ready in the background after "
      // What failed inside was said not to matter; it is said all the same.
      let failures = state.step(step).action.holdsOthers ? state.failures(inside: step) : 0
      let inside = failures == 0 ? "" : "though \(failures == 1 ? "1 step" : "\(failures) steps") inside failed"
      return line(
        evidence == .observed ? "✓" : "○", failures == 0 ? .green : .yellow, id,
        String((ready + took + inside + worth).trimmingPrefix(" ")))
    case .skipped(let reason): return line("–", .dim, id, "skipped: \(reason)\(worth)")
    case .failed(let failure, let inDoubt):
      let doubt = inDoubt ? "; nobody knows whether its action took effect" : ""
      return line("✗", .red, id, "\(failure.message)\(doubt)")
    }
  }

  /// What a line is worth: seen, taken for granted, or resting on what nobody knows.
  private func worth(of step: StepIndex, _ evidence: Evidence, _ state: RunState) -> String {
    if case .unknown(let source) = state.steps[Int(step.value)].certainty { return " (unknown: depends on \(source))" }
    return evidence == .observed && namesEvidence ? " (observed)" : RunWords.mark(evidence)
  }

  private func undone(_ step: StepIndex, _ end: UndoEnd, _ evidence: Evidence, _ state: RunState) -> String {
    let id = "undo " + state.path(of: step)
    return switch end {
    case .undone: line(evidence == .observed ? "✓" : "○", .green, id, "undone" + RunWords.mark(evidence))
    case .spared(let reason): line("–", .dim, id, "nothing to undo: \(reason)")
    case .left(let reason): line("–", .yellow, id, "left: \(reason)")
    case .failed(let reason, _): line("✗", .red, id, reason)
    case .heldBack(let reason): line("⏸", .yellow, id, "held back: \(reason)")
    }
  }

  private static func describe(_ answer: Answer) -> String {
    switch answer {
    case .yes(let fields):
      fields.isEmpty ? "yes" : fields.map { "\($0.name) = \($0.value.rendered)" }.joined(separator: ", ")
    case .no(let reason): reason.isEmpty ? "no" : "no: \(reason)"
    case .notApplicable: "not applicable"
    case .choice(let choice): choice
    case .vote(let vote):
      (vote.approves ? "yes" : "no") + ", \(RunWords.identity(vote.identity))"
        + (vote.reason.isEmpty ? "" : ": \(vote.reason)")
    }
  }
}
