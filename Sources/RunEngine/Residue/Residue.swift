import RunbookParser

/// What is left of a run's changes.
package struct Residue: Hashable, Sendable {
  /// What became of one change.
  package enum Fate: Hashable, Sendable {
    /// It is in place.
    case applied
    /// Nobody knows whether it is in place.
    case inDoubt
    /// It was undone.
    case undone
    /// It never took effect.
    case notApplied(String)
    /// Its undo was not tried.
    case heldBack(String)
    /// Its undo failed.
    case undoFailed(String)
    /// It stays, by declaration.
    case left(String)
  }

  /// A change and what became of it.
  package struct Entry: Hashable, Sendable {
    /// The step.
    package var step: StepIndex
    /// What became of its change.
    package var fate: Fate
    /// The runbook that mends what is left, if one is named.
    package var mendedBy: String?
  }

  /// The changes that may have been made, in the order of their intents.
  package var entries: [Entry]

  /// Whether something is there, or may be, that nobody declared.
  package var isClean: Bool {
    entries.allSatisfy { entry in
      switch entry.fate {
      case .undone, .notApplied, .left: true
      case .applied, .inDoubt, .heldBack, .undoFailed: false
      }
    }
  }
}

extension RunState {
  /// What is left of the run's changes.
  package var residue: Residue {
    Residue(
      entries: intents.compactMap { step in
        let planned = self.step(step)
        guard planned.effect != .observe else { return nil }
        var mendedBy: String?
        if case .none(_, let runbook) = planned.rollback { mendedBy = runbook }
        return Residue.Entry(step: step, fate: fate(of: step, planned), mendedBy: mendedBy)
      })
  }

  private func fate(of step: StepIndex, _ planned: PlannedStep) -> Residue.Fate {
    let state = steps[Int(step.value)]
    switch state.undo {
    case .ended(.undone): return .undone
    case .ended(.spared(let reason)): return .notApplied(reason)
    // A point of no return is there; nobody declared it to be left.
    case .ended(.left) where planned.effect == .irreversible: break
    case .ended(.left(let reason)): return .left(reason)
    case .ended(.failed(let reason, let inDoubt)):
      return .undoFailed(inDoubt ? reason + "; nobody knows whether it took effect" : reason)
    case .ended(.heldBack(let reason)): return .heldBack(reason)
    // Its undo began and has not ended.
    case .acting, .inner, .pausing, .verifying, .askingDoubt: return .inDoubt
    case .awaiting where state.undoLeft != nil: return .inDoubt
    case .none, .awaiting, .probing, .askingPassage: break
    }
    switch state.end {
    case nil: return .inDoubt
    case .failed(_, inDoubt: true): return .inDoubt
    case .succeeded, .skipped, .failed:
      if case .none(let because, _) = planned.rollback { return .left(because) }
      return .applied
    }
  }
}
