import RunbookParser

/// What came of an exploration.
package struct Exploration: Sendable {
  /// How much of something the plan has was come to.
  package struct Coverage: Sendable {
    /// How much the plan has.
    package var whole: Int
    /// What of it was not come to, in the order of the plan.
    package var missing: [String]

    /// How much was come to.
    package var covered: Int { whole - missing.count }
    /// In per cent, rounded down; a plan that has nothing of the kind is covered.
    package var percent: Int { whole == 0 ? 100 : covered * 100 / whole }
  }

  /// The plan.
  package let plan: RunPlan
  /// How the run ends in the scenario as it is.
  package private(set) var outcome = RehearsalScenario.Outcome.interrupted
  /// What was found; what takes less comes first.
  package private(set) var findings: [Finding] = []
  /// What cannot be played, for something is needed that the scenario does not say, each with what went wrong before.
  package private(set) var unplayable: [(message: String, faults: [ExploredFault])] = []
  /// How many cases were played.
  package private(set) var cases = 0
  /// How many of them led to a state that was known, and were not followed further.
  package private(set) var merged = 0
  /// How many states they came to.
  package private(set) var states = 0
  /// How many single faults were not tried, for the limit on cases was reached.
  package private(set) var untried = 0
  /// How many were tried alone, and with no second one, for that reason.
  package private(set) var leftOut = 0
  /// How long the longest run took that came to its end, in simulated milliseconds, and what went wrong in it; nil where
  /// nothing asks for it.
  package private(set) var longest: (elapsed: Int64, faults: [ExploredFault])?

  private let places: FaultPlaces
  private var known: Set<Finding.Key> = []
  private var undone: Set<String> = []
  private var suffered: Set<ExploredFault> = []
  private(set) var canGoOn = true

  init(_ planned: PlannedRehearsal, _ places: FaultPlaces) {
    plan = planned.plan
    self.places = places
  }

  /// Whether all was tried that was to be.
  package var isComplete: Bool { untried == 0 && leftOut == 0 }

  /// Which part of the plan's ways back undid something.
  package var rollbackCoverage: Coverage {
    Coverage(whole: places.waysBack.count, missing: places.waysBack.filter { !undone.contains($0) })
  }

  /// Which part of all that can go wrong in the plan was tried.
  package var faultCoverage: Coverage {
    Coverage(whole: places.all.count, missing: places.all.filter { !suffered.contains($0) }.map(\.words))
  }

  /// Takes what the scenario as it is leads to.
  mutating func begin(_ run: ExploredRun) {
    let result = run.run.judged(run.state)
    outcome = result.outcome
    canGoOn = result.problems.isEmpty
    guard result.outcome == .interrupted, canGoOn else { return }
    let open = run.state.openGates.isEmpty ? "somebody is asked who does not answer" : result.standstill ?? ""
    unplayable.append(("it does not come to its end: \(open)", []))
  }

  /// Whether all goes well in the scenario as it is.
  var endsWell: Bool { outcome == .succeeded }

  mutating func add(_ cases: ExploredCases) {
    self.cases += cases.cases
    merged += cases.merged
    states += cases.states
    undone.formUnion(cases.undone)
    suffered.formUnion(cases.suffered)
    for finding in cases.findings where known.insert(finding.key).inserted { findings.append(finding) }
    for problem in cases.unplayable where !unplayable.contains(where: { $0.message == problem.message }) {
      unplayable.append(problem)
    }
    if plan.objectives?.recoveryTime != nil, let length = cases.longest, length.elapsed > longest?.elapsed ?? -1 {
      longest = (length.elapsed, length.faults)
    }
  }

  /// A first fault led to a state that another one had led to.
  mutating func merge() { merged += 1 }

  /// So many single faults are not tried.
  mutating func leaveUntried(_ count: Int) { untried += count }

  /// So many first faults are not followed by others.
  mutating func leaveOut(_ count: Int) { leftOut += count }
}
