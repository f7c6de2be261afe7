import Journal
import RunEngine
import RunbookParser

/// The addresses by which scenarios speak of effects.
enum EffectAddress {
  /// The address of an effect: of a step that is nothing but a check, and of a doubt about one, the step's own.
  static func of(_ id: EffectID, _ state: RunState) -> String {
    guard let step = id.step else { return RunEventCodec.address(id, state) }
    switch id.slot {
    case .item:
      if case .check = state.step(step).action { return RunEventCodec.address(step, state) }
    case .doubt where state.step(step).applied == nil: return RunEventCodec.address(step, state)
    default: break
    }
    return RunEventCodec.address(id, state)
  }
}
