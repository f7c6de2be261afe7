import Journal
import RunEngine
import RunbookParser

/// A run of a plan in a world that a test describes: what is not described succeeds at once and tells the truth.
package struct Scenario {
  /// Where an engine dies.
  package enum Death: Sendable, Hashable {
    /// After an intent is durable, and before what it is for starts: `promote`, `undo promote`.
    case afterIntent(String)
    /// Before the end of an action or a probe is durable: `promote`, `undo promote`, `promote applied`.
    case beforeEnd(String)
    /// After it is durable, and before what follows is performed.
    case afterEnd(String)
  }

  /// What runs.
  package var plan: RunPlan
  /// What actions and probes do, by address; the last goes on being repeated.
  package var behaviours: [String: [Behaviour]] = [:]
  /// What people say, by address; yes, or the first choice, where nothing is said.
  package var people: [String: [PersonBehaviour?]] = [:]
  /// What people say about gates, by address, each time they are asked.
  package var votes: [String: [[SimulatedVote]]] = [:]
  /// Whose votes do not count any more when they are verified the first time.
  package var voided: Set<String> = []
  /// Whose votes do not count any more when they are verified the second time.
  package var voidedLater: Set<String> = []
  /// Who is proven to have started the run.
  package var starter: ProvenStarter?
  /// Whether there is a person at a terminal.
  package var attended = false
  /// What happens from outside, in milliseconds from the first engine's start.
  package var outside: [(event: RunEvent, after: Int64)] = []
  /// Where engines die.
  package var deaths: [Death] = []

  package init(
    _ steps: [StepSketch], finally: [StepSketch] = [], _ change: (inout RunPlan) -> Void = { _ in }
  ) {
    plan = RunPlan.of(steps, finally: finally, change)
  }

  /// A run of a plan that was made elsewhere.
  package init(plan: RunPlan) { self.plan = plan }

  /// Says what happens at an address.
  package func at(_ address: String, _ behaviours: Behaviour...) -> Scenario {
    var changed = self
    changed.behaviours[address] = behaviours
    return changed
  }

  /// Says what a person answers at an address; nil is nothing at all.
  package func person(_ address: String, _ answers: PersonBehaviour?...) -> Scenario {
    var changed = self
    changed.people[address] = answers
    changed.attended = true
    return changed
  }

  /// Says what people say about the gate at an address, when they are asked the first time, the second, and so on.
  package func votes(_ address: String, _ rounds: [SimulatedVote]...) -> Scenario {
    var changed = self
    changed.votes[address] = rounds
    return changed
  }

  /// With a person at a terminal.
  package func withPerson() -> Scenario {
    var changed = self
    changed.attended = true
    return changed
  }

  /// Lets something happen from outside.
  package func event(_ event: RunEvent, after milliseconds: Int64) -> Scenario {
    var changed = self
    changed.outside.append((event, milliseconds))
    return changed
  }

  /// Lets an engine die.
  package func dies(_ death: Death) -> Scenario {
    var changed = self
    changed.deaths.append(death)
    return changed
  }

  /// Lets the first engine drive the run as far as it goes.
  package func play() -> ScenarioRun { ScenarioRun(self) }
}

/// How a scenario went.
package final class ScenarioRun {
  private let script: TableScript
  private let attended: Bool
  /// What drives the state machine.
  package let simulator: Simulator
  /// How each engine's work ended.
  package private(set) var ends: [SimulationEnd] = []

  init(_ scenario: Scenario) {
    script = TableScript(scenario)
    attended = scenario.attended
    simulator = Simulator(plan: scenario.plan, script: script, starter: scenario.starter)
    for (event, after) in scenario.outside { simulator.schedule(event, after: after) }
    ends.append(simulator.drive(.run, attended: attended))
  }

  /// Lets another engine take the run over.
  @discardableResult
  package func then(
    _ purpose: EngineStart.Purpose, attended: Bool? = nil, as login: String? = nil, after milliseconds: Int64 = 1000,
    survivorsPossible: Bool = false, events: [(event: RunEvent, after: Int64)] = []
  ) -> ScenarioRun {
    simulator.pass(milliseconds)
    if let login { simulator.login = login }
    for (event, after) in events { simulator.schedule(event, after: after) }
    ends.append(
      simulator.drive(purpose, attended: attended ?? self.attended, survivorsPossible: survivorsPossible))
    return self
  }

  /// Lets the operator give the run up.
  @discardableResult
  package func abandon() -> ScenarioRun {
    ends.append(simulator.abandon())
    return self
  }

  /// Changes what happens at an address from now on.
  @discardableResult
  package func now(_ address: String, _ behaviours: Behaviour...) -> ScenarioRun {
    script.replace(address, behaviours)
    return self
  }

  /// How the last engine's work ended.
  package var end: SimulationEnd? { ends.last }

  /// The outcome, if the run is over.
  package var outcome: RunOutcome? { if case .ended(let outcome) = simulator.state.phase { outcome } else { nil } }

  /// Why the run failed.
  package var cause: FailureCause? { simulator.state.failure?.failure.cause }

  /// The steps in the order of their intents, with `undo` before those of the way back.
  package var intents: [String] {
    simulator.entries.compactMap { entry in
      guard case .committed(.intended(let id, _, _), _, _) = entry else { return nil }
      return name(id)
    }
  }

  /// What was really started, in order.
  package var starts: [String] {
    simulator.entries.compactMap { entry in
      guard case .performed(.start(let request), _, _) = entry else { return nil }
      return name(request.id)
    }
  }

  /// The addresses that were probed, in order.
  package var probes: [String] {
    simulator.entries.compactMap { entry in
      guard case .performed(.probe(let request), _, _) = entry else { return nil }
      return RunEventCodec.address(request.id, simulator.state)
    }
  }

  /// The questions that were put, by address, in order.
  package var questions: [String] {
    simulator.entries.compactMap { entry in
      guard case .performed(.ask(let id, _), _, _) = entry else { return nil }
      return RunEventCodec.address(id, simulator.state)
    }
  }

  /// What the operator was told, in order.
  package var reports: [String] {
    simulator.entries.compactMap { entry in
      guard case .performed(.report(let text), _, _) = entry else { return nil }
      return text
    }
  }

  /// A step's status.
  package func status(_ id: String) -> StepStatus? { place(id).map { simulator.state.status(of: StepIndex($0)) } }

  /// How a step ended on its way forward.
  package func end(of id: String) -> StepEnd? { step(id)?.end }

  /// Why a step failed; nil if it did not.
  package func failure(of id: String) -> FailureCause? {
    if case .failed(let failure, _) = step(id)?.end { failure.cause } else { nil }
  }

  /// What is said of a step that failed; nil if it did not.
  package func message(of id: String) -> String? {
    if case .failed(let failure, _) = step(id)?.end { failure.message } else { nil }
  }

  /// How a step ended on its way back.
  package func undo(of id: String) -> UndoEnd? {
    if case .ended(let end) = step(id)?.undo { end } else { nil }
  }

  /// Whether the world is as it was without a step.
  package func isApplied(_ id: String) -> Bool { place(id).map { simulator.world.applied[$0] } ?? false }

  /// What is left of a step's change.
  package func fate(_ id: String) -> Residue.Fate? {
    simulator.state.residue.entries.first { simulator.state.path(of: $0.step) == id }?.fate
  }

  /// How long it all took, in milliseconds.
  package var took: Int64 { simulator.clock - simulator.state.startedAt }

  /// What breaks an invariant; empty if nothing does.
  package var violations: [String] {
    simulator.violations + SimulationOracle.check(simulator.entries, of: simulator.state.plan)
  }

  private func step(_ id: String) -> StepState? { place(id).map { simulator.state.steps[$0] } }

  private func place(_ id: String) -> Int? {
    let state = simulator.state
    return state.steps.indices.first { state.path(of: StepIndex($0)) == id }
  }

  private func name(_ id: EffectID) -> String {
    guard let step = id.step else { return "run" }
    let name = simulator.state.path(of: step)
    if case .undo = id.slot { return "undo " + name }
    return name
  }
}

/// Does what a scenario says.
private final class TableScript: SimulationScript {
  private var behaviours: [String: [Behaviour]]
  private var people: [String: [PersonBehaviour?]]
  private var deaths: [Scenario.Death]
  private let votes: [String: [[SimulatedVote]]]
  private var voided: Set<String>
  private var voidedLater: Set<String>
  private let plan: RunPlan

  init(_ scenario: Scenario) {
    behaviours = scenario.behaviours
    people = scenario.people
    deaths = scenario.deaths
    votes = scenario.votes
    voided = scenario.voided
    voidedLater = scenario.voidedLater
    plan = scenario.plan
  }

  func replace(_ address: String, _ behaviours: [Behaviour]) { self.behaviours[address] = behaviours }

  func action(_ request: StartRequest, at address: String, attempt: Int) -> Behaviour {
    next(address) ?? .exit(0)
  }

  func probe(_ request: ProbeRequest, at address: String, number: Int) -> Behaviour { next(address) ?? .truthful }

  func tunnel(_ id: EffectID, at address: String, attempt: Int) -> Behaviour { next(address) ?? .hangs() }

  func person(_ id: EffectID, _ question: Question, at address: String) -> PersonBehaviour? {
    if var answers = people[address], let first = answers.first {
      if answers.count > 1 { answers.removeFirst() }
      people[address] = answers
      return first
    }
    if case .choose(let choices) = question.kind { return .choice(choices.first?.id ?? "") }
    return .yes
  }

  func votes(_ request: ApprovalRequest, at address: String, number: Int) -> [SimulatedVote] {
    let rounds = votes[address] ?? []
    return number <= rounds.count ? rounds[number - 1] : []
  }

  func void(_ votes: [Vote], at address: String) -> [VoidVote] {
    let void = votes.filter { voided.remove($0.person) != nil }
    voided.formUnion(votes.map(\.person).filter { voidedLater.remove($0) != nil })
    return void.map { VoidVote(record: $0.record, reason: "the key was revoked") }
  }

  private func next(_ address: String) -> Behaviour? {
    guard var list = behaviours[address], let first = list.first else { return nil }
    if list.count > 1 { list.removeFirst() }
    behaviours[address] = list
    return first
  }

  func crash(at batch: [RunEvent]) -> CrashPoint? {
    guard let place = deaths.firstIndex(where: { matches($0, batch) }) else { return nil }
    if case .beforeEnd = deaths.remove(at: place) { return .beforeCommit }
    return .afterPerforming(0)
  }

  private func matches(_ death: Scenario.Death, _ batch: [RunEvent]) -> Bool {
    batch.contains { event in
      switch (death, event) {
      case (.afterIntent(let name), .intended(let id, _, _)): self.name(id) == name
      case (.beforeEnd(let name), .actionEnded(let id, _)), (.afterEnd(let name), .actionEnded(let id, _)):
        self.name(id) == name
      default: false
      }
    }
  }

  /// `promote`, `undo promote`, `promote applied`, `promote verify`: what a death names.
  private func name(_ id: EffectID) -> String {
    guard let step = id.step else { return "run" }
    let steps = plan.steps + plan.finally
    let name = Int(step.value) < steps.count ? steps[Int(step.value)].id : "inner \(step.value)"
    return switch id.slot {
    case .action: name
    case .undo: "undo " + name
    case .applied: name + " applied"
    case .verify, .doubt: name + " verify"
    case .undoVerify: "undo \(name) verify"
    default: name + " " + id.slot.description
    }
  }

  func answerOvertakesWithdrawal() -> Bool { false }

  func joinsBatch(after milliseconds: Int64) -> Bool { false }
}
