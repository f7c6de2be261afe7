import RunbookParser

@testable import Rehearsal

/// Explores by playing every scenario from its beginning, each with its own records, without holding any state against
/// another: what an exploration must come to.
struct NaiveExplorer {
  let planned: PlannedRehearsal
  private let places: FaultPlaces

  init(_ planned: PlannedRehearsal) {
    self.planned = planned
    places = FaultPlaces(planned.plan)
  }

  /// What was found, as text, in order; and what was come to.
  struct Report: Equatable {
    var findings: [String] = []
    var undone: Set<String> = []
    var suffered: Set<ExploredFault> = []
    var cases = 0
  }

  func explore(pairs: Bool) -> Report {
    var report = Report()
    var known: Set<Finding.Key> = []
    let forward = planned.rehearsal
    var onRequest = forward
    onRequest.then.append(.rollback)
    var bases: [(scenario: RehearsalScenario, fromAct: Int, offers: [ExploredFault])] = []
    let (whole, offers) = play(forward, [], fromAct: 0)
    note(whole, &report, &known)
    guard whole.run.result.problems.isEmpty else { return report }
    bases.append((forward, 0, offers))
    if whole.state.provisionalOutcome == .succeeded {
      let (whole, offers) = play(onRequest, [], fromAct: 1)
      note(whole, &report, &known)
      bases.append((onRequest, 1, offers))
    }
    var seconds: [(RehearsalScenario, Int, [ExploredFault])] = []
    for (base, fromAct, offers) in bases {
      for first in offers {
        let (run, next) = play(base, [first], fromAct: fromAct)
        note(run, &report, &known)
        seconds += next.map { (base, fromAct, [first, $0]) }
      }
    }
    if !pairs { return report }
    for (base, fromAct, pair) in seconds { note(play(base, pair, fromAct: fromAct).run, &report, &known) }
    return report
  }

  /// Plays a scenario with some faults from its beginning to its end; the run, and what is offered after the last fault.
  private func play(
    _ base: RehearsalScenario, _ faults: [ExploredFault], fromAct: Int
  ) -> (run: ExploredRun, offers: [ExploredFault]) {
    var run = ExploredRun(
      PlannedRehearsal(rehearsal: base, plan: planned.plan, readSteps: planned.readSteps), zones: [], places,
      withTimes: true, faults: faults, isWhole: true)
    var left = faults
    var offers: [ExploredFault] = []
    while let offered = run.advance() {
      // Deaths are not offered where the engine dies of them.
      if let next = left.first, offered.contains(next) || next.kind.isDeath && run.run.isDead {
        left.removeFirst()
        continue
      }
      if left.isEmpty, run.run.actsBegun >= fromAct { offers += offered }
    }
    run.conclude()
    return (run, offers)
  }

  private func note(_ run: ExploredRun, _ report: inout Report, _ known: inout Set<Finding.Key>) {
    let cases = run.asCases
    report.cases += 1
    report.undone.formUnion(cases.undone)
    report.suffered.formUnion(cases.suffered)
    for finding in cases.findings where known.insert(finding.key).inserted {
      report.findings.append(Self.text(finding))
    }
  }

  /// A finding as text: what, where and when.
  static func text(_ finding: Finding) -> String {
    "\(finding.key.kind.rawValue) at \(finding.key.address) when \(finding.faults.map(\.words)): \(finding.message)"
  }
}

extension ExploredFault.Kind {
  fileprivate var isDeath: Bool { self == .crash || self == .crashBefore || self == .crashAfter }
}
