import CanonicalJSON
import RunEngine
import RunbookParser

/// Which of a project's rules apply to a runbook, and why: `belay policy explain`.
package struct PolicyText: Sendable {
  private let words: RunWords
  private let plan: RunPlan
  private let now: Int64

  /// - Parameter now: In milliseconds since the epoch; freezes are said to be on or not.
  package init(_ plan: RunPlan, at now: Int64, colour: Bool) {
    self.words = RunWords(colour: colour)
    self.plan = plan
    self.now = now
  }

  /// The lines for people.
  package var lines: [String] {
    let environment = plan.environment.map { " in \($0)" } ?? ""
    var lines = [words.paint(plan.name, .bold) + " \(plan.version)\(environment)"]
    guard let policy = plan.policy else {
      return lines + ["", "The project's file, belay.yaml, says nothing of people: anybody may start it."]
    }
    lines += ["", words.paint("Who may start it", .bold)]
    if policy.starts.isEmpty { lines.append("  anybody: no rule under `starts` concerns it") }
    for rule in policy.starts {
      lines.append("  \(RunWords.harmless(who(rule.roles)))  \(words.paint("starts.\(rule.name)", .dim))")
    }
    if !policy.starts.isEmpty, !plan.excludesStarter {
      lines.append("  a login name is enough, which proves nothing: no gate asks who started it")
    }
    if let rule = excluding {
      lines.append(
        "  whoever does must sign: `approvals.\(rule)` excludes them from approving, and a name proves nothing")
    }
    lines += ["", words.paint("What must be approved", .bold)]
    let gated = steps.filter { $0.step.approval != nil }
    if gated.isEmpty { lines.append("  nothing: no step says `approval`, and no rule under `approvals` concerns one") }
    for (path, step) in gated {
      guard let approval = step.approval else { continue }
      lines.append("  " + words.paint(path, .bold) + " " + step.effect.rawValue)
      for demand in approval.demands {
        let why = demand.rule.map { "approvals.\($0), since it is \(step.effect.rawValue)" } ?? "the step says so"
        lines.append("    \(demand.count) of \(RunWords.harmless(who(demand.roles)))  \(words.paint(why, .dim))")
      }
      if let rule = approval.excludesStarter {
        lines.append("    not who starts the run  \(words.paint("approvals.\(rule)", .dim))")
      }
      if let within = approval.within { lines.append("    within \(DurationText.render(within))") }
    }
    lines += ["", words.paint("When nothing is changed", .bold)]
    if policy.freezes.isEmpty { lines.append("  no freeze concerns it") }
    for freeze in policy.freezes {
      let isOn = freeze.from <= now && now < freeze.until
      lines.append(
        "  \(freeze.name) from \(RunWords.time(freeze.from)) until \(RunWords.time(freeze.until))"
          + (isOn ? words.paint(", on now", .yellow) : ""))
    }
    lines += ["", words.paint("How people are known", .bold)]
    lines.append(
      policy.keys == nil
        ? "  by their login names, which prove nothing: belay.yaml names no `keys`"
        : "  by their SSH keys, verified with ssh-keygen against the allowed signers in the plan")
    return lines
  }

  /// The rules for programs.
  package var json: JSON {
    let policy = plan.policy
    return .object([
      .init("runbook", .string(plan.name)), .init("environment", plan.environment.map { .string($0) } ?? .null),
      .init(
        "starts",
        .array(
          (policy?.starts ?? []).map { .object([.init("rule", .string($0.name)), .init("roles", texts($0.roles))]) })),
      .init("signedStart", .bool(excluding != nil)),
      .init(
        "approvals",
        .array(
          steps.compactMap { path, step in
            guard let approval = step.approval else { return nil }
            return .object([
              .init("step", .string(path)), .init("effect", .string(step.effect.rawValue)),
              .init(
                "demands",
                .array(
                  approval.demands.map { demand in
                    .object([
                      .init("roles", texts(demand.roles)), .init("count", .int(Int64(demand.count))),
                      .init("people", texts(policy?.people(of: demand.roles).map(\.name) ?? [])),
                      .init("rule", demand.rule.map { .string($0) } ?? .null),
                    ])
                  })),
              .init("within", approval.within.map { .int($0) } ?? .null),
              .init("excludesStarter", approval.excludesStarter.map { .string($0) } ?? .null),
            ])
          })),
      .init(
        "freezes",
        .array(
          (policy?.freezes ?? []).map { freeze in
            .object([
              .init("name", .string(freeze.name)), .init("from", .int(freeze.from)), .init("until", .int(freeze.until)),
              .init("on", .bool(freeze.from <= now && now < freeze.until)),
            ])
          })),
      .init("keys", .bool(policy?.keys != nil)),
    ])
  }

  private func texts(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }

  private var excluding: String? { steps.lazy.compactMap { $0.step.approval?.excludesStarter }.first }

  /// Roles, and who has them.
  private func who(_ roles: [String]) -> String {
    let people = plan.policy?.people(of: roles).map(\.name) ?? []
    return "\(roles.joined(separator: " or ")) (\(people.joined(separator: ", ")))"
  }

  /// The steps with their paths, those inside others after them.
  private var steps: [(path: String, step: PlannedStep)] {
    var found: [(String, PlannedStep)] = []
    var open = (plan.steps + plan.finally).reversed().map { ($0.id, $0) }
    while let (path, step) = open.popLast() {
      found.append((path, step))
      open += step.action.blocks.flatMap { $0 }.reversed().map { ("\(path)/\($0.id)", $0) }
    }
    return found
  }
}
