import RunbookParser

/// Tunnels: opened before the preconditions and by each engine anew, opened again when they are lost, closed last.
extension RunState {
  /// How long a tunnel may take until it is open, in milliseconds.
  static let tunnelPatience: Int64 = 30_000
  /// The pause before a lost tunnel is tried again, in milliseconds.
  private static let tunnelPause: Int64 = 2_000

  /// What an engine goes on with once its tunnels, and the programs that are needed at once, are there.
  package enum Opening: Hashable, Sendable {
    /// The preconditions of the run, from this one on.
    case preconditions(Int)
    /// What the last engine left.
    case resume
    /// The way back.
    case rollback
  }

  /// Opens the plan's tunnels and starts the programs that are needed, and goes on after that.
  mutating func open(for purpose: Opening) {
    opening = purpose
    for place in plan.tunnels.indices { openTunnel(place) }
    if purpose == .resume, index.hasBackground {
      for place in steps.indices {
        let step = StepIndex(place)
        guard isBackground(step), steps[place].end == .succeeded, steps[place].mayHaveStarted,
          !isOnlyAssumed(step), isNeeded(step)
        else { continue }
        begin(step)
      }
    }
    _ = goesOnAfterOpening()
  }

  private mutating func openTunnel(_ place: Int) {
    let tunnel = plan.tunnels[place]
    switch resolve(tunnel.route, at: vantage(nil)) {
    case .success(var resolved):
      resolved.port = tunnelPorts[place]
      let id = nextID(nil, .tunnel(place))
      services[.tunnel(place)] = .opening(id, nil)
      effects.append(.open(id, resolved))
      effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: Self.tunnelPatience))
    case .failure(.unknown(let source)):
      services[.tunnel(place)] = .down("it depends on \(source), which is not known")
    case .failure(.error(let message)): services[.tunnel(place)] = .down(message)
    }
  }

  /// A tunnel is open at a port of this machine.
  mutating func tunnelOpened(_ id: EffectID, port: Int64) throws(ImpossibleTransition) {
    guard case .tunnel(let place) = id.slot, plan.tunnels.indices.contains(place) else {
      throw ImpossibleTransition("no tunnel for \(id)")
    }
    // It may have been told to end meanwhile.
    guard case .opening(id, nil) = stage(of: .tunnel(place)) else { return }
    services[.tunnel(place)] = .up(id)
    tunnelPorts[place] = port
    _ = goesOnAfterOpening()
  }

  /// A tunnel is lost: it is opened again, as long as somebody may need it.
  mutating func reopen(_ place: Int) {
    guard pause == nil, opening == nil, !isClosing else { return }
    let id = nextID(nil, .tunnel(place))
    reopenings[place] = id
    effects.append(.timer(TimerID(owner: id, purpose: .retry), after: Self.tunnelPause))
  }

  /// The time to open a lost tunnel again has come.
  mutating func reopenTunnel(_ id: EffectID) {
    guard case .tunnel(let place) = id.slot, reopenings.removeValue(forKey: place) == id, pause == nil, !isClosing,
      stage(of: .tunnel(place)).isDown
    else { return }
    openTunnel(place)
  }

  /// Whether a tunnel that was lost is to be opened again at this time.
  func awaitsReopening(_ id: EffectID) -> Bool {
    guard case .tunnel(let place) = id.slot else { return false }
    return reopenings[place] == id
  }

  /// Goes on with what waits for tunnels and programs once each of them is there or is not to be had; false where nothing
  /// waits, or goes on waiting.
  mutating func goesOnAfterOpening() -> Bool {
    guard let purpose = opening else { return false }
    let waited = services.filter { service, _ in
      if case .program = service { purpose == .resume } else { true }
    }
    guard waited.values.allSatisfy({ $0.isUp || $0.isDown }), pause == nil else { return true }
    opening = nil
    let held = heldInterrupts
    let isLate = deadlineHeld
    heldInterrupts = 0
    deadlineHeld = false
    let missing = plan.tunnels.indices.compactMap { place -> String? in
      guard case .down(let problem?) = stage(of: .tunnel(place)) else { return nil }
      return "the tunnel \(plan.tunnels[place].name): \(problem)"
    }
    let isInterrupted = held > 0 || isLate
    switch purpose {
    case .preconditions(let place) where missing.isEmpty: beginPrecondition(place)
    case .preconditions:
      unmet += missing
      effects.append(.record(.failureDecided(nil, Failure(.unmet, missing.joined(separator: "; ")), .stop)))
    case .resume where missing.isEmpty || isInterrupted || isGoingBack: resume()
    case .resume:
      for problem in missing { effects.append(.report("The run cannot go on without " + problem)) }
      // What was left is not taken up.
      opening = purpose
      beginPause(.unreachable)
    case .rollback:
      for problem in missing { effects.append(.report("The rollback goes on without " + problem)) }
      goBack()
    }
    if isLate { passDeadline() }
    for _ in 0..<held { interrupt() }
    return true
  }

  /// The operator or the clock ended the run before what the last engine left was taken up: that comes first, and what is
  /// still being opened is not waited for.
  mutating func holdUntilOpened() {
    for service in services.keys.sorted() {
      if case .opening = stage(of: service) { end(service, "it was given up") }
    }
  }

  private var isGoingBack: Bool { if case .rollingBack = phase { true } else { false } }

  /// Whether nothing but the end of the run is left.
  private var isClosing: Bool {
    switch phase {
    case .finishing: pendingEnds == 0 && live == 0 && finallyBegun
    case .ended: true
    default: false
    }
  }
}
