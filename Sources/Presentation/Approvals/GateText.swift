import CanonicalJSON
import Expressions
import Journal
import RunEngine
import RunbookParser

/// What an approver is shown of a gate: what will run, what is known of it, the way back, and what is left if it fails.
package struct GateText: Sendable {
  /// A dry run of the same plan.
  package struct DryRun: Sendable {
    /// The run.
    package var run: String
    /// How the whole of it ended, and how the step did.
    package var outcome: String
    package var step: String

    package init(run: String, outcome: String, step: String) {
      self.run = run
      self.outcome = outcome
      self.step = step
    }
  }

  private let words: RunWords

  package init(colour: Bool) { words = RunWords(colour: colour) }

  /// The lines about an open gate.
  package func lines(_ gate: OpenGate, of step: StepIndex, in state: RunState, dryRun: DryRun?) -> [String] {
    let plan = state.plan
    let planned = state.step(step)
    let environment = plan.environment.map { " in \($0)" } ?? ""
    var lines = [
      words.paint("Run \(state.run.id)", .bold) + "  \(plan.name) \(plan.version)\(environment)",
      field("started by", RunWords.starter(of: state.run)),
      field("plan", plan.digest),
      "",
      words.paint(state.path(of: step), .bold) + "  " + words.paint(planned.effect.rawValue, .yellow)
        + (planned.title.map { "  " + RunWords.harmless($0) } ?? ""),
    ]
    lines += whatRuns(gate.request, planned)
    lines.append(
      field(
        "dry run",
        dryRun.map { "\($0.step); all of it: \($0.outcome) (belay show \($0.run))" }
          ?? "none of this plan is in the store"))
    lines += wayBack(planned, step, state)
    lines.append("")
    for demand in gate.request.approval.demands {
      let missing = gate.missing(demand, plan.policy)
      let rule = demand.rule.map { " (\($0))" } ?? ""
      let left = missing == 0 ? "there" : "\(missing) more"
      lines.append(field("takes", "\(demand.count) of \(demand.roles.joined(separator: " or "))\(rule): \(left)"))
    }
    if let rule = gate.request.approval.excludesStarter {
      lines.append(field("not", "who started the run (\(rule))"))
    }
    for vote in gate.votes {
      let reason = vote.reason.isEmpty ? "" : ": " + vote.reason
      lines.append(field("approved", "\(vote.person), \(RunWords.identity(vote.identity))\(reason)"))
    }
    if let expires = gate.request.expires { lines.append(field("until", RunWords.time(expires))) }
    return lines
  }

  private func field(_ name: String, _ text: String) -> String {
    "  " + words.paint(name + String(repeating: " ", count: max(0, 11 - name.count)), .dim) + " "
      + RunWords.harmless(text)
  }

  // MARK: What will run

  private func whatRuns(_ request: ApprovalRequest, _ planned: PlannedStep) -> [String] {
    var lines: [String] = []
    if let action = request.action { lines += self.lines(action, planned.action) }
    for (number, item) in request.items.enumerated() { lines.append(field("item \(number)", item.rendered)) }
    for input in request.inputs { lines.append(field("input", "\(input.name) = \(input.value.rendered)")) }
    if request.action == nil { lines.append(field("does", PlanText.describe(planned.action))) }
    return lines
  }

  private func lines(_ action: ResolvedAction, _ planned: Action) -> [String] {
    switch action {
    case .program(let program):
      var lines = [field("runs", RunWords.commandLine(Array(program.arguments.prefix { !$0.contains("\n") })))]
      // A script, or whatever else has lines, is shown line by line.
      for argument in program.arguments.drop(while: { !$0.contains("\n") }) {
        lines += argument.split(separator: "\n", omittingEmptySubsequences: false).map { field("", "  \($0)") }
      }
      if let place = program.place { lines.append(field("on", place.description)) }
      if let directory = program.directory { lines.append(field("in", directory)) }
      for variable in program.environment {
        lines.append(field("with", "\(variable.name)=\(Self.show(variable.value))"))
      }
      if let input = program.input { lines.append(field("input", Self.show(input))) }
      return lines
    case .http(let call):
      return [field("sends", "\(call.method) \(call.url)")]
        + call.headers.map { field("with", "\($0.name): \(Self.show($0.value))") }
        + (call.body.map { [field("body", Self.show($0))] } ?? [])
    case .ask, .wait, .inner: return [field("does", RunWords.describe(action, planned: planned))]
    }
  }

  private static func show(_ text: ResolvedText) -> String {
    switch text {
    case .text(let text): text
    case .secret(let name): "(secret \(name))"
    }
  }

  // MARK: If it fails

  private func wayBack(_ planned: PlannedStep, _ step: StepIndex, _ state: RunState) -> [String] {
    var lines: [String] = []
    let before = state.intents.filter { state.step($0).effect != .observe && $0 != step }.map { state.path(of: $0) }
    let earlier = before.isEmpty ? "" : " (before it: \(before.joined(separator: ", ")))"
    switch planned.rollback {
    case .actions(let actions):
      for action in actions { lines.append(field("way back", PlanText.describe(action.action))) }
      lines.append(field("if it fails", "it is undone so, and what was changed before it after it\(earlier)"))
    case .none(let because, let mendedBy):
      lines.append(field("way back", "none, because \(because)" + (mendedBy.map { "; mended by \($0)" } ?? "")))
      if planned.effect == .irreversible {
        lines.append(field("if it fails", "it stays, and so does everything that was changed before it\(earlier)"))
      } else {
        lines.append(field("if it fails", "it stays; what was changed before it is undone\(earlier)"))
      }
    case .nothing where planned.effect == .irreversible:
      lines.append(field("way back", "none: it is irreversible"))
      lines.append(field("if it fails", "it stays, and so does everything that was changed before it\(earlier)"))
    case .nothing:
      let inside = planned.action.holdsOthers ? "each step inside it is undone as it says" : "there is nothing to undo"
      lines.append(field("way back", inside))
    }
    return lines
  }
}

/// The gates at which runs wait: `belay approvals`.
package enum GateTable {
  /// A gate in a list.
  package struct Row: Sendable {
    package var state: RunState
    package var step: StepIndex
    package var gate: OpenGate
    package var isAlive: Bool

    package init(state: RunState, step: StepIndex, gate: OpenGate, isAlive: Bool) {
      self.state = state
      self.step = step
      self.gate = gate
      self.isAlive = isAlive
    }
  }

  /// The lines for people.
  package static func lines(_ rows: [Row]) -> [String] {
    guard !rows.isEmpty else { return ["no run waits for an approval"] }
    return TextTable.lines(
      [["RUN", "STEP", "RUNBOOK", "WAITS FOR", "UNTIL", "ENGINE"]]
        + rows.map { row in
          let plan = row.state.plan
          let missing = row.gate.request.approval.demands.compactMap { demand -> String? in
            let count = row.gate.missing(demand, plan.policy)
            return count == 0 ? nil : "\(count) of \(demand.roles.joined(separator: " or "))"
          }
          return [
            row.state.run.id, row.state.path(of: row.step),
            plan.name + (plan.environment.map { " in \($0)" } ?? ""), missing.joined(separator: ", "),
            row.gate.request.expires.map(RunWords.time) ?? "-", row.isAlive ? "waits" : "gone: belay resume",
          ]
        })
  }

  /// The gates for programs.
  package static func json(_ rows: [Row]) -> JSON {
    .array(
      rows.map { row in
        var members: [JSON.Member] = [
          .init("run", .string(row.state.run.id)), .init("step", .string(RunEventCodec.address(row.step, row.state))),
          .init("runbook", .string(row.state.plan.name)), .init("plan", .string(row.state.plan.digest)),
          .init("engine", .bool(row.isAlive)),
          .init(
            "demands",
            .array(
              row.gate.request.approval.demands.map { demand in
                .object([
                  .init("roles", .array(demand.roles.map { .string($0) })), .init("count", .int(Int64(demand.count))),
                  .init("missing", .int(Int64(row.gate.missing(demand, row.state.plan.policy)))),
                ])
              })),
          .init("approved", .array(row.gate.votes.map { .string($0.person) })),
        ]
        if let environment = row.state.plan.environment { members.append(.init("environment", .string(environment))) }
        if let expires = row.gate.request.expires { members.append(.init("expires", .int(expires))) }
        return .object(members)
      })
  }
}
