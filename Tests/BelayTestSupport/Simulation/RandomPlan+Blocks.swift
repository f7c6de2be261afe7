import Expressions
import RunbookParser

/// Steps that hold others.
extension RandomPlan {
  /// A repetition, a group or a called runbook.
  mutating func block(_ id: String, final: Bool, depth: Int) -> PlannedStep {
    switch random.number(1...3) {
    case 1: repetition(id, final: final, depth: depth)
    case 2: group(id, final: final, depth: depth)
    default: call(id, final: final, depth: depth)
    }
  }

  /// What any step that holds others may say.
  mutating func decorateBlock(_ step: inout PlannedStep, earlier: [String], final: Bool) {
    if random.chance(10) { step.confirm = Confirmation(message: .literal("go?")) }
    if random.chance(8) { step.approval = approval() }
    // Of a repetition each item asks for itself.
    if case .forEach = step.action { return }
    if random.chance(12) { step.when = condition(over: earlier) }
    if random.chance(10) { step.preconditions = [precondition()] }
  }

  private mutating func repetition(_ id: String, final: Bool, depth: Int) -> PlannedStep {
    var template = sketch(0, among: [], final: final, depth: depth + 1).step
    template.id = id
    template.needs = []
    template.confirm = nil
    template.approval = nil
    if template.ready != nil {
      template.ready = nil
      template.action = .program(.words("look", id))
    }
    let list = random.pick(["[]", "['a']", "['a', 'b']", "['a', 'b', 'c']"])
    if template.when == nil, random.chance(15) { template.when = expression("item != 'b'") }
    let limit = random.chance(70) ? 1 : random.number(2...3)
    let each = ForEach(list: expression(list), limit: limit, template: template)
    var step = PlannedStep(id: id, effect: template.effect, action: .forEach(each))
    step.onFailure = template.onFailure
    return step
  }

  private mutating func group(_ id: String, final: Bool, depth: Int) -> PlannedStep {
    let (policy, scope) = sharedPolicy(final: final)
    let steps = inherit(list(final: final, depth: depth + 1), policy, scope)
    var step = PlannedStep(id: id, effect: strongest(steps), action: .group(Group(steps: steps)))
    (step.onFailure, step.undoScope) = (policy, scope)
    return step
  }

  private mutating func call(_ id: String, final: Bool, depth: Int) -> PlannedStep {
    let (policy, scope) = sharedPolicy(final: final)
    var call = Call(runbook: "other", version: "1.0.0")
    call.steps = inherit(list(final: final, depth: depth + 1), policy, scope)
    if random.chance(40) { call.finally = list(final: true, depth: depth + 1) }
    if random.chance(25) { call.preconditions = [precondition()] }
    if random.chance(30) { call.maxParallel = random.number(1...2) }
    if random.chance(15) { call.onFailure = random.pick([.rollback, .stop, .continue, .ask]) }
    if random.chance(40) { call.timeout = Int64(random.number(5...600)) }
    var step = PlannedStep(id: id, effect: strongest(call.steps), action: .call(call))
    if random.chance(20) { step.verify = [check()] }
    (step.onFailure, step.undoScope) = (policy, scope)
    return step
  }

  private mutating func list(final: Bool, depth: Int) -> [PlannedStep] {
    var sketches: [StepSketch] = []
    for place in 0..<random.number(1...3) {
      sketches.append(sketch(place, among: sketches, final: final, depth: depth))
    }
    return RunPlan.resolve(sketches)
  }

  private func strongest(_ steps: [PlannedStep]) -> Effect { steps.map(\.effect).max() ?? .observe }

  // MARK: Policies

  /// A policy that undoes less than everything first.
  mutating func scopedPolicy() -> (FailurePolicy, UndoScope) {
    (random.pick([.stop, .continue, .ask]), random.pick([.item, .step]))
  }

  private mutating func sharedPolicy(final: Bool) -> (FailurePolicy?, UndoScope?) {
    if !final, random.chance(10) {
      let (policy, scope) = scopedPolicy()
      return (policy, scope)
    }
    return (random.chance(30) ? random.pick([.rollback, .stop, .continue, .ask]) : nil, nil)
  }

  private func inherit(_ steps: [PlannedStep], _ policy: FailurePolicy?, _ scope: UndoScope?) -> [PlannedStep] {
    guard policy != nil else { return steps }
    return steps.map { step in
      var step = step
      guard step.onFailure == nil else { return step }
      step.onFailure = policy
      step.undoScope = scope
      step.inheritsFailure = true
      switch step.action {
      case .group(var group):
        group.steps = inherit(group.steps, policy, scope)
        step.action = .group(group)
      case .forEach(var each):
        each.templates = inherit(each.templates, policy, scope)
        step.action = .forEach(each)
      case .call(var call):
        call.steps = inherit(call.steps, policy, scope)
        step.action = .call(call)
      default: break
      }
      return step
    }
  }

  /// A condition over steps that come before.
  mutating func condition(over earlier: [String]) -> Expression {
    var sources = ["true", "false", "1 == 1"]
    for other in earlier.map(ExpressionSpelling.of) {
      sources += ["steps.\(other).status == 'succeeded'", "steps.\(other).status != 'failed'"]
    }
    if random.chance(10) { sources.append("1 / 0 == 1") }
    return expression(random.pick(sources))
  }
}
