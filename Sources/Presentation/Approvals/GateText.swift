import CanonicalJSON
import Expressions
import Journal
import RunEngine
import RunbookParser

/// What an approver is shown of a gate: what will run, what is known of it, the way back, and what is left if it fails.
package struct GateText: Sendable {
  /// What is known where the run is; nil on the machine of an approver elsewhere.
  package struct Standing: Sendable {
    /// Who started the run, and how that is known.
    package var starter: String
    /// The changes that were made before.
    package var before: [String]
    /// The votes that count.
    package var votes: [Vote]
    /// What would count of what no engine has heard yet.
    package var unheard: [Vote]

    /// What is known of a run that waits.
    package init(_ state: RunState, _ step: StepIndex, _ gate: OpenGate, unheard: [Vote]) {
      self.unheard = unheard
      starter = RunWords.starter(of: state.run)
      before = state.intents.filter { state.step($0).effect != .observe && $0 != step }.map { state.path(of: $0) }
      votes = gate.votes
    }
  }

  /// What a dry run of the same plan came to at the gate's step.
  package struct DryRun: Sendable {
    /// The run.
    package var run: String
    /// How the whole of it ended.
    package var outcome: String
    /// How the step did, and what that is worth as evidence.
    package var status: String
    /// Each attempt with what it wrote.
    package var findings: [String]

    package init(run: String, outcome: String, status: String, findings: [String]) {
      self.run = run
      self.outcome = outcome
      self.status = status
      self.findings = findings
    }
  }

  private let words: RunWords

  package init(colour: Bool) { words = RunWords(colour: colour) }

  /// The lines about an open gate.
  ///
  /// - Parameters:
  ///   - address: The step's address.
  ///   - planned: What the plan says of it.
  ///   - isOver: Whether the time to approve it is over.
  package func lines(
    _ request: ApprovalRequest, run: String, _ plan: RunPlan, _ address: String, _ planned: PlannedStep,
    _ standing: Standing?, dryRun: DryRun?, isOver: Bool
  ) -> [String] {
    let environment = plan.environment.map { " in \($0)" } ?? ""
    var lines = [
      words.paint("Run \(RunWords.harmless(run))", .bold) + "  \(plan.name) \(plan.version)\(environment)"
    ]
    if let standing { lines += field("started by", standing.starter) }
    lines += field("plan", plan.digest)
    for input in plan.inputs {
      if case .value(let value) = input.content { lines += field("given", "\(input.name) = \(value.rendered)") }
    }
    lines += [
      "",
      words.paint(RunWords.harmless(address), .bold) + "  " + words.paint(planned.effect.rawValue, .yellow)
        + (planned.title.map { "  " + Self.oneLine($0) } ?? ""),
    ]
    lines += whatRuns(request, planned)
    lines += self.lines(dryRun)
    lines += wayBack(planned, standing?.before ?? [])
    lines.append("")
    for demand in request.approval.demands {
      let rule = demand.rule.map { " (\($0))" } ?? ""
      let given = standing.map { $0.votes + $0.unheard.filter(\.approves) }?.count {
        plan.policy?.has($0.person, oneOf: demand.roles) == true
      }
      let missing = given.map { max(0, demand.count - $0) }
      let left = missing.map { $0 == 0 ? ": there" : ": \($0) more" } ?? ""
      lines += field("takes", "\(demand.count) of \(demand.roles.joined(separator: " or "))\(rule)\(left)")
    }
    if let rule = request.approval.excludesStarter { lines += field("not", "who started the run (\(rule))") }
    lines += (standing?.votes ?? []).flatMap { self.lines($0, "") }
    lines += (standing?.unheard ?? []).flatMap { self.lines($0, ", which no engine has heard yet") }
    if let expires = request.expires {
      lines += field("until", RunWords.time(expires) + (isOver ? ", which is over: it is denied" : ""))
    }
    return lines
  }

  private func lines(_ vote: Vote, _ remark: String) -> [String] {
    let reason = vote.reason.isEmpty ? "" : ": " + vote.reason
    return field(
      vote.approves ? "approved" : "denied", "\(vote.person), \(RunWords.identity(vote.identity))\(remark)\(reason)")
  }

  /// A name and a text; further lines of the text are marked, so that none of them looks like another name.
  private func field(_ name: String, _ text: String) -> [String] {
    let lines = RunWords.harmless(text).split(separator: "\n", omittingEmptySubsequences: false)
    let padding = String(repeating: " ", count: max(0, 11 - name.count))
    return ["  " + words.paint(name + padding, .dim) + " " + (lines.first ?? "")]
      + lines.dropFirst().map { "              │ \($0)" }
  }

  private static func oneLine(_ text: String) -> String {
    RunWords.harmless(text).split(separator: "\n").joined(separator: " ")
  }

  // MARK: What will run

  private func whatRuns(_ request: ApprovalRequest, _ planned: PlannedStep) -> [String] {
    var lines: [String] = []
    if let action = request.action { lines += self.lines(action, planned.action) }
    for (number, item) in request.items.enumerated() { lines += field("item \(number)", item.rendered) }
    for input in request.inputs { lines += field("input", "\(input.name) = \(input.value.rendered)") }
    if request.action == nil {
      lines += field("does", PlanText.describe(planned.action))
      lines += PlanText(colour: words.colour, isWhole: true).inside(planned.action).map { "      " + $0 }
    }
    for inner in request.inside {
      guard let action = inner.action else {
        lines += field(inner.path, "is worked out when it is reached: it rests on what a step before it gives")
        continue
      }
      // What has no arguments to work out stands above.
      guard action != .inner else { continue }
      lines.append("  " + words.paint(RunWords.harmless(inner.path), .bold))
      lines += self.lines(action, planned.action)
    }
    return lines
  }

  private func lines(_ action: ResolvedAction, _ planned: Action) -> [String] {
    switch action {
    case .program(let program):
      var lines: [String] = []
      if program.arguments.contains(where: { $0.contains("\n") }) {
        // Argument by argument, so that it can be told where one ends.
        for (number, argument) in program.arguments.enumerated() {
          let shown = argument.contains("\n") ? argument : RunWords.commandLine([argument])
          lines += field(number == 0 ? "runs" : "argument \(number)", shown)
        }
      } else {
        lines += field("runs", RunWords.commandLine(program.arguments))
      }
      if let place = program.place { lines += field("on", place.description) }
      if let directory = program.directory { lines += field("in", directory) }
      for variable in program.environment { lines += field("with", "\(variable.name)=\(Self.show(variable.value))") }
      if let input = program.input { lines += field("input", Self.show(input)) }
      return lines
    case .http(let call):
      return field("sends", "\(call.method) \(call.url)")
        + call.headers.flatMap { field("with", "\($0.name): \(Self.show($0.value))") }
        + (call.body.map { field("body", Self.show($0)) } ?? [])
        + (call.follow ? field("follows", "redirections") : []) + (call.ca.map { field("trusts", $0) } ?? [])
    case .ask(let question): return field("asks", question.text)
    case .wait: return field("does", RunWords.describe(action, planned: planned))
    case .inner:
      return field("does", PlanText.describe(planned))
        + PlanText(colour: false, isWhole: true).whole(planned).flatMap { field("", "│ " + $0) }
    }
  }

  private static func show(_ text: ResolvedText) -> String {
    switch text {
    case .text(let text): text
    case .secret(let name): "(secret \(name))"
    }
  }

  private func lines(_ dryRun: DryRun?) -> [String] {
    guard let dryRun else { return field("dry run", "none of this plan is known") }
    return field("dry run", "\(dryRun.status); all of it: \(dryRun.outcome) (belay show \(dryRun.run))")
      + dryRun.findings.flatMap { field("", $0) }
  }

  // MARK: If it fails

  private func wayBack(_ planned: PlannedStep, _ before: [String]) -> [String] {
    let earlier = before.isEmpty ? "" : " (before it: \(before.joined(separator: ", ")))"
    switch planned.rollback {
    case .actions(let actions):
      return actions.flatMap { action in
        field("way back", PlanText.describe(action.action))
          + PlanText(colour: false, isWhole: true).whole(action.action).flatMap { field("", "│ " + $0) }
      } + field("if it fails", "it is undone so, and what was changed before it after it\(earlier)")
    case .none(let because, let mendedBy):
      return field("way back", "none, because \(because)" + (mendedBy.map { "; mended by \($0)" } ?? ""))
        + field("if it fails", "it stays; what was changed before it is undone\(earlier)")
    case .nothing where planned.effect == .irreversible && planned.action.holdsOthers:
      return field("way back", "as the steps inside it say, up to the first point of no return")
        + field("if it fails", "past that it stays, and so does everything that was changed before it\(earlier)")
    case .nothing where planned.action.holdsOthers:
      return field("way back", "each step inside it is undone as it says")
        + field("if it fails", "what was changed before it is undone, too\(earlier)")
    case .nothing where planned.effect == .irreversible:
      return field("way back", "none: it is irreversible")
        + field("if it fails", "it stays, and so does everything that was changed before it\(earlier)")
    case .nothing: return field("way back", "there is nothing to undo")
    }
  }
}
