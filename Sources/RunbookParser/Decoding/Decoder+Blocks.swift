import Diagnostics
import Expressions
import YAMLSyntax

/// Steps that hold others.
extension Decoder {
  /// A step for each element of a list.
  func repetition(_ node: YAMLNode, _ head: StepHead, index: Int, isFinally: Bool) -> PlannedStep? {
    let place = ExpressionPlace(isFinally ? .finally(index) : .step(index))
    let list = expression(node, in: place, "`for-each`")
    var element = ValueType.dyn
    switch list?.check(in: RunbookTypes(names: names, place: place)).type {
    // Its steps' `when` may leave out an item that is null.
    case .list(.nullable)?: break
    case .list(let type)?: element = type
    case .dyn?, nil: break
    case let other?:
      report(.expressionType, "`for-each` goes through a list, not \(other.displayName)", node.span)
    }
    names.items.append(element)
    let template = single(head, index: index, isFinally: isFinally)
    names.items.removeLast()
    guard var template, let list else { return nil }
    template.needs = []
    template.confirm = nil
    let approval = template.approval
    template.approval = nil
    let limit = integer(head.node["max-parallel"], "`max-parallel`") ?? 1
    var step = PlannedStep(
      id: head.id, effect: template.effect,
      action: .forEach(ForEach(list: list, limit: limit, template: template)))
    step.title = template.title
    // A gate is one for all items, and knows none of them.
    step.confirm = confirmation(head.node["confirm"], in: place)
    step.approval = approval
    step.onFailure = template.onFailure
    return step
  }

  /// A group, or another runbook.
  func block(_ head: StepHead, index: Int, isFinally: Bool) -> PlannedStep? {
    let node = head.node
    let kind = node["steps"] != nil ? "steps" : "runbook"
    var place = ExpressionPlace(isFinally ? .finally(index) : .step(index))
    let when = expression(node["when"], in: place, "`when`", expecting: .bool)
    place.guards = when?.guardsWhenTrue ?? []
    return under(when) {
      guard var step = kind == "steps" ? group(head, place, isFinally) : call(head, place) else { return nil }
      step.title = node["title"].flatMap { shownText($0, "`title`", in: place) }
      if let description = node["description"] { _ = plainText(description, "`description`") }
      step.when = when
      step.preconditions = preconditions(node["preconditions"], in: place, ofRun: false)
      step.confirm = confirmation(node["confirm"], in: place)
      // The rules of the project concern the steps inside, each for itself.
      step.approval = approval(node["approval"])
      return step
    }
  }

  /// The effect of what stands inside, or what the author says of it, which must not be less.
  private func effect(of head: StepHead, inside steps: [PlannedStep]) -> Effect {
    let strongest = steps.map(\.effect).max() ?? .observe
    guard let said = head.node["effect"], let effect = word(said, Effect.self, "`effect`") else { return strongest }
    if effect < strongest {
      report(
        .badValue, "a step inside is `effect: \(strongest.rawValue)`, which is more than `\(effect.rawValue)`",
        said.span)
    }
    return max(effect, strongest)
  }

  /// Steps that say nothing of failures do what is said for all of them, and so does what stands inside them.
  private func inherit(
    _ steps: [PlannedStep], _ policy: FailurePolicy?, _ scope: UndoScope? = nil
  ) -> [PlannedStep] {
    guard policy != nil else { return steps }
    return steps.map { inherit($0, policy, scope) }
  }

  private func inherit(_ step: PlannedStep, _ policy: FailurePolicy?, _ scope: UndoScope?) -> PlannedStep {
    guard step.onFailure == nil else { return step }
    var step = step
    step.onFailure = policy
    step.undoScope = scope
    step.inheritsFailure = true
    switch step.action {
    case .group(var group):
      group.steps = inherit(group.steps, policy, scope)
      step.action = .group(group)
    case .forEach(var repetition):
      repetition.templates = inherit(repetition.templates, policy, scope)
      step.action = .forEach(repetition)
    case .call(var call):
      call.steps = inherit(call.steps, policy, scope)
      step.action = .call(call)
    default: break
    }
    return step
  }

  // MARK: Groups

  private func group(_ head: StepHead, _ place: ExpressionPlace, _ isFinally: Bool) -> PlannedStep? {
    let node = head.node
    let around = (environment, defaultPlace)
    defaultPlace = self.place(node["on"], in: place)
    environment = overlay(environment, variables(node["env"], in: place, "`env`"))
    names.scopes.append(NameTable.StepScope(holder: place.reach))
    let policyAround = heldPolicy
    heldPolicy = node["on-failure"] ?? policyAround
    defer { heldPolicy = policyAround }
    let heads = self.heads(node["steps"], "`steps`")
    let steps = stepList(heads, "the group `\(head.id)`", isFinally: isFinally)
    let outputs = self.outputs(node["outputs"], in: ExpressionPlace(.outputs))
    names.scopes.removeLast()
    (environment, defaultPlace) = around
    let (policy, scope) = failurePolicy(node["on-failure"])
    var step = PlannedStep(
      id: head.id, effect: effect(of: head, inside: steps), action: .group(Group(steps: inherit(steps, policy, scope))))
    step.outputs = outputs
    (step.onFailure, step.undoScope) = (policy, scope)
    return step
  }

  // MARK: Calls

  private static func describe(cycle: [String]) -> String {
    "the runbook `\(cycle[cycle.count - 1])` calls itself: \(cycle.joined(separator: " → "))"
  }

  private func call(_ head: StepHead, _ place: ExpressionPlace) -> PlannedStep? {
    guard let said = head.node["runbook"], let node = mapping(said, .call),
      let nameNode = required("name", of: node, "a call"), let name = plainText(nameNode, "`name`")
    else { return nil }
    guard !openCalls.contains(name) else {
      callCycle = (name, openCalls + [name])
      report(.callCycle, Self.describe(cycle: openCalls + [name]), nameNode.span)
      return nil
    }
    refuseNamesakes(project?.runbooks(named: name) ?? [], "runbook", name, nameNode.span)
    guard let other = project?.runbook(named: name) else {
      report(
        .unknownFile, "there is no runbook `\(name)`", nameNode.span,
        notes: ["a called runbook is a file of the project that begins with `belay: 1` and says `name: \(name)`"])
      return nil
    }
    let callee = Decoder(source: other)
    callee.project = project
    callee.settings = settings
    callee.takeDefaults()
    callee.openCalls = openCalls + [name]
    callee.names.platform = names.platform
    if let constants {
      callee.constants = ConstantScope(environment: constants.environment, platform: constants.platform)
    }
    let called = callee.called(as: head.id, node["inputs"], of: self, nameNode.span, in: place)
    platformKeys.formUnion(callee.platformKeys)
    readSteps.formUnion(callee.readSteps.map { head.id + "/" + $0 })
    calledSecrets += callee.calledSecrets
    calledLocks += callee.calledLocks
    calledPolicies += callee.calledPolicies + [callee.settings.policy].compactMap { $0 }
    zones.formUnion(callee.zones)
    // A way round is a mistake of every runbook on it.
    if let cycle = callee.callCycle, openCalls.contains(cycle.name) {
      callCycle = cycle
      report(.callCycle, Self.describe(cycle: cycle.way), nameNode.span)
      return nil
    }
    let mistakes = callee.diagnostics.filter { $0.severity == .error }.sortedForDisplay()
    if let first = mistakes.first {
      report(
        .brokenCall,
        "the runbook `\(name)` cannot be called: it has \(mistakes.count == 1 ? "a mistake" : "\(mistakes.count) mistakes")",
        nameNode.span, notes: ["the first: \(first.message)", "`belay validate \(other.name)` shows all of them"])
      return nil
    }
    guard var call = called else { return nil }
    let (policy, scope) = failurePolicy(head.node["on-failure"])
    let strongest = (call.steps + call.finally).map(\.effect).max() ?? .observe
    if strongest == .irreversible, head.node["effect"]?.scalar?.text != "irreversible" {
      report(
        .effectUnsaid, "the runbook `\(name)` has a point of no return: the step must say `effect: irreversible`",
        nameNode.span)
    }
    call.steps = inherit(inherit(call.steps, call.onFailure), policy, scope)
    var step = PlannedStep(
      id: head.id, effect: effect(of: head, inside: call.steps), action: .call(call))
    let after = place.with(.call(outputs: call.outputs.map { ($0.name, $0.type.valueType) }))
    step.expect = expression(head.node["expect"], in: after, "`expect`", expecting: .bool)
    step.outputs = outputs(head.node["outputs"], in: after)
    step.verify = checks(head.node["verify"], in: place, "`verify`")
    (step.onFailure, step.undoScope) = (policy, scope)
    return step
  }
}
