import Journal
import RunEngine
import RunbookParser

/// A run held against the plan of today: what would now be done differently.
package struct ReplayComparison {
  /// Something that is done, or would be.
  package struct Deed: Hashable, Sendable {
    /// Its address.
    package var address: String
    /// What is done.
    package var action: ResolvedAction
  }

  /// A difference.
  package enum Difference: Hashable, Sendable {
    /// It was done, and would not be now.
    case gone(Deed)
    /// It was not done, and would be now.
    case new(Deed)
    /// It is done in another way.
    case changed(was: Deed, now: Deed)
    /// It comes at another place in the order.
    case moved(Deed)
    /// The step came to something else.
    case status(address: String, was: StepStatus, now: StepStatus)
    /// The run ends otherwise.
    case outcome(was: RehearsalScenario.Outcome, now: RehearsalScenario.Outcome)
    /// The rehearsal of it is not known to the end, for this reason.
    case unknown(String)
  }

  /// Whether the plan of today is the one that ran.
  package let isSamePlan: Bool
  /// What would now be different, in the order in which it was done.
  package let differences: [Difference]

  /// - Parameters:
  ///   - past: The events of the run.
  ///   - state: What they led to.
  ///   - today: What comes of the same answers with the plan of today.
  package init(_ past: [RunEvent], of state: RunState, today: RehearsalResult) {
    isSamePlan = state.plan.digest == today.state.plan.digest
    let before = Self.deeds(past, state)
    let after = Self.deeds(today.events.map(\.event), today.state)
    var differences: [Difference] = []
    let now = Dictionary(after.map { ($0.address, $0) }) { first, _ in first }
    let was = Set(before.map(\.address))
    for deed in before {
      guard let found = now[deed.address] else {
        differences.append(.gone(deed))
        continue
      }
      if found.action != deed.action { differences.append(.changed(was: deed, now: found)) }
    }
    // What comes after the end of an unfinished run is no difference.
    if state.isTerminal {
      for deed in after where !was.contains(deed.address) { differences.append(.new(deed)) }
    }
    let common = before.filter { now[$0.address] != nil }
    for (deed, old) in zip(after.filter { was.contains($0.address) }, common) where deed.address != old.address {
      differences.append(.moved(deed))
    }
    let statuses = Dictionary(
      today.state.stepsInOrder.map { (RunEventCodec.address($0, today.state), today.state.status(of: $0)) }
    ) { first, _ in first }
    for step in state.stepsInOrder where state.isTerminal || state.status(of: step) != .notRun {
      let address = RunEventCodec.address(step, state)
      let was = state.status(of: step)
      if let now = statuses[address], now != was {
        differences.append(.status(address: address, was: was, now: now))
      }
    }
    differences += today.problems.map { .unknown($0) }
    let ended = RehearsalResult(state).outcome
    if state.isTerminal, today.problems.isEmpty, ended != today.outcome {
      differences.append(.outcome(was: ended, now: today.outcome))
    }
    self.differences = differences
  }

  /// What was done, each address once, as it was done first.
  private static func deeds(_ events: [RunEvent], _ state: RunState) -> [Deed] {
    var deeds: [Deed] = []
    var seen: Set<String> = []
    for case .intended(let id, let action, _) in events {
      let address = RunEventCodec.address(id, state)
      if seen.insert(address).inserted { deeds.append(Deed(address: address, action: action)) }
    }
    return deeds
  }
}
