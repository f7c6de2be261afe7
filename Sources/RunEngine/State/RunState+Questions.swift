extension RunState {
  /// Whether a question is open, so that an answer to it counts.
  func awaitsAnswer(to id: EffectID) -> Bool {
    if pause?.reason == .terminated { return false }
    guard let step = id.step else {
      switch phase {
      case .preconditions(_, let run): return run.awaitsAnswer(to: id)
      case .askingPrecondition(_, let question), .askingPolicy(let question): return question == id
      default: return false
      }
    }
    guard Int(step.value) < steps.count else { return false }
    if let service = service(of: id) { return stage(of: service).awaitsAnswer(to: id) }
    switch steps[Int(step.value)].undo {
    case .none: return steps[Int(step.value)].phase.awaitsAnswer(to: id)
    case .probing(let run), .verifying(_, _, let run, _): return run.awaitsAnswer(to: id)
    case .askingPassage(let question), .askingDoubt(_, let question): return question == id
    case .inner(_, _, let inner): return inner.awaitsAnswer(to: id)
    case .awaiting, .acting, .pausing, .ended: return false
    }
  }
}

extension StepPhase {
  fileprivate func awaitsAnswer(to id: EffectID) -> Bool {
    switch self {
    case .checking(_, let run, _), .verifying(_, let run), .block(.preconditions(_, let run)):
      run.awaitsAnswer(to: id)
    case .askingPrecondition(_, let question, _), .confirming(let question), .approving(let question, _):
      question == id
    case .inner(let inner): inner.awaitsAnswer(to: id)
    case .settling(let settling):
      switch settling.stage {
      case .applied(let run), .verify(_, let run): run.awaitsAnswer(to: id)
      case .asking(let question): question == id
      }
    case .waiting, .awaiting, .reverifying, .ready, .acting, .opening, .pausing, .block, .ended: false
    }
  }
}

extension InnerAction {
  /// Whether an answer to a question is waited for; a wait is answered where it is taken for granted.
  fileprivate func awaitsAnswer(to id: EffectID) -> Bool {
    switch self {
    case .wait(let timer, _): timer.owner == id
    case .manual, .decide: questions.contains(id)
    case .check(let run): run.awaitsAnswer(to: id)
    case .checklist(let items):
      questions.contains(id)
        || items.contains { if case .checking(let run) = $0 { run.awaitsAnswer(to: id) } else { false } }
    }
  }

  /// The questions of the action's own that are open.
  var questions: [EffectID] {
    switch self {
    case .wait, .check: []
    case .manual(let id, _), .decide(let id): [id]
    case .checklist(let items): items.compactMap { if case .asking(let id) = $0 { id } else { nil } }
    }
  }
}
