import RunbookParser

/// What is kept running for those that need it.
package enum ServiceID: Hashable, Sendable {
  /// The program of a background step.
  case program(StepIndex)
  /// A tunnel, by its place in the plan.
  case tunnel(Int)
}

/// Where something that is kept running is.
package enum Service: Hashable, Sendable {
  /// It does not run; the text says why, where that is not because nobody needs it.
  case down(String?)
  /// Its intent is recorded next.
  case announced(EffectID)
  /// It was started; a program is ready once the check holds, a tunnel says so itself.
  indirect case opening(EffectID, CheckRun?)
  /// It may be used.
  case up(EffectID)
  /// It was told to end, or ended while its check was in flight: what is left of the two.
  indirect case ending(EffectID?, CheckRun?, String?)

  /// What is in flight of it; nil where nothing is.
  var effect: EffectID? {
    switch self {
    case .down, .announced: nil
    case .opening(let id, _), .up(let id): id
    case .ending(let id, _, _): id
    }
  }

  /// Whether nothing of it is in flight.
  var isDown: Bool { if case .down = self { true } else { false } }

  /// Whether it may be used.
  var isUp: Bool { if case .up = self { true } else { false } }

  /// Whether a timer is still waited for.
  func expects(_ timer: TimerID) -> Bool {
    switch self {
    case .opening(_, let check?), .ending(_, let check?, _): check.expects(timer)
    case .down, .announced, .opening, .up, .ending: false
    }
  }

  /// Whether an answer to a question is waited for.
  func awaitsAnswer(to id: EffectID) -> Bool {
    if case .opening(_, let check?) = self { check.awaitsAnswer(to: id) } else { false }
  }
}

extension RunState {
  /// What the effect belongs to that is kept running; nil where it does not belong to any.
  func service(of id: EffectID) -> ServiceID? {
    guard let step = id.step, Int(step.value) < steps.count else {
      if case .tunnel(let place) = id.slot { return .tunnel(place) }
      return nil
    }
    switch id.slot {
    case .ready: return .program(step)
    case .action where isBackground(step): return .program(step)
    default: return nil
    }
  }

  /// Where something that is kept running is.
  func stage(of service: ServiceID) -> Service { services[service] ?? .down(nil) }

  /// What is in flight of all that is kept running: it ends only when it is told to.
  package var serviceEffects: [EffectID] { services.values.compactMap(\.effect) }

  /// The background steps that a step needs, directly or through others, and whose programs it counts on.
  func servicesNeeded(by step: StepIndex) -> [StepIndex] {
    guard index.hasBackground else { return [] }
    var needed: [StepIndex] = []
    var next: StepIndex? = step
    while let step = next {
      let frame = frame(of: step)
      for program in frame.backgroundPrograms where program.isNeeded(by: Int(step.value) - frame.first) {
        let holder = StepIndex(frame.first + program.place)
        // What was skipped, or only assumed, never ran.
        if steps[Int(holder.value)].end == .succeeded, steps[Int(holder.value)].mayHaveStarted { needed.append(holder) }
      }
      next = frame.owner
    }
    return needed
  }

  /// Whether a background step's program was started and not ready, which a dry run has put down to a change that was only
  /// assumed: it is not tried once more.
  func isOnlyAssumed(_ holder: StepIndex) -> Bool {
    let state = steps[Int(holder.value)]
    return state.end == .succeeded && state.evidence == .assumed
  }

  /// Whether anything that goes on, or may yet be begun or undone, counts on a background step's program.
  func isNeeded(_ holder: StepIndex) -> Bool {
    let frame = frame(of: holder)
    let place = Int(holder.value) - frame.first
    guard let program = frame.backgroundPrograms.first(where: { $0.place == place }) else { return false }
    // The last are the likeliest not to have ended.
    let dependents = program.dependents.lazy.map { StepIndex(frame.first + $0) }
    switch phase {
    case .forward where failure == nil:
      let mayBegin = !isEndedByChoice(holder) && !isOverdue(holder) && !isUndoneAlone(holder)
      return dependents.contains { steps[Int($0.value)].end == nil && (mayBegin || isGoingOn($0)) }
    case .failing(.stop), .failing(.continue):
      return dependents.contains(where: isGoingOn)
    case .forward, .failing(.ask), .failing(.rollback), .askingPolicy:
      return dependents.contains(where: isGoingOn) || isNeededByUndos(of: intents[...], holder)
    case .finishing:
      let mayBegin = !isOverdue(holder)
      return dependents.contains {
        steps[Int($0.value)].end == nil && (frame.isFinal || frame.isAtEnd) && (mayBegin || isGoingOn($0))
      }
    case .rollingBack(let next):
      if undoReach != nil, dependents.contains(where: { steps[Int($0.value)].end == nil }) { return true }
      if let activeUndo, servicesNeeded(by: activeUndo).contains(holder) { return true }
      return next >= 0 && isNeededByUndos(of: intents[...next], holder)
    case .new, .tools, .preconditions, .askingPrecondition, .ended: return false
    }
  }

  private func isNeededByUndos(of steps: ArraySlice<StepIndex>, _ holder: StepIndex) -> Bool {
    steps.contains { step in
      guard case .none = self.steps[Int(step.value)].undo, self[step].rollback.hasActions, reaches(step) else {
        return false
      }
      return servicesNeeded(by: step).contains(holder)
    }
  }

  /// The background programs that run and need a step, directly or through others.
  func servicesStandingOn(_ step: StepIndex) -> [ServiceID] {
    services.keys.sorted().filter { service in
      guard case .program(let holder) = service, !stage(of: service).isDown else { return false }
      var seen: Set<StepIndex> = []
      var open = needs(of: holder)
      while let need = open.popLast() {
        if need == step { return true }
        if seen.insert(need).inserted { open += needs(of: need) }
      }
      return false
    }
  }

  private func isGoingOn(_ step: StepIndex) -> Bool {
    switch steps[Int(step.value)].phase {
    case .waiting, .ended: false
    default: true
    }
  }
}
