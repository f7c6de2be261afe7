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
  var activity: Activity { Self.activity(phase, undo) }

  private static func activity(_ phase: StepPhase, _ undo: UndoPhase) -> Activity {
    switch undo {
    case .none, .ended: activity(phase)
    case .awaiting, .askingPassage, .askingDoubt: .parked
    case .inner(_, _, let inner): inner.activity
    case .probing(let run), .verifying(_, _, let run, _): run.activity
    case .acting, .pausing: .busy
    }
  }

  private static func activity(_ phase: StepPhase) -> Activity {
    switch phase {
    case .waiting, .ended: .none
    case .awaiting, .askingPrecondition, .confirming, .approving(_, closing: false), .ready: .parked
    case .acting, .opening, .pausing, .approving(_, closing: true), .reverifying: .busy
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

extension StepState {
  /// By how much a move changes how many steps are live, busy, and hold others.
  struct Change {
    var live = 0
    var busy = 0
    var holding = 0

    mutating func add(_ phase: StepPhase, _ undo: UndoPhase, times factor: Int) {
      let activity = StepState.activity(phase, undo)
      if activity != .none { live += factor }
      if activity == .busy { busy += factor }
      if phase.isHolding { holding += factor }
    }
  }

  mutating func move(to phase: StepPhase) -> Change {
    var change = Change()
    change.add(self.phase, undo, times: -1)
    change.add(phase, undo, times: 1)
    self.phase = phase
    return change
  }

  mutating func move(to undo: UndoPhase) -> Change {
    var change = Change()
    change.add(phase, self.undo, times: -1)
    change.add(phase, undo, times: 1)
    self.undo = undo
    return change
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
