import RunEngine
import RunbookExecutor

/// Ends what an earlier engine of a run left running, before another decides anything.
package enum RunSurvivors {
  /// Milliseconds from TERM to KILL.
  private static let grace: Int64 = 5_000
  /// Milliseconds from KILL until what is still alive is given up.
  private static let limit: Int64 = 5_000

  /// How long the client of a program elsewhere has to end by itself, in milliseconds. Its input closed when the engine
  /// died, which ends the program there; the client ends after it.
  private static let farPatience: Int64 = WorldPerformer.grace + WorldPerformer.travel

  /// Whether nothing of the run's programs is left; false where that cannot be shown.
  ///
  /// That a program elsewhere has ended is shown by its client's ending by itself: where the client is ended here, or went
  /// down with the machine, it is not.
  ///
  /// - Parameter notes: What the earlier engines noted of each program they started: effect, process number, start
  ///   time, boot.
  package static func end(of run: StoredRun, notes: [String]) -> Bool {
    var leaders: [ProcessIdentity] = []
    var effects: [String] = []
    var noted: Set<String> = []
    for note in notes {
      let words = note.split(separator: " ")
      guard words.count == 4, let pid = Int32(words[1]), let start = UInt64(words[2]) else { continue }
      effects.append(String(words[0]))
      noted.insert(String(words[0]))
      leaders.append(ProcessIdentity(pid: pid, startTime: start, bootID: String(words[3])))
    }
    let open = unended(run)
    var isClear = true
    let far = zip(effects, leaders).filter { effect, _ in open.contains { $0.isFar && $0.id.description == effect } }
    if !far.isEmpty { isClear = Survivors.awaitEnd(of: far.map(\.1), limit: farPatience) }
    if !leaders.isEmpty {
      let outcome = Survivors.end(leaders: leaders, effectPrefix: run.state.run.id + "/", grace: grace, limit: limit)
      isClear = isOver(outcome) && isClear
    }
    // Killed between a start and its note.
    for (id, isFar) in open where !noted.contains(id.description) {
      let outcome = Survivors.end(
        leaders: [], effectPrefix: "\(run.state.run.id)/\(id)", grace: grace, limit: limit)
      isClear = isOver(outcome) && isClear
      if isFar, outcome != .none { isClear = false }
    }
    if !run.state.plan.tunnels.isEmpty {
      // No intent tells of tunnels.
      let outcome = Survivors.end(
        leaders: [], effectPrefix: "\(run.state.run.id)/run/tunnel.", grace: grace, limit: limit)
      isClear = isOver(outcome) && isClear
    }
    return isClear
  }

  private static func isOver(_ outcome: Survivors.Outcome) -> Bool {
    if case .remaining = outcome { false } else { true }
  }

  /// The actions with an intent and no end, and whether they run elsewhere.
  private static func unended(_ run: StoredRun) -> [(id: EffectID, isFar: Bool)] {
    var open: [(id: EffectID, isFar: Bool)] = []
    for entry in run.entries {
      switch entry.event {
      case .intended(let id, let action, let dryRun): open.append((id, action.isFar || dryRun?.isFar == true))
      case .actionEnded(let id, _), .actionRefused(let id, _): open.removeAll { $0.id == id }
      default: break
      }
    }
    return open
  }
}

extension ResolvedAction {
  fileprivate var isFar: Bool { if case .program(let program) = self { program.place != nil } else { false } }
}
