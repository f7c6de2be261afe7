import RunbookParser

/// What stands inside a step as far as it can be worked out before the step begins, for those who approve it.
extension RunState {
  /// What the steps inside a step would do, from the outside in; the state itself is left as it is.
  func preview(_ step: StepIndex, _ expansion: Expansion) -> [ApprovalRequest.Inner] {
    var copy = self
    var found: [ApprovalRequest.Inner] = []
    copy.look(step, expansion, &found)
    return found
  }

  private mutating func look(_ step: StepIndex, _ expansion: Expansion, _ found: inout [ApprovalRequest.Inner]) {
    let first = frames.count
    guard openInside(step, expansion) == nil else { return }
    for inner in frames[first...].flatMap({ $0.range }).map({ StepIndex($0) }) {
      let planned = self.step(inner)
      guard planned.action.holdsOthers else {
        var action = try? resolve(planned.action, at: vantage(inner)).get()
        // What a person fills in stands in the plan.
        if case .ask(let question)? = action { action = .ask(Question(text: question.text, kind: .manual(fields: []))) }
        found.append(ApprovalRequest.Inner(path: path(of: inner), action: action))
        continue
      }
      switch self.expansion(of: inner) {
      case .success(let expansion): look(inner, expansion, &found)
      // It rests on what a step before it will give.
      case .failure: found.append(ApprovalRequest.Inner(path: path(of: inner), action: nil))
      }
    }
  }
}
