import RunbookParser

extension RunState {
  /// The check that an effect belongs to, as the runbook says it; nil where it belongs to none.
  package func check(_ id: EffectID) -> Check? {
    guard let step = id.step else {
      guard case .precondition(let place) = id.slot else { return nil }
      return plan.preconditions[place].check
    }
    switch id.slot {
    case .precondition(let place): return self[step].preconditionChecks[place]
    case .applied: return self[step].applied
    case .verify(let place): return self[step].verify[place]
    case .ready: return self[step].ready
    case .undoVerify(let undo, let place):
      guard case .actions(let actions) = self[step].rollback else { return nil }
      return actions[undo].verify[place]
    case .item(let place):
      switch self[step].action {
      case .check(let check): return check
      case .checklist(let items):
        if case .check(let check) = items[place] { return check }
        return nil
      default: return nil
      }
    default: return nil
    }
  }
}
