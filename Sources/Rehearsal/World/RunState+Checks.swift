import RunEngine
import RunbookParser

extension RunState {
  /// The check that an effect belongs to, as the runbook says it; nil where it belongs to none.
  func check(_ id: EffectID) -> Check? {
    guard let step = id.step else {
      guard case .precondition(let place) = id.slot else { return nil }
      return plan.preconditions[place].check
    }
    let planned = self.step(step)
    switch id.slot {
    case .precondition(let place): return planned.preconditionChecks[place]
    case .applied: return planned.applied
    case .verify(let place): return planned.verify[place]
    case .ready: return planned.ready
    case .undoVerify(let undo, let place):
      guard case .actions(let actions) = planned.rollback else { return nil }
      return actions[undo].verify[place]
    case .item(let place):
      switch planned.action {
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
