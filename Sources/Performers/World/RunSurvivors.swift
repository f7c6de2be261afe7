import RunEngine
import RunbookExecutor

/// Ends what an earlier engine of a run left running, before another decides anything.
package enum RunSurvivors {
  /// Milliseconds from TERM to KILL.
  private static let grace: Int64 = 5_000
  /// Milliseconds from KILL until what is still alive is given up.
  private static let limit: Int64 = 5_000

  /// Whether nothing of the run's programs is left; false where that cannot be shown.
  ///
  /// - Parameter notes: What the earlier engines noted of each program they started: effect, process number, start
  ///   time, boot.
  package static func end(of run: StoredRun, notes: [String]) -> Bool {
    var leaders: [ProcessIdentity] = []
    var noted: Set<String> = []
    for note in notes {
      let words = note.split(separator: " ")
      guard words.count == 4, let pid = Int32(words[1]), let start = UInt64(words[2]) else { continue }
      noted.insert(String(words[0]))
      leaders.append(ProcessIdentity(pid: pid, startTime: start, bootID: String(words[3])))
    }
    var isClear = true
    if !leaders.isEmpty {
      isClear = isOver(
        Survivors.end(leaders: leaders, effectPrefix: run.state.run.id + "/", grace: grace, limit: limit))
    }
    // Killed between a start and its note.
    for id in unended(run) where !noted.contains(id.description) {
      let outcome = Survivors.end(
        leaders: [], effectPrefix: "\(run.state.run.id)/\(id)", grace: grace, limit: limit)
      isClear = isOver(outcome) && isClear
    }
    return isClear
  }

  private static func isOver(_ outcome: Survivors.Outcome) -> Bool {
    if case .remaining = outcome { false } else { true }
  }

  /// The actions with an intent and no end.
  private static func unended(_ run: StoredRun) -> [EffectID] {
    var open: [EffectID] = []
    for entry in run.entries {
      switch entry.event {
      case .intended(let id, _, _): open.append(id)
      case .actionEnded(let id, _), .actionRefused(let id, _): open.removeAll { $0 == id }
      default: break
      }
    }
    return open
  }
}
