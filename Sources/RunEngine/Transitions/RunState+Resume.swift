import RunbookParser

extension RunState {
  /// Goes on where the last engine stopped.
  mutating func resume() {
    forgetReady()
    endsInFlight = false
    switch phase {
    case .new, .tools, .preconditions, .askingPrecondition: break
    case .forward: resumeForward()
    case .finishing where finallyAborted:
      for place in steps.indices { leaveBehind(StepIndex(place), "interrupted") }
      completeForward()
    case .finishing: resumeForward()
    case .failing(let policy):
      for place in steps.indices { resumeFailing(StepIndex(place), policy) }
      completeFailing()
    case .askingPolicy:
      phase = .failing(.ask)
      completeFailing()
    case .rollingBack: resumeRollback()
    case .ended: break
    }
  }

  /// Brings a step to its end that was in flight when something else failed.
  private mutating func resumeFailing(_ step: StepIndex, _ policy: FailurePolicy) {
    guard policy != .rollback else { return leaveForRollback(step) }
    switch steps[Int(step.value)].phase {
    case .acting, .settling: settle(step, .resume)
    case .verifying(let place, _): verify(step, place)
    case .block(.preconditions): leaveForRollback(step)
    case .block: break
    default: leaveForRollback(step)
    }
  }

  mutating func resumeForward() {
    let isFinishing: Bool = if case .finishing = phase { true } else { false }
    // What begins on the way is not what an earlier engine left.
    let left = steps.indices.filter { place in
      let frame = frame(of: StepIndex(place))
      return isFinishing ? frame.isFinal : !frame.isAtEnd
    }.map { (StepIndex($0), steps[$0].phase) }
    for (step, phase) in left { resumeForward(step, phase) }
    for (step, phase) in left { if case .block(let progress) = phase { resumeBlock(step, progress) } }
    fillSlots()
    completeForward()
  }

  private mutating func resumeForward(_ step: StepIndex, _ phase: StepPhase) {
    switch phase {
    case .waiting: if isOpen(around: step) { beginIfReady(step) }
    case .awaiting where steps[Int(step.value)].attempt > 0: enqueue(step)
    case .approving where steps[Int(step.value)].attempt > 0, .reverifying where steps[Int(step.value)].attempt > 0:
      goOn(step)
    case .awaiting, .checking, .askingPrecondition, .confirming, .approving, .reverifying:
      setPhase(step, .waiting)
      becomeReady(step)
    case .ready, .opening: enqueue(step)
    case .acting, .settling: settle(step, .resume)
    case .inner(.manual) where isOverdue(step), .inner(.decide) where isOverdue(step):
      forgetStart(step)
      failStopped(step)
    case .inner where isOverdue(step): failStopped(step, inDoubt: true)
    case .inner(let inner): resumeInner(step, inner)
    case .pausing(_, let until):
      let id = nextID(step, .action)
      setPhase(step, .pausing(id, until: until))
      effects.append(.timer(TimerID(owner: id, purpose: .retry), after: max(0, until - now)))
    case .verifying(let place, _): verify(step, place)
    case .block, .ended: break
    }
  }

  /// Whether the list that a step stands in goes on: not where what holds it is over, or has come to its `finally`.
  private func isOpen(around step: StepIndex) -> Bool {
    let frame = frame(of: step)
    guard let owner = frame.owner else { return true }
    if case .finally = frame.kind { return true }
    switch steps[Int(owner.value)].phase {
    case .block(.finally): return false
    case .block: return true
    default: return false
    }
  }

  /// Begins a step that waits for nothing any more.
  mutating func beginIfReady(_ step: StepIndex) {
    if steps[Int(step.value)].openNeeds == 0, steps[Int(step.value)].end == nil { becomeReady(step) }
  }

  private mutating func resumeInner(_ step: StepIndex, _ inner: InnerAction) {
    let id = EffectID(step: step, slot: .action, serial: steps[Int(step.value)].attempt)
    switch inner {
    case .wait(let timer, let until):
      effects.append(.timer(timer, after: max(0, until - now)))
    case .manual(_, let expires?) where expires <= now:
      continueInner(step, .ended(Self.expired))
    case .manual(let id, let expires):
      if case .ask(let question)? = steps[Int(step.value)].resolved { put(question, id) }
      if let expires {
        effects.append(.timer(TimerID(owner: id, purpose: .expiry), after: max(0, expires - now)))
      }
    case .checklist(let before):
      guard case .checklist(let items) = self[step].action else { break }
      boundInner(step, id)
      continueInner(step, begin(items, step, after: before))
    case .decide, .check:
      beginInner(step, id, self[step].action, .inner)
    }
  }
}
