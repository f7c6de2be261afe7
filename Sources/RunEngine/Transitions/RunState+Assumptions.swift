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
      let isAssumed = state.evidence == .assumed && self[need].effect != .observe
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
    var outputs = self[step].outputs
    if case .forEach(let each) = self[step].action { outputs = each.template.outputs }
    steps[place].outputs = outputs.map {
      NamedValue(name: $0.name, value: .unknown(Unknown(sources: [source])))
    }
    effects.append(.report("\(path(of: step)): \(message); this rests on \(source), which was only assumed"))
    conclude(step, .succeeded, outputs: steps[place].outputs, evidence: .assumed)
  }

  /// Whether a step says of inputs and constants of the run alone that they are not as they should be: that is so whatever
  /// was only assumed.
  func isSurelyWrong(_ step: StepIndex) -> Bool {
    guard case .assert(let expression) = self[step].action, frames[runbookFrame(of: step)].owner == nil,
      steps[Int(step.value)].phase != .waiting
    else { return false }
    return expression.paths.allSatisfy { ["inputs", "values", "platform"].contains($0.segments[0]) }
  }
}
