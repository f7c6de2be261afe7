import Journal
import RunEngine
import RunbookParser

extension RehearsalResult {
  /// Holds what came of it against what the scenario expects.
  mutating func judge() {
    let expected = scenario.expectation
    if let wanted = expected.outcome, wanted != outcome {
      failures.append("the outcome is \(outcome.rawValue), not \(wanted.rawValue)")
    }
    if let wanted = expected.order {
      let named = Set(wanted)
      let seen = order.filter { $0.changes || named.contains($0.name) }.map(\.name)
      if seen != wanted {
        failures.append("the order is \(Self.list(seen)), not \(Self.list(wanted))")
      }
    }
    for address in expected.never where started.contains(where: { ScriptedWorld.names(address, $0) }) {
      failures.append("\(address) was begun")
    }
    for step in expected.statuses {
      let seen = statuses(at: step.address)
      let wrong = seen.filter { $0.status.rawValue != step.status.rawValue }
      if let first = wrong.first {
        failures.append("\(first.address) is \(first.status.rawValue), not \(step.status.rawValue)")
      } else if seen.isEmpty, step.status != .notRun {
        failures.append("\(step.address) is not-run, not \(step.status.rawValue)")
      }
    }
    if let within = expected.within, elapsed > within {
      failures.append("it takes \(DurationText.render(elapsed)), and not at most \(DurationText.render(within))")
    }
    if let wanted = expected.residue {
      let left = residue
      let missing = wanted.filter { address in !left.contains { ScriptedWorld.names(address, $0) } }
      let surplus = left.filter { address in !wanted.contains { ScriptedWorld.names($0, address) } }
      for address in surplus { failures.append("\(address) is left, and was not to be") }
      for address in missing { failures.append("\(address) is not left") }
    }
  }

  private func statuses(at address: String) -> [(address: String, status: StepStatus)] {
    state.stepsInOrder.compactMap { step in
      let own = RunEventCodec.address(step, state)
      return ScriptedWorld.names(address, own) ? (own, state.status(of: step)) : nil
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "empty" : names.joined(separator: ", ")
  }
}
