import RunbookParser

/// What never changes of a run, kept in one place for all the states that it goes through.
final class RunOrigin: Hashable, Sendable {
  /// What the run is.
  let run: RunStart
  /// What its plan says, turned round.
  let index: PlanIndex

  init(_ run: RunStart) {
    self.run = run
    self.index = PlanIndex(run.plan)
  }

  static func == (a: RunOrigin, b: RunOrigin) -> Bool { a === b || a.run == b.run }

  func hash(into hasher: inout Hasher) { hasher.combine(run) }
}

/// What a plan says, turned round for quick answers; worked out once from the plan.
package struct PlanIndex: Hashable, Sendable {
  private let inputsByName: [String: Int]
  /// Whether a step is undone when all went well.
  let hasTemporary: Bool
  /// Whether a step's program is kept running.
  let hasBackground: Bool

  package init(_ plan: RunPlan) {
    self.inputsByName = Dictionary(
      plan.inputs.enumerated().map { (ExpressionSpelling.of($0.element.name), $0.offset) }, uniquingKeysWith: { $1 })
    var open = [plan.steps, plan.finally]
    var hasTemporary = false
    var hasBackground = false
    while let list = open.popLast() {
      for place in list.indices {
        if list[place].temporary { hasTemporary = true }
        if list[place].ready != nil { hasBackground = true }
        if list[place].action.holdsOthers { open += list[place].action.blocks }
      }
    }
    self.hasTemporary = hasTemporary
    self.hasBackground = hasBackground
  }

  /// The input with this name, as expressions write it.
  func input(named name: String, in plan: RunPlan) -> PlannedInput? {
    inputsByName[name].map { plan.inputs[$0] }
  }
}
