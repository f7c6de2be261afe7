import Journal
import RunEngine

/// Where a run has come to, against what is so in its world.
extension RehearsedRun {
  /// What is waited for, where the run is not over and nothing comes.
  func standstill(_ state: RunState) -> String {
    let gates = state.openGates.map { RunEventCodec.address($0.step, state) }
    return gates.isEmpty ? "nothing comes any more" : "\(gates.joined(separator: ", ")) waits for people"
  }

  /// What is in flight and has no end.
  func hangingAddresses(_ state: RunState) -> [String] {
    inFlight.keys.filter { inFlight[$0]?.course.takes == nil && state.serviceEffects.contains($0) == false }
      .map { EffectAddress.of($0, state) }.sorted()
  }

  /// The steps that the run counts as undone, or as never made, though their changes are in place.
  func falselyUndone(_ state: RunState) -> [StepIndex] {
    guard state.isTerminal else { return [] }
    return state.residue.entries.filter { entry in
      guard world.isInPlace(entry.step), !state.isFinal(entry.step) else { return false }
      switch entry.fate {
      case .undone, .notApplied: return !state.undoActions(entry.step).isEmpty
      case .applied, .inDoubt, .heldBack, .undoFailed, .left: return false
      }
    }.map(\.step)
  }
}
