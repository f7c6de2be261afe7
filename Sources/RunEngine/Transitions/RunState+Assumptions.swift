import Expressions
import RunbookParser

extension RunState {
  /// The first step, in the order of the plan, that a step needs and whose change was only assumed; nil where there is
  /// none, as always when things are done really.
  func assumption(under step: StepIndex) -> StepIndex? {
    var seen: Set<StepIndex> = []
    var open = needs(of: step)
    var found: StepIndex?
    while let need = open.popLast() {
      guard seen.insert(need).inserted else { continue }
      let state = steps[Int(need.value)]
      let isAssumed = state.evidence == .assumed && self.step(need).effect != .observe
      if isAssumed || state.certainty != .known { found = found.map { min($0, need) } ?? need }
      open += needs(of: need)
    }
    return found
  }

  /// Ends a step that came to nothing because what it rests on was only assumed: not as failed, but as unknown.
  mutating func concludeUnknown(_ step: StepIndex, restingOn assumption: StepIndex, _ message: String) {
    let source = "steps.\(path(of: assumption))"
    let place = Int(step.value)
    steps[place].certainty = .unknown(source)
    steps[place].outputs = self.step(step).outputs.map {
      NamedValue(name: $0.name, value: .unknown(Unknown(sources: [source])))
    }
    effects.append(.report("\(path(of: step)): \(message); this rests on \(source), which was only assumed"))
    conclude(step, .succeeded, outputs: steps[place].outputs, evidence: .assumed)
  }
}
