import Expressions
import RunbookParser

extension RunState {
  /// An engine takes the run over.
  ///
  /// - Parameter lastAliveAt: When the last event before this one happened.
  mutating func begin(_ start: EngineStart, lastAliveAt: Int64) throws(ImpossibleTransition) {
    if let engine, engine.epoch >= start.epoch {
      throw ImpossibleTransition("engine \(start.epoch) comes after engine \(engine.epoch)")
    }
    // An engine that died lived until its last record.
    if engine != nil, pause?.complete != true { livedBefore += max(0, lastAliveAt - engineStartedAt) }
    engine = start
    engineStartedAt = now
    pause = nil
    rollbackInterrupts = 0
    finallyInterrupts = 0
    ownProbes = []
    asked = [:]
    for step in gates.keys { gates[step]?.isVerified = false }
    absent = []
    services = [:]
    reopenings = [:]
    heldInterrupts = 0
    deadlineHeld = false
    opening = nil
    if let timeout = plan.timeout, !rolledBack, !isTerminal {
      let id = nextID(nil, .policy)
      deadlineSerial = id.serial
      effects.append(.timer(TimerID(owner: id, purpose: .deadline), after: max(0, timeout - livedBefore)))
    }
    tellAgain()
    switch start.purpose {
    case .run:
      guard case .new = phase else { throw ImpossibleTransition("the run has begun already") }
      tell(.started)
      beginTools()
    case .resume:
      if isTerminal { throw ImpossibleTransition("the run is over") }
      switch phase {
      case _ where rollbackOwed: open(for: .rollback)
      case .new, .tools: beginTools()
      case .preconditions(let place, _), .askingPrecondition(let place, _): openTunnels(before: place)
      default: open(for: .resume)
      }
    case .rollback:
      endTold = false
      rollbackOwed = true
      if isTerminal, !plan.tunnels.isEmpty { reopenForRollback() }
      open(for: .rollback)
    }
  }

  // MARK: Tools and preconditions

  /// The freeze that is on now, as the plan knows it.
  package var openFreeze: Policy.Freeze? { plan.policy?.freeze(at: now) }

  /// How long a program may take to tell its version, in milliseconds.
  static let toolPatience: Int64 = 15_000

  mutating func beginTools() {
    unmet = []
    if let freeze = openFreeze, (plan.steps + plan.finally).contains(where: { $0.effect != .observe }) {
      phase = .tools(open: 0)
      let until = Value.timestamp(Timestamp(milliseconds: freeze.until)).rendered
      let message = "nothing is changed until \(until): the freeze \(freeze.name)"
      unmet.append(message)
      effects.append(.record(.failureDecided(nil, Failure(.unmet, message), .stop)))
      return
    }
    guard !plan.tools.isEmpty else { return openTunnels(before: 0) }
    phase = .tools(open: plan.tools.count)
    for (place, tool) in plan.tools.enumerated() {
      serial += 1
      let id = EffectID(step: nil, slot: .tool(place), serial: serial)
      ownProbes.insert(id)
      effects.append(.probe(ProbeRequest(id: id, action: .program(ResolvedProgram(arguments: tool.command)))))
      effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: Self.toolPatience))
    }
  }

  private mutating func openTunnels(before place: Int) {
    phase = .tools(open: 0)
    open(for: .preconditions(place))
  }

  /// A run that was over is undone: that is what goes on while its tunnels are opened.
  private mutating func reopenForRollback() {
    phase = .failing(.rollback)
    if failure == nil {
      failure = FirstFailure(step: nil, failure: Failure(.operator, "rolled back on request"))
    }
  }

  mutating func beginPrecondition(_ place: Int) {
    guard place < plan.preconditions.count else { return beginForward() }
    var run = CheckRun(
      plan.preconditions[place].check, step: nil, slot: .precondition(place), subject: .observed, at: vantage(nil))
    run.start(&self)
    continuePrecondition(place, run)
  }

  private mutating func continuePrecondition(_ place: Int, _ run: CheckRun) {
    phase = .preconditions(place, run)
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if verdict.passes { return beginPrecondition(place + 1) }
    let precondition = plan.preconditions[place]
    let name = precondition.check.title ?? precondition.check.id ?? "precondition \(place)"
    let message = "\(name): \(verdict.message)"
    switch precondition.otherwise {
    case .ask where verdict.answer == .fails:
      let id = nextID(nil, .precondition(place))
      phase = .askingPrecondition(place, id)
      effects.append(
        .record(
          .asked(
            id,
            Question(
              text: "A precondition is not met: \(message)",
              kind: .choose([Self.goOn, .init(id: "stop", title: "do not start")])))))
    case .done where verdict.answer == .fails:
      finish(.succeeded)
    case .stop, .skip, .ask, .done:
      unmet.append(message)
      effects.append(.record(.failureDecided(nil, Failure(.unmet, message), .stop)))
    }
  }

  /// Takes what came for the run itself.
  mutating func deliverToRun(_ delivery: Delivery, to id: EffectID) -> Bool {
    var ownProbe = false
    switch delivery {
    case .ended, .refused: ownProbe = ownProbes.remove(id) != nil
    case .timer, .answered: break
    }
    switch phase {
    case .tools(let open):
      guard case .tool(let place) = id.slot else { return false }
      switch delivery {
      case .ended where lateTools.contains(id):
        let command = plan.tools[place].command.joined(separator: " ")
        unmet.append(
          "\(plan.tools[place].name): `\(command)` was not over within \(DurationText.render(Self.toolPatience))")
      case .ended(let end): check(plan.tools[place], end)
      case .refused(let message): unmet.append("\(plan.tools[place].name): \(message)")
      case .timer(.timeout):
        if ownProbes.contains(id), lateTools.insert(id).inserted { effects.append(.stop(id)) }
        return true
      case .timer, .answered: return false
      }
      lateTools.remove(id)
      phase = .tools(open: open - 1)
      if open == 1, pause?.reason != .terminated {
        if unmet.isEmpty {
          openTunnels(before: 0)
        } else {
          effects.append(.record(.failureDecided(nil, Failure(.unmet, unmet.joined(separator: "; ")), .stop)))
        }
      }
      return true
    case .preconditions(let place, var run):
      guard run.deliver(delivery, to: id, &self) else { return false }
      continuePrecondition(place, run)
      return true
    case .askingPrecondition(let place, let expected) where expected == id:
      guard case .answered(let answer, let by, let evidence) = delivery else { return false }
      if evidence == .assumed {
        let failure = Failure(.unmet, Self.unmetUnasked(plan.preconditions[place].check, place))
        effects.append(.record(.failureDecided(nil, failure, .stop)))
      } else if answer == .choice(Self.goOn.id) {
        beginPrecondition(place + 1)
      } else {
        let failure = Failure(.denied, "\(by) decided not to start")
        effects.append(.record(.failureDecided(nil, failure, .stop)))
      }
      return true
    case .askingPolicy(let expected) where expected == id:
      guard case .answered(let answer, _, let evidence) = delivery, let failure else { return false }
      // In a dry run nobody is asked: the way back is what there is to be shown.
      let policy: FailurePolicy =
        if evidence == .assumed {
          .rollback
        } else if case .choice(let id) = answer, let chosen = FailurePolicy(rawValue: id) { chosen } else { .stop }
      effects.append(.record(.failureDecided(failure.step, failure.failure, policy)))
      return true
    case .failing where ownProbe:
      // What was cancelled when the run failed is over.
      completeFailing()
      return true
    default:
      return false
    }
  }

  private mutating func check(_ tool: ToolRequirement, _ end: ActionEnd) {
    if case .assumed = end.ending { return }
    if let problem = problem(of: tool, end) { unmet.append(problem) }
  }

  /// Why a program is not what is needed, by what it printed; nil where it is.
  func problem(of tool: ToolRequirement, _ end: ActionEnd) -> String? {
    guard case .exited(let status, let stdout, let stderr) = end.ending else {
      return "\(tool.name): \(describeMismatch(nil, end))"
    }
    guard let constraint = tool.version else {
      return status == 0 ? nil : "\(tool.name): \(describeMismatch(nil, end))"
    }
    let printed = stdout.text + "\n" + stderr.text
    guard let found = ToolVersion.find(in: printed, pattern: tool.pattern) else {
      return "\(tool.name): no version found in what `\(tool.command.joined(separator: " "))` printed"
    }
    return constraint.allows(found) ? nil : "\(tool.name): version \(found) is there, \(constraint) is needed"
  }

  // MARK: Forward

  mutating func beginForward() {
    phase = .forward
    if unfinished == 0 { return completeForward() }
    for place in frames[0].range where steps[place].openNeeds == 0 { becomeReady(StepIndex(place)) }
    fillSlots()
  }

  /// Why a precondition counts as unmet where a person would decide about it and is not asked.
  static func unmetUnasked(_ check: Check, _ place: Int) -> String {
    "\(check.title ?? check.id ?? "precondition \(place)"): not met, and a person would be asked"
  }

  /// The option to go on in spite of something.
  static let goOn = Question.Choice(id: "go-on", title: "go on all the same")
}
