import Journal
import RunEngine

/// Why nothing comes any more.
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
}
