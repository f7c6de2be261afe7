import BelayTestSupport
import RunbookParser
import Testing

@testable import Rehearsal

/// Random plans: an exploration that goes on from where faults come, and follows equal states once, comes to what playing
/// every scenario from its beginning comes to.
@Suite struct ExplorationOracleTests {
  @Test("single faults of two hundred random plans are reported as a naive enumeration reports them")
  func single() { compare(seeds: 0..<2000, most: 6, pairs: false, faultsAtMost: 40) }

  @Test("pairs of faults of two hundred random plans are reported as a naive enumeration reports them")
  func pairs() { compare(seeds: 10_000..<30_000, most: 6, pairs: true, faultsAtMost: 8) }

  @Test("the report is the same for one worker and for many, and whatever their order")
  func workers() {
    for seed in UInt64(0)..<60 {
      let planned = Self.planned(seed, most: 4)
      guard FaultPlaces(planned.plan).all.count <= 20 else { continue }
      let explorer = Explorer(planned)
      let one = explorer.explore(pairs: true) { count, work in (0..<count).map(work) }
      let other = explorer.explore(pairs: true) { count, work in
        (0..<count).reversed().map(work).reversed()
      }
      #expect(Self.text(one) == Self.text(other), "seed \(seed)")
    }
  }

  private func compare(seeds: Range<UInt64>, most: Int, pairs: Bool, faultsAtMost: Int) {
    var plans = 0
    var found = 0
    var merged = 0
    for seed in seeds where plans < 200 {
      let planned = Self.planned(seed, most: most)
      // Large ones take long, and show nothing that small ones do not.
      guard (1...faultsAtMost).contains(FaultPlaces(planned.plan).all.count) else { continue }
      plans += 1
      let exploration = Explorer(planned).explore(pairs: pairs) { count, work in (0..<count).map(work) }
      let naive = NaiveExplorer(planned).explore(pairs: pairs)
      #expect(exploration.findings.map(NaiveExplorer.text) == naive.findings, "seed \(seed)")
      let missing = FaultPlaces(planned.plan).all.filter { !naive.suffered.contains($0) }.map(\.words)
      #expect(exploration.faultCoverage.missing == missing, "seed \(seed)")
      let left = FaultPlaces(planned.plan).waysBack.filter { !naive.undone.contains($0) }
      #expect(exploration.rollbackCoverage.missing == left, "seed \(seed)")
      #expect(exploration.cases <= naive.cases, "seed \(seed)")
      found += naive.findings.count
      merged += exploration.merged
    }
    #expect(plans == 200)
    #expect(found > 100)
    if pairs { #expect(merged > 100) }
  }

  private static func text(_ exploration: Exploration) -> [String] {
    exploration.findings.map(NaiveExplorer.text) + exploration.faultCoverage.missing
      + ["\(exploration.cases) \(exploration.merged) \(exploration.states)"]
  }

  private static func planned(_ seed: UInt64, most: Int) -> PlannedRehearsal {
    PlannedRehearsal(
      rehearsal: RehearsalScenario(runbook: "random", name: "seed \(seed)"),
      plan: RandomPlan.make(seed: seed, most: most), readSteps: [])
  }
}
