import CanonicalJSON
import Rehearsal

/// What should be rehearsed again: `belay rehearse --stale`.
package enum StaleTable {
  /// The lines for people.
  package static func lines(_ entries: [StaleEntry], looked: Int) -> [String] {
    if entries.isEmpty { return ["nothing is stale: \(looked) \(looked == 1 ? "scenario" : "scenarios")"] }
    let rows = entries.map { entry in
      [
        entry.runbook, entry.scenario ?? "-", entry.last.map { String(RunWords.time($0).prefix(10)) } ?? "-",
        words(entry.reason), entry.file ?? "-",
      ].map(RunWords.harmless)
    }
    return TextTable.lines([["RUNBOOK", "SCENARIO", "LAST", "WHY", "FILE"]] + rows)
  }

  private static func words(_ reason: StaleReason) -> String {
    switch reason {
    case .noScenario: "it has no scenario"
    case .neverPlayed: "never rehearsed here"
    case .failed: "it failed"
    case .changed: "the runbook or the scenario has changed since"
    case .aged: "longer ago than it may be"
    case .changedSinceRun: "run before, and changed since"
    case .broken: "it has mistakes"
    }
  }

  /// The same for programs.
  package static func json(_ entries: [StaleEntry], looked: Int) -> JSON {
    .object([
      .init("scenarios", .int(Int64(looked))),
      .init(
        "stale",
        .array(
          entries.map { entry in
            var members: [JSON.Member] = [
              .init("runbook", .string(entry.runbook)), .init("reason", .string(key(entry.reason))),
            ]
            if let scenario = entry.scenario { members.append(.init("scenario", .string(scenario))) }
            if let file = entry.file { members.append(.init("file", .string(file))) }
            if let last = entry.last { members.append(.init("last", .int(last))) }
            return .object(members)
          })),
    ])
  }

  private static func key(_ reason: StaleReason) -> String {
    switch reason {
    case .noScenario: "no-scenario"
    case .neverPlayed: "never-played"
    case .failed: "failed"
    case .changed: "changed"
    case .aged: "aged"
    case .changedSinceRun: "changed-since-run"
    case .broken: "broken"
    }
  }
}
