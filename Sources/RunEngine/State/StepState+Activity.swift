extension StepState {
  /// Whether something is going on with a step.
  enum Activity: Hashable, Sendable {
    /// Nothing.
    case none
    /// It waits for a person or for a slot.
    case parked
    /// Something is in flight, or will be without anybody's help.
    case busy
  }

  /// Whether something is going on, forward or back.
  var activity: Activity {
    switch undo {
    case .none, .ended: forwardActivity
    case .awaiting, .askingPassage, .askingDoubt: .parked
    case .inner(_, _, let inner): inner.activity
    case .probing(let run), .verifying(_, _, let run, _): run.activity
    case .acting, .pausing: .busy
    }
  }

  private var forwardActivity: Activity {
    switch phase {
    case .waiting, .ended: .none
    case .awaiting, .askingPrecondition, .confirming, .ready: .parked
    case .acting, .opening, .pausing: .busy
    case .inner(let inner): inner.activity
    case .checking(_, let run, _), .verifying(_, let run), .block(.preconditions(_, let run)): run.activity
    // What stands inside speaks for itself.
    case .block: .parked
    case .settling(let settling):
      switch settling.stage {
      case .applied(let run), .verify(_, let run): run.activity
      case .asking: .parked
      }
    }
  }
}

extension CheckRun {
  /// Whether it waits for a person or for the world.
  var activity: StepState.Activity { waitsForPerson ? .parked : .busy }
}

extension InnerAction {
  /// Whether it waits for a person or for the world.
  var activity: StepState.Activity {
    switch self {
    case .wait: .busy
    case .manual, .decide: .parked
    case .check(let run): run.activity
    case .checklist(let items):
      items.contains { if case .checking(let run) = $0 { run.activity == .busy } else { false } } ? .busy : .parked
    }
  }
}
