import Expressions
import RunbookParser

extension RunState {
  /// Whether an end of an action, or of an action of a way back, would be a success: what its `expect` says of it.
  package func isSuccess(_ end: ActionEnd, of id: EffectID) -> Bool {
    guard let step = id.step else { return false }
    let expect: Expression?
    switch id.slot {
    case .action: expect = self[step].expect
    case .undo(let place):
      guard case .actions(let actions) = self[step].rollback, place < actions.count else { return false }
      expect = actions[place].expect
    default: expect = nil
    }
    if case .assumed = end.ending { return true }
    if case .success(true) = satisfies(expect, end, at: vantage(step)) { return true }
    return false
  }
}
