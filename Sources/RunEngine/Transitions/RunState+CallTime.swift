import RunbookParser

/// The time that a called runbook has.
extension RunState {
  // MARK: The clock

  /// How long engines have lived, in milliseconds.
  var lived: Int64 { livedBefore + max(0, now - engineStartedAt) }

  /// Sets the time of a called runbook, or what is left of it under this engine.
  mutating func boundCall(_ step: StepIndex) {
    guard case .call(let call) = self[step].action, let timeout = call.timeout, overdueCalls[step] == nil
    else { return }
    let id = nextID(step, .policy)
    let begun = callTimes[step]?.begun ?? lived
    callTimes[step] = CallTime(begun: begun, timer: id.serial)
    effects.append(.timer(TimerID(owner: id, purpose: .deadline), after: max(0, timeout - (lived - begun))))
  }

  /// Whether the end of a called runbook's time means anything any more: not once its steps are over.
  func awaitsDeadline(_ step: StepIndex, serial: Int32) -> Bool {
    guard Int(step.value) < steps.count, callTimes[step]?.timer == serial, overdueCalls[step] == nil, mayBegin,
      !steps[Int(step.value)].isEnding
    else { return false }
    switch steps[Int(step.value)].phase {
    case .block(.preconditions), .block(.main): return true
    default: return false
    }
  }

  /// A called runbook took too long.
  mutating func passDeadline(of step: StepIndex, serial: Int32) {
    guard awaitsDeadline(step, serial: serial), case .call(let call) = self[step].action else { return }
    let policy = call.onFailure ?? policy(for: step)
    let scope = call.onFailure == nil ? self[step].undoScope : nil
    if isFinal(step) || policy == .continue && scope == nil { return cutShort(step) }
    let failure = Failure(.deadline, overdueMessage(step))
    effects.append(.record(.failureDecided(step, failure, policy)))
    self.failure = FirstFailure(step: step, failure: failure)
  }

  func overdueMessage(_ step: StepIndex) -> String {
    guard case .call(let call) = self[step].action else { return "its time is over" }
    return "the runbook \(call.runbook) was not over within \(call.timeout.map(DurationText.render) ?? "its time")"
  }

  // MARK: Cutting short

  /// Ends what is in flight in a called runbook with whose failure the run goes on; its `finally` follows.
  private mutating func cutShort(_ step: StepIndex) {
    overdueCalls[step] = step
    for place in steps.indices {
      let inner = StepIndex(place)
      guard case .block(let progress) = steps[place].phase, case .call = self[inner].action,
        let around = overdueCall(around: inner), overdueCalls[inner] == nil
      else { continue }
      if case .finally = progress { continue }
      overdueCalls[inner] = around
    }
    if case .block(.preconditions) = steps[Int(step.value)].phase { settleForFailure(step, .rollback) }
    for place in steps.indices where steps[place].activity != .none && isOverdue(StepIndex(place)) {
      settleForFailure(StepIndex(place), .rollback)
    }
  }

  /// The call around a step whose time is over; nil also in a `finally`, which has the time it takes.
  func overdueCall(around step: StepIndex) -> StepIndex? {
    if overdueCalls.isEmpty { return nil }
    var next: StepIndex? = step
    while let step = next {
      let frame = frame(of: step)
      if case .finally = frame.kind { return nil }
      if let owner = frame.owner, let call = overdueCalls[owner] { return call }
      next = frame.owner
    }
    return nil
  }

  /// Whether the time of a called runbook is over to whose steps, and not its `finally`, a step belongs.
  func isOverdue(_ step: StepIndex) -> Bool { overdueCall(around: step) != nil }

  /// Ends the called runbooks whose time is over, once nothing in them goes on.
  mutating func closeOverdueCalls() {
    guard !overdueCalls.isEmpty, mayBegin, pendingEnds == 0, opening == nil else { return }
    for call in overdueCalls.keys.sorted().reversed() {
      guard case .block(.main) = steps[Int(call.value)].phase, let held = steps[Int(call.value)].frames else {
        continue
      }
      var blocks: [StepIndex] = []
      var goesOn = false
      for place in steps.indices where steps[place].activity != .none {
        let step = StepIndex(place)
        guard step != call, isWithin(step, call) else { continue }
        switch steps[place].phase {
        case .block(.group), .block(.items): if isOverdue(step) { blocks.append(step) } else { goesOn = true }
        default: goesOn = true
        }
      }
      if goesOn { continue }
      if blocks.isEmpty { return endMain(call, held) }
      for step in blocks.reversed() { failStopped(step) }
      return
    }
  }
}

/// When a called runbook that has a time of its own began.
package struct CallTime: Hashable, Sendable {
  /// How long engines had lived then, in milliseconds.
  let begun: Int64
  /// Which timer bounds it under the present engine.
  let timer: Int32
}
