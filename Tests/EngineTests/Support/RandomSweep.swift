import BelayTestSupport
import Journal
import RunEngine

/// Some thousand random runs, played once for all tests that look at them.
enum RandomSweep {
  /// How many runs there are, their seeds counted from 0.
  static let count: UInt64 = 3000

  /// What the runs came to.
  struct Findings: Sendable {
    /// Each violation, with its run's seed.
    var violations: [(seed: UInt64, text: String)] = []
    /// How many runs came to each outcome.
    var outcomes: [RunOutcome: Int] = [:]
    /// Which kinds of records there were.
    var recordTypes: Set<String> = []

    /// The violations that name an invariant, for a failure's message.
    func breaking(_ name: String) -> String {
      violations.filter { $0.text.hasPrefix(name) }.prefix(5).map { "seed \($0.seed): \($0.text)" }
        .joined(separator: "\n")
    }
  }

  /// What the runs came to.
  static var findings: Findings { get async { await task.value } }

  private static let task = Task {
    await withTaskGroup(of: Findings.self) { group in
      for chunk in 0..<UInt64(8) {
        group.addTask { play(chunk * count / 8..<(chunk + 1) * count / 8) }
      }
      return await group.reduce(into: Findings()) { all, part in
        all.violations += part.violations
        all.outcomes.merge(part.outcomes, uniquingKeysWith: +)
        all.recordTypes.formUnion(part.recordTypes)
      }
    }
  }

  private static func play(_ seeds: Range<UInt64>) -> Findings {
    var findings = Findings()
    for seed in seeds {
      let run = RandomRun(seed: seed)
      findings.violations += run.violations.map { (seed, $0) }
      if case .ended(let outcome) = run.simulator.state.phase { findings.outcomes[outcome, default: 0] += 1 }
      for case .committed(let event, _, _) in run.simulator.entries {
        findings.recordTypes.insert(RunEventCodec.encode(event, in: run.simulator.state).type)
      }
    }
    return findings
  }
}
