import RunEngine
import RunbookParser

/// What a run came to: its outcome, what is left of its changes, and the next command to type.
package struct RunSummary: Sendable {
  private let words: RunWords

  package init(colour: Bool) { self.words = RunWords(colour: colour) }

  /// The summary's lines.
  ///
  /// - Parameters:
  ///   - isAlive: Whether an engine drives the run now.
  ///   - isDryRun: Whether nothing that changes was done.
  package func lines(_ state: RunState, isAlive: Bool = false, isDryRun: Bool = false) -> [String] {
    let lines = [headline(state, isAlive, isDryRun)] + body(state, isAlive)
    if state.isTerminal, state.provisionalOutcome == .succeeded { return lines }
    return lines + (Self.nextCommand(state, isAlive: isAlive).map { ["Next: \(words.paint($0, .bold))"] } ?? [])
  }

  /// The same of a rehearsal: no command leads on.
  ///
  /// - Parameter standstill: Why nothing came any more before the run was over.
  package func lines(ofRehearsal state: RunState, standstill: String?) -> [String] {
    var head = headline(state, false, false, worth: .scripted)
    if let standstill { head = words.paint("interrupted", .yellow) + ": \(standstill)" }
    return [head] + body(state, false)
  }

  private func body(_ state: RunState, _ isAlive: Bool) -> [String] {
    if state.isTerminal, state.provisionalOutcome == .succeeded { return outputs(state) }
    let residue = state.residue
    if residue.entries.isEmpty {
      return [isAlive && !state.isTerminal ? "Nothing was changed until now." : "Nothing was changed."]
    }
    return [words.paint("What is left of its changes:", .bold)] + residue.entries.map { entry(in: $0, state) }
  }

  private func outputs(_ state: RunState) -> [String] {
    state.outputs.map { "  \($0.name) = \(RunWords.marked($0.value.rendered))" }
  }

  private func headline(_ state: RunState, _ isAlive: Bool, _ isDryRun: Bool, worth: Evidence? = nil) -> String {
    let seen = worth ?? state.overallEvidence
    let evidence =
      isDryRun ? " (dry run\(seen == .observed ? "" : ", \(seen.rawValue)"))" : RunWords.mark(seen)
    guard let outcome = state.provisionalOutcome, state.isTerminal else {
      if isAlive { return words.paint("running", .blue) + evidence }
      let why: String =
        switch state.pause?.reason {
        case .personNeeded where !state.missedAudiences.isEmpty:
          Set(state.missedAudiences.map(RunWords.audience)).sorted().joined(separator: " and ") + " must answer"
        case .personNeeded: "a person is needed"
        case .unreachable: "a tunnel cannot be opened"
        case .terminated: "the engine was told to end"
        case .detached: "the terminal was lost"
        case .requested: "the operator paused it"
        case nil: "no engine is alive"
        }
      return words.paint("interrupted", .yellow) + "\(evidence): \(why)"
    }
    let style: RunWords.Style =
      outcome == .succeeded ? .green : outcome == .rolledBack || outcome == .unmet ? .yellow : .red
    let cause = outcome == .succeeded ? "" : ": " + (state.failure.map { describe($0, state) } ?? tolerated(state))
    return words.paint(outcome.rawValue, style) + evidence + cause
  }

  /// The steps that failed while the run went on without them.
  private func tolerated(_ state: RunState) -> String {
    // What failed and was undone has another status by now.
    let failed = state.stepsInOrder.filter { step in
      guard case .failed = state.steps[Int(step.value)].end else { return false }
      return !state.step(step).action.holdsOthers
    }
    if !failed.isEmpty {
      return "without \(failed.map { state.path(of: $0) }.joined(separator: ", ")), the run went on"
    }
    return state.residue.entries.isEmpty ? "nothing is left to do" : "some of it could not be undone"
  }

  private func describe(_ failure: FirstFailure, _ state: RunState) -> String {
    let place = failure.step.map { "step \(state.path(of: $0)): " } ?? ""
    return RunWords.marked(place + failure.failure.message)
  }

  private func entry(in entry: Residue.Entry, _ state: RunState) -> String {
    let mended = entry.mendedBy.map { "; mended by \($0)" } ?? ""
    let (sign, style, text): (String, RunWords.Style, String) =
      switch entry.fate {
      case .applied: ("●", .red, "in place")
      case .inDoubt: ("?", .yellow, "in doubt: nobody knows whether it took effect")
      case .undone: ("✓", .green, "undone")
      case .notApplied(let reason): ("–", .dim, "never took effect: \(reason)")
      case .heldBack(let reason): ("⏸", .yellow, "in place, undo held back: \(reason)")
      case .undoFailed(let reason): ("✗", .red, "undo failed: \(reason)")
      case .left(let reason): ("–", .yellow, "left by declaration: \(reason)\(mended)")
      }
    let assumed = RunWords.mark(state.steps[Int(entry.step.value)].evidence)
    return "  \(words.paint(sign, style)) \(state.path(of: entry.step))  \(RunWords.marked(text))\(assumed)"
  }

  /// Whether something is left that has a way back.
  private static func canUndo(_ state: RunState) -> Bool {
    state.residue.entries.contains { entry in
      guard case .actions = state.step(entry.step).rollback else { return false }
      switch entry.fate {
      case .applied, .inDoubt, .heldBack, .undoFailed: return true
      case .undone, .notApplied, .left: return false
      }
    }
  }

  /// The command that leads on from where a run is; nil where there is nothing to do.
  package static func nextCommand(_ state: RunState, isAlive: Bool) -> String? {
    let id = state.run.id
    if state.overallEvidence == .assumed { return nil }
    guard state.isTerminal, let outcome = state.provisionalOutcome else {
      return isAlive ? nil : "belay resume \(id)"
    }
    switch outcome {
    // A run fails with changes in place where a step of `finally` failed, or the run went on without a step.
    case .stopped, .rollbackIncomplete, .aborted, .failed: return canUndo(state) ? "belay rollback \(id)" : nil
    case .succeeded, .rolledBack, .unmet, .denied: return nil
    }
  }
}
