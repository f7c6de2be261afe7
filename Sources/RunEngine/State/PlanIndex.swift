import RunbookParser

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
      for step in list {
        if step.temporary { hasTemporary = true }
        if step.ready != nil { hasBackground = true }
        open += step.action.blocks
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
