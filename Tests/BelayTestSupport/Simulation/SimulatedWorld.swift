import RunEngine
import RunbookParser

/// Which steps have taken effect; there may be more of them than a plan names.
package struct AppliedSteps: Hashable, Sendable {
  private var places: Set<Int> = []

  package subscript(place: Int) -> Bool {
    get { places.contains(place) }
    set { if newValue { places.insert(place) } else { places.remove(place) } }
  }
}

/// What is true of the world outside the engine: which steps have taken effect, and what is going on.
package struct SimulatedWorld {
  /// An action or a probe that is going on.
  struct Activity {
    var id: EffectID
    var behaviour: Behaviour
    var startedAt: Int64
    /// When it ends; nil while it goes on until it is told to.
    var endsAt: Int64?
    var stopped = false
    var changes: Bool
  }

  /// For each step, whether it has taken effect and was not undone.
  package private(set) var applied = AppliedSteps()
  /// What is going on, in the order of its start.
  private(set) var activities: [Activity] = []

  init() {}

  /// Begins an action or a probe.
  mutating func begin(_ id: EffectID, _ behaviour: Behaviour, changes: Bool, at now: Int64) {
    var endsAt: Int64? = now + behaviour.takes
    if case .hangs = behaviour.way { endsAt = nil }
    activities.append(Activity(id: id, behaviour: behaviour, startedAt: now, endsAt: endsAt, changes: changes))
  }

  /// Tells an activity to end.
  mutating func stop(_ id: EffectID, at now: Int64) {
    guard let place = activities.firstIndex(where: { $0.id == id }), !activities[place].stopped else { return }
    let activity = activities[place]
    if activity.behaviour.ignoresStop, activity.endsAt != nil { return }
    if let end = activity.endsAt, end <= now { return }
    activities[place].stopped = true
    activities[place].endsAt = now + 5
  }

  /// When the next activity ends.
  var nextEnd: Int64? { activities.compactMap(\.endsAt).min() }

  /// Takes out what has ended by a time.
  mutating func takeEnded(by now: Int64) -> [RunEvent] {
    var events: [RunEvent] = []
    while let place = firstEnded(by: now) {
      let activity = activities.remove(at: place)
      settle(activity, at: activity.endsAt ?? now)
      events.append(end(of: activity))
    }
    return events
  }

  /// The engine died, and everything that it had started with it.
  mutating func killAll(at now: Int64) {
    for activity in activities { settle(activity, at: min(now, activity.endsAt ?? now)) }
    activities = []
  }

  private func firstEnded(by now: Int64) -> Int? {
    var first: Int?
    for place in activities.indices {
      guard let end = activities[place].endsAt, end <= now else { continue }
      if let found = first, let other = activities[found].endsAt, other <= end { continue }
      first = place
    }
    return first
  }

  private mutating func settle(_ activity: Activity, at time: Int64) {
    guard activity.changes, let step = activity.id.step, let after = activity.behaviour.effectAfter,
      time - activity.startedAt >= after
    else { return }
    if case .refused = activity.behaviour.way { return }
    if case .undo = activity.id.slot { applied[Int(step.value)] = false } else { applied[Int(step.value)] = true }
  }

  /// A person did, or undid, what a step does.
  mutating func personDid(_ id: EffectID) {
    guard let step = id.step else { return }
    if case .undo = id.slot { applied[Int(step.value)] = false } else { applied[Int(step.value)] = true }
  }

  private func end(of activity: Activity) -> RunEvent {
    let id = activity.id
    let text = activity.behaviour.text
    let output = CapturedOutput(
      text: text, bytes: Int64(text.utf8.count), sha256: text.isEmpty ? nil : Simulator.hashPrefix + text)
    let duration = (activity.endsAt ?? activity.startedAt) - activity.startedAt
    func ended(_ ending: ActionEnd.Ending) -> RunEvent { .actionEnded(id, ActionEnd(ending, duration: duration)) }
    if activity.stopped { return ended(.signalled(signal: 15, stdout: output, stderr: CapturedOutput())) }
    switch activity.behaviour.way {
    case .exits(let status): return ended(.exited(status: status, stdout: output, stderr: CapturedOutput()))
    case .signalled(let signal): return ended(.signalled(signal: signal, stdout: output, stderr: CapturedOutput()))
    case .hangs: return ended(.cancelled)
    case .refused: return .actionRefused(id, "no such program")
    case .replies(let status): return ended(.answered(HTTPAnswer(status: status, headers: [], body: output)))
    case .unanswered: return ended(.unanswered("connection refused"))
    case .truthful: return ended(.exited(status: isTrue(id) ? 0 : 1, stdout: output, stderr: CapturedOutput()))
    }
  }

  /// What a truthful probe says.
  private func isTrue(_ id: EffectID) -> Bool {
    guard let step = id.step else { return true }
    switch id.slot {
    case .applied, .verify, .doubt: return applied[Int(step.value)]
    case .undoVerify: return !applied[Int(step.value)]
    case .tool, .precondition, .confirmation, .action, .item, .undo, .ready, .tunnel, .notice, .policy: return true
    }
  }
}
