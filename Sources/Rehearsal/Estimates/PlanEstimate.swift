import RunbookParser

/// How long a run of a plan is likely to take, by how long its steps took before.
package struct PlanEstimate: Sendable {
  /// A step on the way that takes longest.
  package struct Leg: Hashable, Sendable {
    /// The step's id.
    package var step: String
    /// How long it takes; nil where it was never measured.
    package var spread: PastDurations.Spread?
  }

  /// The steps that nothing can be shorter than, each after the one before it.
  package let path: [Leg]
  /// How long the path takes where each step takes its median, in milliseconds.
  package let expected: Int64
  /// The same where each takes what nine of ten times are within.
  package let ninetieth: Int64
  /// The steps, on the path or not, of which there is no data.
  package let unknown: [String]
  /// How many runs were looked at.
  package let runs: Int
  /// The recovery time objective, in milliseconds.
  package let objective: Int64?

  /// Whether the expected time is over the objective.
  package var isTooLong: Bool { objective.map { expected > $0 } ?? false }

  /// Works it out; how many actions may be in flight at once and what people take before a step begins are not counted.
  package init(_ plan: RunPlan, _ past: PastDurations) {
    var finish: [Int64] = []
    var before: [Int?] = []
    var spreads: [PastDurations.Spread?] = []
    for step in plan.steps {
      var spread = past.spread(of: "steps.\(step.id)")
      if spread == nil, case .wait(let milliseconds) = step.action {
        spread = PastDurations.Spread(median: milliseconds, ninetieth: milliseconds, count: 0)
      }
      // Of several that end together the last: what is unknown adds nothing, and belongs to the path all the same.
      let last = step.needs.reversed().max { finish[$0] < finish[$1] }
      finish.append((last.map { finish[$0] } ?? 0) + (spread?.median ?? 0))
      before.append(last)
      spreads.append(spread)
    }
    var path: [Leg] = []
    var next = finish.indices.reversed().max { finish[$0] < finish[$1] }
    while let place = next {
      path.append(Leg(step: plan.steps[place].id, spread: spreads[place]))
      next = before[place]
    }
    if !plan.preconditions.isEmpty || !plan.tools.isEmpty || !plan.tunnels.isEmpty {
      let spread = past.spread(of: PastDurations.beforeSteps)
      if spread != nil { path.append(Leg(step: PastDurations.beforeSteps, spread: spread)) }
    }
    path.reverse()
    self.path = path
    expected = path.reduce(0) { $0 + ($1.spread?.median ?? 0) }
    ninetieth = path.reduce(0) { $0 + ($1.spread?.ninetieth ?? 0) }
    unknown = plan.steps.indices.filter { spreads[$0] == nil }.map { plan.steps[$0].id }
      .filter { !past.wasSkipped("steps.\($0)") }
    runs = past.runs
    objective = plan.objectives?.recoveryTime
  }
}
