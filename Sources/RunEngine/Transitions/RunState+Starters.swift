import RunbookParser

/// Who may start a run.
extension RunState {
  /// Why a run of this plan cannot begin: somebody else must start it, or prove who they are.
  package static func refusal(ofStarting plan: RunPlan, by login: String, _ starter: ProvenStarter?) -> String? {
    if starter == nil, let rule = plan.excludingRule {
      return "who approves must not be who started it (\(rule)), and a login name does not prove who that is"
    }
    for rule in plan.policy?.starts ?? [] {
      let person = starter?.person ?? plan.policy?.person(loggedInAs: login)?.name
      if let person, plan.policy?.has(person, oneOf: rule.roles) == true { continue }
      let who = person ?? "\(login), whom the project does not know,"
      return "\(who) may not start it: \(rule.name) asks for \(rule.roles.joined(separator: " or "))"
    }
    return nil
  }
}

extension RunPlan {
  /// Whether some gate excludes who started the run.
  package var excludesStarter: Bool { excludingRule != nil }

  /// The rule for which some gate excludes who started the run.
  var excludingRule: String? {
    var open = steps + finally
    while let step = open.popLast() {
      if let rule = step.approval?.excludesStarter { return rule }
      open += step.action.blocks.flatMap { $0 }
    }
    return nil
  }
}
