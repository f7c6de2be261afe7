import RunbookParser

/// Background programs and tunnels: they are begun for those that need them, and ended when nobody does any more.
extension RunState {
  // MARK: Beginning

  /// Lets a background step's program start; a decision, for its intent comes first.
  mutating func begin(_ holder: StepIndex) {
    switch stage(of: .program(holder)) {
    case .announced, .opening, .up, .ending: return
    case .down: break
    }
    if isOnlyAssumed(holder) {
      return down(.program(holder), "it was not ready, which was put down to what was assumed")
    }
    let approved = gates[holder]?.request.action.map { Result<ResolvedAction, ResolveProblem>.success($0) }
    switch approved ?? resolve(self[holder].action, at: vantage(holder)) {
    case .success(let action):
      let id = EffectID(step: holder, slot: .action, serial: steps[Int(holder.value)].attempt + 1)
      services[.program(holder)] = .announced(id)
      effects.append(.record(.intended(id, action, dryRun: nil)))
    case .failure(.unknown(let source)): down(.program(holder), "it depends on \(source), which is not known")
    case .failure(.error(let message)): down(.program(holder), message)
    }
  }

  /// The intent of a background step's program was recorded: it may start.
  mutating func intendProgram(_ id: EffectID, _ holder: StepIndex, _ action: ResolvedAction)
    throws(ImpossibleTransition)
  {
    guard case .announced(id) = stage(of: .program(holder)), let ready = self[holder].ready else {
      throw ImpossibleTransition("the intent \(id) was not announced")
    }
    steps[Int(holder.value)].attempt = id.serial
    if !steps[Int(holder.value)].mayHaveStarted {
      steps[Int(holder.value)].mayHaveStarted = true
      intents.append(holder)
    }
    effects.append(
      .start(
        StartRequest(id: id, action: action, effect: .observe, keepsOutput: self[holder].keepsOutput)))
    var check = CheckRun(ready, step: holder, slot: .ready, subject: .observed, at: vantage(holder))
    check.start(&self)
    services[.program(holder)] = .opening(id, check)
    advance(.program(holder))
  }

  /// Whether all programs that a step counts on may be used; those that do not run are started, but none while the
  /// engine stops.
  mutating func hasServices(_ step: StepIndex) -> Bool {
    var isComplete = true
    for holder in servicesNeeded(by: step) where !stage(of: .program(holder)).isUp {
      isComplete = false
      if pause == nil { begin(holder) }
    }
    return isComplete
  }

  // MARK: Deliveries

  /// Takes what came for something that is kept running.
  mutating func deliver(_ delivery: Delivery, to id: EffectID, of service: ServiceID) -> Bool {
    switch stage(of: service) {
    case .opening(let effect, var check):
      guard effect == id else {
        guard check?.deliver(delivery, to: id, &self) == true else { return false }
        services[service] = .opening(effect, check)
        advance(service)
        return true
      }
      let problem: String
      switch delivery {
      case .ended(let end) where check == nil: problem = describeMismatch(nil, end)
      case .ended(let end): problem = "it ended before it was ready: \(describeMismatch(nil, end))"
      case .refused(let message): problem = message
      case .timer(.timeout):
        end(service, "it was not open within \(DurationText.render(Self.tunnelPatience))")
        return true
      case .timer, .answered: return false
      }
      check?.cancel(&self)
      services[service] = .ending(nil, check, problem)
      advance(service)
    case .up(let effect):
      guard effect == id else { return false }
      switch delivery {
      case .ended(let end): lose(service, describeMismatch(nil, end))
      case .refused(let message): lose(service, message)
      case .timer, .answered: return false
      }
    case .ending(let effect, var check, let problem):
      if effect == id {
        switch delivery {
        case .ended, .refused: services[service] = .ending(nil, check, problem)
        case .timer: return true
        case .answered: return false
        }
      } else {
        guard check?.deliver(delivery, to: id, &self) == true else { return false }
        services[service] = .ending(effect, check, problem)
      }
      advance(service)
    case .down, .announced:
      return false
    }
    return true
  }

  /// Goes on where a check has come to its verdict, or everything of it is over.
  private mutating func advance(_ service: ServiceID) {
    switch stage(of: service) {
    case .opening(let effect, let check?):
      guard let verdict = check.verdict else { return }
      if verdict.passes {
        services[service] = .up(effect)
        becomeAvailable(service)
      } else {
        end(service, "it was not ready: \(verdict.message)")
      }
    case .ending(nil, let check, let problem):
      if let check, check.verdict == nil { return }
      down(service, problem)
    case .opening, .ending, .up, .down, .announced: break
    }
  }

  // MARK: Ending

  /// Tells something that is kept running to end; `problem` where that is not because nobody needs it any more.
  mutating func end(_ service: ServiceID, _ problem: String? = nil) {
    switch stage(of: service) {
    case .opening(let effect, var check):
      check?.cancel(&self)
      effects.append(.stop(effect))
      services[service] = .ending(effect, check, problem)
    case .up(let effect):
      effects.append(.stop(effect))
      services[service] = .ending(effect, nil, problem)
    case .down, .announced, .ending: break
    }
  }

  /// Ends the background programs that nobody counts on any more.
  mutating func releaseServices() {
    guard index.hasBackground, !services.isEmpty else { return }
    for service in services.keys.sorted() {
      guard case .program(let holder) = service, stage(of: service).isUp, !isNeeded(holder) else { continue }
      end(service)
    }
  }

  /// Ends all that is kept running, tunnels last; false while something of it is in flight.
  mutating func closeServices() -> Bool {
    if services.isEmpty { return true }
    let all = services.keys.sorted()
    let programs = all.filter { if case .program = $0 { true } else { false } }
    for service in programs { end(service) }
    guard programs.allSatisfy({ stage(of: $0).isDown }) else { return false }
    for service in all { end(service) }
    return all.allSatisfy { stage(of: $0).isDown }
  }

  // MARK: What follows

  private mutating func becomeAvailable(_ service: ServiceID) {
    if goesOnAfterOpening() { return }
    guard case .program(let holder) = service else { return }
    if case .opening = steps[Int(holder.value)].phase {
      conclude(holder, .succeeded)
    } else {
      goOnWithServices()
    }
  }

  /// Nothing of it is in flight any more.
  private mutating func down(_ service: ServiceID, _ problem: String?) {
    services[service] = .down(problem)
    if pause?.reason == .terminated || goesOnAfterOpening() { return }
    switch service {
    case .tunnel(let place):
      if problem != nil { reopen(place) }
    case .program(let holder):
      if case .opening = steps[Int(holder.value)].phase {
        if isStopped(holder) || problem == nil && goesNoFurther(holder) {
          failStopped(holder)
        } else if let problem {
          fail(holder, .failed, problem)
        } else {
          setPhase(holder, .waiting)
        }
      } else if let problem {
        failThoseWaiting(for: holder, problem)
      } else {
        goOnWithServices()
      }
    }
    completeFailing()
    completeForward()
  }

  /// Goes on with what waited for programs that are there now; it starts those that are not.
  private mutating func goOnWithServices() {
    guard pause == nil else { return }
    for place in steps.indices {
      let step = StepIndex(place)
      guard case .awaiting(let beforeStart) = steps[place].phase, !goesNoFurther(step), hasServices(step) else {
        continue
      }
      setPhase(step, .waiting)
      if beforeStart { enqueue(step) } else { check(step, 0, afterPerson: false) }
    }
    if let step = activeUndo, case .awaiting = steps[Int(step.value)].undo, canBeUndone(step) {
      goOnUndoing(step)
    }
  }

  private mutating func failThoseWaiting(for holder: StepIndex, _ problem: String) {
    let message = "\(path(of: holder)), which it needs, does not run: \(problem)"
    for place in steps.indices {
      guard case .awaiting = steps[place].phase, servicesNeeded(by: StepIndex(place)).contains(holder) else { continue }
      fail(StepIndex(place), .failed, message)
    }
    if let step = activeUndo, case .awaiting = steps[Int(step.value)].undo,
      servicesNeeded(by: step).contains(holder)
    {
      // Nobody knows of a point of no return then: it holds back what came before it.
      if self[step].effect == .irreversible { return passOrUndo(step) }
      endNow(step, .failed(message, inDoubt: false))
    }
  }

  // MARK: Losing

  /// Something that was up ended by itself.
  private mutating func lose(_ service: ServiceID, _ how: String) {
    switch service {
    case .tunnel(let place):
      services[service] = .down(how)
      effects.append(.report("The tunnel \(plan.tunnels[place].name) was lost: \(how)"))
      reopen(place)
    case .program(let holder):
      services[service] = .down(how)
      guard isNeeded(holder) else { return releaseServices() }
      let message = "\(path(of: holder)), which it needs, ended: \(how)"
      effects.append(.report("\(path(of: holder)) ended while it was needed: \(how)"))
      for place in steps.indices where servicesNeeded(by: StepIndex(place)).contains(holder) {
        lose(StepIndex(place), message)
      }
    }
  }

  /// Fails a step in flight that has lost the program it counts on; what cannot be undone runs to its end.
  private mutating func lose(_ step: StepIndex, _ message: String) {
    guard steps[Int(step.value)].lost == nil, self[step].effect != .irreversible else { return }
    switch steps[Int(step.value)].phase {
    // Nothing of it is in flight: before it starts the program is started again.
    case .waiting, .awaiting, .askingPrecondition, .confirming, .approving, .reverifying, .ready, .pausing, .opening,
      .ended, .block, .settling:
      return
    case .acting(let id, let stopping):
      steps[Int(step.value)].lost = message
      if stopping == nil {
        effects.append(.stop(id))
        setPhase(step, .acting(id, stopping: .background))
      }
    case .checking(let place, var run, let afterPerson):
      steps[Int(step.value)].lost = message
      run.cancel(&self)
      continueChecking(step, place, run, afterPerson: afterPerson)
    case .verifying(let place, var run):
      steps[Int(step.value)].lost = message
      run.cancel(&self)
      continueVerifying(step, place, run)
    case .inner(let inner):
      steps[Int(step.value)].lost = message
      cancelInner(step, inner)
    }
  }
}

extension ServiceID: Comparable {
  package static func < (a: ServiceID, b: ServiceID) -> Bool {
    switch (a, b) {
    case (.program(let a), .program(let b)): a < b
    case (.tunnel(let a), .tunnel(let b)): a < b
    case (.program, .tunnel): true
    case (.tunnel, .program): false
    }
  }
}
