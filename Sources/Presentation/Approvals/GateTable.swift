import CanonicalJSON
import Journal
import RunEngine
import RunbookParser

/// The gates at which runs wait: `belay approvals`.
package enum GateTable {
  /// A gate in a list.
  package struct Row: Sendable {
    package var state: RunState
    package var step: StepIndex
    package var gate: OpenGate
    package var isAlive: Bool
    /// Whether the time to approve it is over, which the next engine finds.
    package var isOver: Bool

    package init(state: RunState, step: StepIndex, gate: OpenGate, isAlive: Bool, isOver: Bool) {
      self.state = state
      self.step = step
      self.gate = gate
      self.isAlive = isAlive
      self.isOver = isOver
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
            row.gate.request.expires.map(RunWords.time) ?? "-",
            (row.isOver ? "too late, " : "") + (row.isAlive ? "waits" : "gone: belay resume"),
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
          .init("engine", .bool(row.isAlive)), .init("too-late", .bool(row.isOver)),
          .init(
            "demands",
            .array(
              row.gate.request.approval.demands.map { demand in
                .object([
                  .init("roles", .array(demand.roles.map { .string($0) })), .init("count", .int(Int64(demand.count))),
                  .init("missing", .int(Int64(row.gate.missing(demand, row.state.plan.policy)))),
                ])
              })),
          .init(
            "approved",
            .array(
              row.gate.votes.map { vote in
                var members: [JSON.Member] = [.init("person", .string(vote.person))]
                switch vote.identity {
                case .key(let fingerprint): members.append(.init("key", .string(fingerprint)))
                case .login(let name): members.append(.init("unproven-login", .string(name)))
                }
                return .object(members)
              })),
        ]
        if let environment = row.state.plan.environment { members.append(.init("environment", .string(environment))) }
        if let expires = row.gate.request.expires { members.append(.init("expires", .int(expires))) }
        return .object(members)
      })
  }
}
