import RunbookParser

/// What came of some cases of an exploration.
package struct ExploredCases: Sendable {
  /// One fault that was tried.
  struct Single: Sendable {
    /// Its number among those of its base.
    var number: Int
    /// The states that the run came to after it.
    var marks: [UInt64]
    /// How many faults were offered before each of them.
    var offeredBefore: [Int]
    /// How many faults were offered after it.
    var offered: Int
  }

  /// How long a run took that came to its end.
  struct Length: Sendable {
    /// In simulated milliseconds.
    var elapsed: Int64
    /// What went wrong in it.
    var faults: [ExploredFault]
  }

  /// What was found, in order.
  var findings: [Finding] = []
  /// What cannot be played, each with what went wrong before.
  var unplayable: [(message: String, faults: [ExploredFault])] = []
  /// The actions of ways back that undid something, without the numbers of repetitions.
  var undone: Set<String> = []
  /// What was made to go wrong, without the numbers of repetitions.
  var suffered: Set<ExploredFault> = []
  /// How many cases were played.
  var cases = 0
  /// How many of them came to a state that was known.
  var merged = 0
  /// How many states they came to.
  package internal(set) var states = 0
  /// The longest run.
  var longest: Length?
  /// The single faults among them.
  var singles: [Single] = []

  init() {}

  /// Takes what came of a run.
  mutating func add(_ run: ExploredRun) {
    cases += 1
    states += run.states
    undone.formUnion(run.watch.undone)
    for fault in run.faults {
      suffered.insert(ExploredFault(fault.kind, at: PlanAddresses.withoutNumbers(fault.address)))
    }
    for found in run.watch.found where !findings.contains(where: { $0.key == found.key }) {
      var scenario = run.run.planned.rehearsal
      if run.watch.isOnRequest, !found.takesRequest { scenario.then.removeLast() }
      scenario.name = found.key.kind.rawValue + " at " + found.key.address
      scenario.expectation = RehearsalScenario.Expectation()
      findings.append(Finding(key: found.key, message: found.message, faults: run.faults, scenario: scenario))
    }
    let hangs = run.watch.found.contains { $0.key.kind == .deadEnd }
    if !hangs, let problem = run.run.result.problems.first { unplayable.append((problem, run.faults)) }
    guard let length = run.watch.length, length > longest?.elapsed ?? -1 else { return }
    longest = Length(elapsed: length, faults: run.faults)
  }
}

extension ExploredRun {
  /// What came of it alone.
  var asCases: ExploredCases {
    var cases = ExploredCases()
    cases.add(self)
    return cases
  }
}
