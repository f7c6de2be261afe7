import Expressions
import RunbookParser

/// A plan for people: what would be done, in order, with its checks and ways back.
package struct PlanText: Sendable {
  private let words: RunWords
  private let isWhole: Bool

  /// - Parameter isWhole: Whether scripts and texts are shown to their last line.
  package init(colour: Bool, isWhole: Bool = false) {
    self.words = RunWords(colour: colour)
    self.isWhole = isWhole
  }

  /// The lines.
  ///
  /// - Parameter usualTime: Says of a step, by its id, how long it usually takes; nil where nobody knows.
  package func lines(_ plan: RunPlan, usualTime: (String) -> String? = { _ in nil }) -> [String] {
    let environment = plan.environment.map { " in \($0)" } ?? ""
    var lines = [
      words.paint("\(plan.name) \(plan.version)\(environment)", .bold) + "  \(RunWords.marked(plan.title))",
      "digest \(plan.digest)",
    ]
    lines += section("Inputs", plan.inputs.map(input))
    lines += section("Tools", plan.tools.map { "\($0.name) \($0.version?.description ?? "")" })
    lines += section("Tunnels", plan.tunnels.map { "\($0.name): \(Self.describe($0.route))" })
    lines += section("Preconditions", plan.preconditions.map { check($0.check) })
    lines += section(
      "Steps", plan.steps.enumerated().flatMap { steps($1, $0, plan.steps, usualTime: usualTime($1.id)) })
    lines += section("Finally", plan.finally.enumerated().flatMap { steps($1, $0, plan.finally) })
    var settings: [String] = []
    settings.append("on failure: \(plan.onFailure?.rawValue ?? "ask on a terminal, roll back off it")")
    if let bound = plan.maxParallel { settings.append("at most \(bound) actions at once") }
    if let timeout = plan.timeout { settings.append("at most \(DurationText.render(timeout)) without its rollback") }
    let locks = plan.locks + (plan.concurrent ? [] : ["runbook/\(plan.name)"])
    if !locks.isEmpty { settings.append("locks: \(locks.joined(separator: ", "))") }
    for notice in plan.notices {
      settings.append("tells \(notice.channel.name): \(notice.when.map(\.rawValue).joined(separator: ", "))")
    }
    return lines + section("Run", settings)
  }

  private func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["", words.paint(title, .bold)] + lines.map { "  " + $0 }
  }

  private func input(_ input: PlannedInput) -> String {
    switch input.content {
    case .value(let value): "\(input.name) = \(RunWords.marked(value.rendered))"
    case .secret(let source): "\(input.name): a secret, \(Self.describe(source))"
    case .absent: "\(input.name): not given"
    }
  }

  private static func describe(_ route: Tunnel.Route) -> String {
    switch route {
    case .service(let service, let namespace, _, let port):
      let place = namespace.map { " in \(show($0))" } ?? ""
      return RunWords.harmless("port \(show(port)) of \(show(service))\(place)")
    case .ssh(let machine, let destination):
      return RunWords.harmless("\(show(destination)) as \(show(machine)) reaches it")
    }
  }

  private static func describe(_ source: SecretSource) -> String {
    switch source {
    case .env(let name): "from the variable \(name)"
    case .file(let path): "from the file \(path)"
    case .command(let words): "from \(RunWords.commandLine(words))"
    case .prompt: "to be typed"
    }
  }

  private func steps(
    _ step: PlannedStep, _ index: Int, _ all: [PlannedStep], usualTime: String? = nil
  ) -> [String] {
    let style: RunWords.Style = step.effect == .observe ? .dim : step.effect == .irreversible ? .red : .yellow
    let title = step.title.map { "  \($0)" } ?? ""
    var lines = [
      "\(index + 1). \(words.paint(step.id, .bold)) \(words.paint(step.effect.rawValue, style))\(RunWords.marked(title))"
    ]
    func add(_ name: String, _ text: String) {
      lines.append("     " + words.paint(name + ":", .dim) + " " + RunWords.marked(text))
    }
    if step.needs != (index > 0 ? [index - 1] : []) {
      add("needs", step.needs.isEmpty ? "nothing" : step.needs.map { all[$0].id }.joined(separator: ", "))
    }
    if let when = step.when { add("when", when.source) }
    for precondition in step.preconditions {
      add("precondition", "\(check(precondition.check)), otherwise \(precondition.otherwise.rawValue)")
    }
    if let confirm = step.confirm { add("confirm", Self.show(confirm.message)) }
    if let approval = step.approval {
      let within = approval.within.map { ", within \(DurationText.render($0))" } ?? ""
      let rules = Set(approval.demands.compactMap(\.rule) + [approval.excludesStarter].compactMap { $0 }).sorted()
      add(
        "approval",
        RunWords.demands(approval) + within + (approval.excludesStarter == nil ? "" : ", not who starts the run")
          + (rules.isEmpty ? "" : " (\(rules.joined(separator: ", ")))"))
    }
    add("does", Self.describe(step.action))
    for (name, text) in Self.surroundings(of: step.action) { add(name, text) }
    if isWhole { lines += whole(step.action).map { "       │ " + RunWords.harmless($0) } }
    if let dryRun = step.dryRun { add("dry run", Self.describe(dryRun)) }
    if let retry = step.retry { add("retry", "up to \(retry.attempts) attempts") }
    if let timeout = step.timeout { add("timeout", DurationText.render(timeout)) }
    if let applied = step.applied { add("applied", check(applied)) }
    if let ready = step.ready { add("ready", check(ready)) }
    for check in step.verify { add("verify", self.check(check)) }
    switch step.rollback {
    case .nothing: break
    case .actions(let actions):
      for action in actions {
        add("undo", Self.describe(action.action))
        if isWhole { lines += whole(action.action).map { "       │ " + RunWords.harmless($0) } }
      }
    case .none(let because, let mendedBy):
      add("undo", "none, because \(because)" + (mendedBy.map { "; mended by \($0)" } ?? ""))
    }
    if let policy = step.onFailure {
      add("on failure", (step.undoScope.map { "undo the \($0.rawValue), then " } ?? "") + policy.rawValue)
    }
    if step.temporary { add("temporary", "undone, too, when all went well") }
    if let usualTime { add("usually", usualTime) }
    return lines + inside(step.action)
  }

  /// What `describe` says less of than there is: the lines of a script or a text, the items of a checklist.
  package func whole(_ action: Action) -> [String] {
    let text: String
    switch action {
    case .program(let program):
      guard case .script(let script, _) = program.command else { return [] }
      text = script
    case .manual(let manual): text = Self.show(manual.text)
    case .checklist(let items):
      text = items.map { item in
        switch item {
        case .tick(let tick): "\(Self.who(tick.from)) ticks: \(Self.show(tick.text))"
        case .check(let check): "checks: \(self.check(check))"
        }
      }.joined(separator: "\n")
    default: return []
    }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// What a program or a request is given besides its arguments.
  private static func surroundings(of action: Action) -> [(name: String, text: String)] {
    switch action {
    case .program(let program):
      program.environment.map { ("with", "\($0.name)=\(show($0.value))") }
        + (program.directory.map { [("in", show($0))] } ?? []) + (program.input.map { [("input", show($0))] } ?? [])
    case .http(let call):
      call.headers.map { ("with", "\($0.name): \(show($0.value))") } + (call.body.map { [("body", show($0))] } ?? [])
    default: []
    }
  }

  /// The steps that stand inside one.
  package func inside(_ action: Action) -> [String] {
    switch action {
    case .forEach(let each): return steps(each.template, 0, each.steps).dropFirst().map { "   " + $0 }
    case .group(let group): return group.steps.enumerated().flatMap { steps($1, $0, group.steps) }.map { "     " + $0 }
    case .call(let call):
      let all = call.steps.enumerated().flatMap { steps($1, $0, call.steps) }
      let last = call.finally.enumerated().flatMap { steps($1, $0, call.finally) }
      return (call.preconditions.map { "precondition: \(check($0.check))" } + all + last).map { "     " + $0 }
    default: return []
    }
  }

  private func check(_ check: Check) -> String {
    var text = check.title ?? Self.describe(check.probe)
    if let within = check.within { text += ", within \(DurationText.render(within))" }
    if let holds = check.holds { text += ", holding \(DurationText.render(holds))" }
    return RunWords.harmless(text)
  }

  static func describe(_ probe: Check.Probe) -> String {
    switch probe {
    case .program(let program): describe(Action.program(program))
    case .http(let call): describe(Action.http(call))
    case .assert(let expression): expression.source
    case .manual(let manual): "\(who(manual.from)): \(show(manual.text))"
    case .prometheus(let query): "prometheus: \(show(query.query))"
    case .tool(let tool): "\(tool.name) \(tool.version?.description ?? "is there")"
    case .any(let checks): "any of \(checks.count) checks"
    case .all(let checks): "all of \(checks.count) checks"
    case .not(let other): "not (\(other.title ?? describe(other.probe)))"
    }
  }

  static func describe(_ action: Action) -> String {
    switch action {
    case .program(let program): return describe(program.command) + (program.place.map { " on \(describe($0))" } ?? "")
    case .http(let call): return "\(call.method) \(show(call.url))"
    case .manual(let manual): return "\(who(manual.from)): \(show(manual.text))"
    case .decide(let decision): return "decide: \(show(decision.question))"
    case .checklist(let items): return "a checklist of \(items.count) items"
    case .wait(let duration): return "wait \(DurationText.render(duration))"
    case .assert(let expression): return "assert \(expression.source)"
    case .check(let check): return "check \(check.title ?? describe(check.probe))"
    case .prometheus(let query): return "prometheus: \(show(query.query))"
    case .notify(let notice): return "notify \(notice.channel.name): \(show(notice.message))"
    case .forEach(let each):
      return "for each of \(each.list.source)" + (each.limit > 1 ? ", \(each.limit) at once" : "") + ":"
    case .group: return "its steps:"
    case .call(let call):
      let bounds = [
        call.maxParallel.map { "at most \($0) actions at once" },
        call.timeout.map { "at most \(DurationText.render($0))" },
      ].compactMap { $0 }
      return (["runbook \(call.runbook) \(call.version)"] + bounds).joined(separator: ", ") + ":"
    }
  }

  /// Who is to do something.
  private static func who(_ roles: [String]) -> String {
    roles.isEmpty ? "a person" : "a person (\(roles.joined(separator: " or ")))"
  }

  private static func describe(_ command: Program.Command) -> String {
    switch command {
    case .exec(let arguments):
      return RunWords.commandLine(
        arguments.map { argument in
          switch argument {
          case .word(let text): show(text)
          case .spliced(let expression): "${{ \(expression.source) }}"
          }
        })
    case .script(let script, let shell):
      let lines = script.split(separator: "\n")
      let name = shell.first ?? "shell"
      return "\(name): " + (lines.first.map(String.init) ?? "") + (lines.count > 1 ? " … (\(lines.count) lines)" : "")
    }
  }

  private static func describe(_ place: Place) -> String {
    switch place {
    case .ssh(let target): show(target)
    case .pod(let pod):
      show(pod.target) + (pod.container.map { ", container \(show($0))" } ?? "")
        + (pod.namespace.map { " in \(show($0))" } ?? "") + (pod.context.map { " of \(show($0))" } ?? "")
    }
  }

  static func show(_ text: Text) -> String {
    switch text {
    case .literal(let literal): literal
    case .template(let template): template.source
    case .secret(let name): "(secret \(name))"
    }
  }
}
