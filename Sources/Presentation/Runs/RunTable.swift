import CanonicalJSON
import RunEngine

/// A run in a list.
package enum RunListing: Sendable {
  /// A run whose records tell it.
  case readable(RunHistory)
  /// A run whose records cannot be read.
  case damaged(run: String, reason: String)
}

/// Runs, one a line: `belay runs`.
package enum RunTable {
  /// The lines for people, the newest run first.
  package static func lines(_ runs: [RunListing]) -> [String] {
    let rows = runs.map { listing in
      switch listing {
      case .readable(let history): row(history)
      case .damaged(let run, let reason): [run, "-", "damaged", "-", "-", reason]
      }
    }
    return TextTable.lines([["RUN", "STARTED", "STATUS", "RUNBOOK", "STARTED BY"]] + rows)
  }

  private static func row(_ history: RunHistory) -> [String] {
    [
      history.state.run.id, RunWords.time(history.state.startedAt),
      history.status + (history.mode == "live" ? "" : " (dry run)"),
      history.state.plan.name + (history.state.plan.environment.map { " in \($0)" } ?? ""),
      RunWords.starter(of: history.state.run),
    ]
  }

  /// The runs for programs.
  package static func json(_ runs: [RunListing]) -> JSON {
    .array(
      runs.map { listing in
        switch listing {
        case .readable(let history): json(history)
        case .damaged(let run, let reason):
          .object([
            .init("run", .string(run)), .init("status", .string("damaged")), .init("reason", .string(reason)),
          ])
        }
      })
  }

  private static func json(_ history: RunHistory) -> JSON {
    var members: [JSON.Member] = [
      .init("run", .string(history.state.run.id)), .init("started", .int(history.state.startedAt)),
      .init("updated", .int(history.lastTime)), .init("status", .string(history.status)),
      .init("mode", .string(history.mode)), .init("runbook", .string(history.state.plan.name)),
      .init("version", .string(history.state.plan.version)),
      .init("operator", .string(history.state.run.operatorName)),
    ]
    if let environment = history.state.plan.environment {
      members.append(.init("environment", .string(environment)))
    }
    return .object(members)
  }
}

/// Columns of text.
package enum TextTable {
  /// The rows with each column as wide as its widest cell; the first row is the head.
  package static func lines(_ rows: [[String]]) -> [String] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let cell = RunWords.harmless(cell)
        return column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
      }.joined(separator: "  ")
    }
  }
}
