import BelayTestSupport
import Journal
import Rehearsal
import RunEngine
import RunbookParser
import Testing

/// Random plans: every rehearsal comes to an end, twice the same one, and an engine that dies anywhere is followed by one that
/// knows the same.
@Suite struct RandomRehearsalTests {
  private static let seeds: Range<UInt64> = 0..<300

  @Test("a rehearsal is the same, event for event, whenever it is played")
  func isDeterministic() {
    for seed in Self.seeds {
      let planned = Self.planned(seed)
      let first = RehearsedRun(planned).play()
      let second = RehearsedRun(planned).play()
      #expect(first.events.map(\.event) == second.events.map(\.event), "seed \(seed)")
      #expect(first.events.map(\.time) == second.events.map(\.time), "seed \(seed)")
      #expect(first.problems.allSatisfy { $0.contains("for ever") }, "seed \(seed): \(first.problems)")
    }
  }

  @Test("an engine that dies at any intent is followed by one that knows the same")
  func survivesDeath() {
    var deaths = 0
    for seed in Self.seeds {
      var planned = Self.planned(seed)
      let whole = RehearsedRun(planned).play()
      for address in Self.actions(of: whole) {
        for kind in [RehearsalScenario.Fault.Kind.crashBefore, .crashAfter] {
          planned.rehearsal.faults = [RehearsalScenario.Fault(kind, at: address)]
          let result = RehearsedRun(planned).play()
          let problems = result.problems.filter { !$0.contains("for ever") && !$0.contains("never happened") }
          #expect(problems.isEmpty, "seed \(seed), \(kind) at \(address): \(problems)")
          if result.engines == 2 { deaths += 1 }
        }
      }
    }
    #expect(deaths > 1000)
  }

  /// The addresses of what was started, each once.
  private static func actions(of result: RehearsalResult) -> [String] {
    Set(
      result.events.compactMap { happened in
        guard case .intended(let id, _, _) = happened.event else { return nil }
        return RunEventCodec.address(id, result.state)
      }
    ).sorted()
  }

  private static func planned(_ seed: UInt64) -> PlannedRehearsal {
    PlannedRehearsal(
      rehearsal: RehearsalScenario(runbook: "random", name: "seed \(seed)"), plan: RandomPlan.make(seed: seed),
      readSteps: [])
  }
}
