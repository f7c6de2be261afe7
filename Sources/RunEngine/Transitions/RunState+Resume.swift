import RunbookParser

extension RunState {
  /// Goes on where the last engine stopped.
  mutating func resume() {
    forgetReady()
    endsInFlight = false
    switch phase {
    case .new, .tools: beginTools()
    case .preconditions(let place, _), .askingPrecondition(let place, _): beginPrecondition(place)
    case .forward: resumeForward(0..<index.mainCount)
    case .finishing: resumeForward(index.mainCount..<steps.count)
    case .failing:
      for place in 0..<index.mainCount { leaveForRollback(StepIndex(place)) }
      completeFailing()
    case .askingPolicy:
      phase = .failing(.ask)
      completeFailing()
    case .rollingBack: resumeRollback()
    case .ended: break
    }
  }

  private mutating func resumeForward(_ places: Range<Int>) {
    for place in places { resumeForward(StepIndex(place)) }
    fillSlots()
    completeForward()
  }

  private mutating func resumeForward(_ step: StepIndex) {
    let state = steps[Int(step.value)]
    switch state.phase {
    case .waiting:
      if state.openNeeds == 0, state.end == nil { becomeReady(step) }
    case .checking, .askingPrecondition, .confirming:
      setPhase(step, .waiting)
      becomeReady(step)
    case .ready: enqueue(step)
    case .acting, .settling: settle(step, .resume)
    case .inner(let inner): resumeInner(step, inner)
    case .pausing(_, let until):
      let id = nextID(step, .action)
      setPhase(step, .pausing(id, until: until))
      effects.append(.timer(TimerID(owner: id, purpose: .retry), after: max(0, until - now)))
    case .verifying(let place, _): verify(step, place)
    case .ended: break
    }
  }

  private mutating func resumeInner(_ step: StepIndex, _ inner: InnerAction) {
    let id = EffectID(step: step, slot: .action, serial: steps[Int(step.value)].attempt)
    switch inner {
    case .wait(let timer, let until):
      effects.append(.timer(timer, after: max(0, until - now)))
    case .manual(let id, let expires):
      if case .ask(let question)? = steps[Int(step.value)].resolved { effects.append(.ask(id, question)) }
      if let expires {
        effects.append(.timer(TimerID(owner: id, purpose: .expiry), after: max(0, expires - now)))
      }
    case .decide, .check, .checklist:
      beginInner(step, id, self.step(step).action, .inner)
    }
  }
}
