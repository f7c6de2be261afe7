import Journal
import RunEngine
import RunbookParser

/// Something that happened in a rehearsal.
package struct RehearsedEvent: Sendable {
  /// When, in milliseconds since the epoch.
  package var time: Int64
  /// What.
  package var event: RunEvent
  /// Whether it came as such things do, for the scenario says nothing of it.
  package var isUsual: Bool
}

/// What came of a rehearsal.
package struct RehearsalResult: Sendable {
  /// What was rehearsed.
  package var scenario: RehearsalScenario
  /// What the run's records lead to.
  package var state: RunState
  /// What happened, in order; what engines that died never wrote is not among it.
  package var events: [RehearsedEvent]
  /// The changes and ways back in the order of their first intents, and whether each changes something.
  package var order: [StartOrder.Start]
  /// The addresses of all that was started or asked.
  package var started: Set<String>
  /// How often an engine took the run over.
  package var engines: Int
  /// Why it is no rehearsal: something was needed that the scenario does not say, or never came.
  package var problems: [String]
  /// Why nothing came any more before the run was over; nil where it is over, and where it says that itself.
  package var standstill: String?
  /// What the scenario expects, and is not so.
  package var failures: [String] = []

  /// What came of a scenario of which nothing but the run is known.
  init(_ state: RunState) {
    self.init(
      scenario: RehearsalScenario(runbook: state.plan.name, name: ""), state: state, events: [], order: [],
      started: [], engines: 0, problems: [])
  }

  init(
    scenario: RehearsalScenario, state: RunState, events: [RehearsedEvent], order: [StartOrder.Start],
    started: Set<String>, engines: Int, problems: [String]
  ) {
    self.scenario = scenario
    self.state = state
    self.events = events
    self.order = order
    self.started = started
    self.engines = engines
    self.problems = problems
  }

  /// How long it took, in simulated milliseconds.
  package var elapsed: Int64 { (events.last?.time ?? state.startedAt) - state.startedAt }

  /// How the run ended.
  package var outcome: RehearsalScenario.Outcome {
    guard state.isTerminal, let outcome = state.provisionalOutcome else { return .interrupted }
    return RehearsalScenario.Outcome(rawValue: outcome.rawValue) ?? .interrupted
  }

  /// The addresses of the steps whose changes are left, those by declaration among them; a run that succeeded leaves what
  /// it was for.
  package var residue: [String] {
    if outcome == .succeeded { return [] }
    return state.residue.entries.compactMap { entry in
      switch entry.fate {
      case .undone, .notApplied: nil
      case .applied, .inDoubt, .heldBack, .undoFailed, .left: RunEventCodec.address(entry.step, state)
      }
    }
  }

  /// Whether everything came as it should.
  package var hasPassed: Bool { problems.isEmpty && failures.isEmpty }
}
