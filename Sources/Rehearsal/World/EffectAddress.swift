import Journal
import RunEngine
import RunbookParser

/// The addresses by which scenarios speak of effects.
enum EffectAddress {
  /// The address of an effect: of a step that is nothing but a check the step's own, and of a verification that settles a
  /// doubt that verification's.
  static func of(_ id: EffectID, _ state: RunState) -> String {
    guard let step = id.step else { return RunEventCodec.address(id, state) }
    switch id.slot {
    case .item:
      if case .check = state.step(step).action { return RunEventCodec.address(step, state) }
    case .doubt where state.step(step).applied == nil:
      guard !state.step(step).verify.isEmpty else { return RunEventCodec.address(step, state) }
      var place = 0
      if case .settling(let settling) = state.steps[Int(step.value)].phase, case .verify(let asked, _) = settling.stage
      {
        place = asked
      }
      return RunEventCodec.address(EffectID(step: step, slot: .verify(place), serial: id.serial), state)
    default: break
    }
    return RunEventCodec.address(id, state)
  }
}
