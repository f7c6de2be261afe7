extension RunState {
  /// Whether a timer is still waited for; what is not need not be recorded.
  package func expects(_ timer: TimerID) -> Bool {
    if isTerminal || !mayFire(timer) { return false }
    if timer.purpose == .deadline, let step = timer.owner.step {
      return awaitsDeadline(step, serial: timer.owner.serial)
    }
    if timer.purpose == .retry, awaitsReopening(timer.owner) { return pause == nil }
    if case .notice = timer.owner.slot { return noticeExpects(timer) }
    if let service = service(of: timer.owner), let stage = services[service] {
      if case .opening(timer.owner, nil) = stage { return timer.purpose == .timeout }
      return stage.expects(timer)
    }
    guard let step = timer.owner.step else {
      switch (timer.purpose, phase) {
      case (.deadline, .rollingBack), (.deadline, .finishing): return false
      case (.deadline, _): return timer.owner.serial == deadlineSerial && !rolledBack && failure == nil
      case (.timeout, .tools): return ownProbes.contains(timer.owner) && !lateTools.contains(timer.owner)
      case (_, .preconditions(_, let run)): return run.expects(timer)
      default: return false
      }
    }
    switch steps[Int(step.value)].undo {
    case .none: return steps[Int(step.value)].phase.expects(timer)
    case .probing(let run), .verifying(_, _, let run, _): return run.expects(timer)
    case .acting(_, let id, let stopping): return timer.owner == id && timer.purpose == .timeout && stopping == nil
    case .pausing(_, let id, _): return timer.owner == id && timer.purpose == .retry
    case .inner(_, _, let inner): return inner.expects(timer)
    case .awaiting, .askingPassage, .askingDoubt, .ended: return false
    }
  }

  /// An engine that was told to end begins nothing: it only bounds what is in flight.
  func mayFire(_ timer: TimerID) -> Bool { pause?.reason != .terminated || timer.purpose == .timeout }
}

extension StepPhase {
  fileprivate func expects(_ timer: TimerID) -> Bool {
    switch self {
    case .checking(_, let run, _), .verifying(_, let run), .block(.preconditions(_, let run)): run.expects(timer)
    case .acting(let id, let stopping): timer.owner == id && timer.purpose == .timeout && stopping == nil
    case .pausing(let id, _): timer.owner == id && timer.purpose == .retry
    case .approving(let id, let closing): timer.owner == id && timer.purpose == .expiry && !closing
    case .inner(let inner): inner.expects(timer)
    case .settling(let settling):
      switch settling.stage {
      case .applied(let run), .verify(_, let run): run.expects(timer)
      case .asking: false
      }
    case .waiting, .awaiting, .askingPrecondition, .confirming, .reverifying, .ready, .opening, .block, .ended: false
    }
  }
}

extension InnerAction {
  /// Whether a step's `timeout` may end it: a wait has its end, and a person who does something a bound of its own.
  private var isBounded: Bool {
    switch self {
    case .wait, .manual: false
    case .decide, .check, .checklist: true
    }
  }

  fileprivate func expects(_ timer: TimerID) -> Bool {
    if timer.purpose == .timeout, case .action = timer.owner.slot { return isBounded }
    return switch self {
    case .wait(let id, _): timer == id
    case .manual(let id, let expires): timer.owner == id && timer.purpose == .expiry && expires != nil
    case .decide: false
    case .check(let run): run.expects(timer)
    case .checklist(let items):
      items.contains { if case .checking(let run) = $0 { run.expects(timer) } else { false } }
    }
  }
}
