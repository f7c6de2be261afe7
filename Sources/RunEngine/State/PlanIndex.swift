import RunbookParser

/// What a plan says, turned round for quick answers; worked out once from the plan.
package struct PlanIndex: Hashable, Sendable {
  private let stepsByName: [String: StepIndex]
  private let inputsByName: [String: Int]
  /// For each step, the steps that need it.
  package let dependents: [[StepIndex]]
  /// For each step, the steps it needs.
  package let needs: [[StepIndex]]
  /// How many steps come before those of `finally`.
  package let mainCount: Int

  package init(_ plan: RunPlan) {
    var stepsByName: [String: StepIndex] = [:]
    var needs: [[StepIndex]] = []
    needs.reserveCapacity(plan.steps.count + plan.finally.count)
    for (offset, list) in [(0, plan.steps), (plan.steps.count, plan.finally)] {
      for (place, step) in list.enumerated() {
        stepsByName[ExpressionSpelling.of(step.id)] = StepIndex(offset + place)
        needs.append(step.needs.map { StepIndex(offset + $0) })
      }
    }
    var dependents = [[StepIndex]](repeating: [], count: needs.count)
    for (place, list) in needs.enumerated() {
      for need in list { dependents[Int(need.value)].append(StepIndex(place)) }
    }
    self.stepsByName = stepsByName
    self.inputsByName = Dictionary(
      plan.inputs.enumerated().map { (ExpressionSpelling.of($0.element.name), $0.offset) }, uniquingKeysWith: { $1 })
    self.dependents = dependents
    self.needs = needs
    self.mainCount = plan.steps.count
  }

  /// The step with this name, as expressions write it.
  func step(named name: String) -> StepIndex? { stepsByName[name] }

  /// The input with this name, as expressions write it.
  func input(named name: String, in plan: RunPlan) -> PlannedInput? {
    inputsByName[name].map { plan.inputs[$0] }
  }
}
