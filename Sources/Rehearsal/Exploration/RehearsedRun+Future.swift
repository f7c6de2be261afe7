import RunEngine
import RunbookParser

extension RehearsedRun {
  /// Feeds a hasher with all that what can still happen depends on, but for what the scenario says of places that were
  /// not come to yet.
  func feedFuture(into hasher: inout Hasher, _ state: RunState, withTimes: Bool) {
    state.feedFuture(into: &hasher, withTimes: withTimes)
    world.feedFuture(into: &hasher)
    people.feedFuture(into: &hasher)
    hasher.combine(isDead)
    hasher.combine(actsBegun)
    for (due, item) in agenda.inOrder {
      switch item {
      case .end(let id, let visit):
        guard let activity = inFlight[id], activity.visit == visit else { continue }
        hasher.combine(id)
        activity.course.feed(into: &hasher)
      case .event(let event): hasher.combine(event)
      case .timer(let timer):
        guard state.expects(timer) else { continue }
        hasher.combine(timer)
      }
      hasher.combine(due - clock)
    }
    // What has no end of its own.
    let endless = inFlight.filter { $0.value.course.takes == nil }
    hasher.combine(Set(endless.keys))
  }
}

extension ScriptedWorld.Course {
  fileprivate func feed(into hasher: inout Hasher) {
    hasher.combine(end)
    hasher.combine(changes)
    hasher.combine(applied)
  }
}

extension ScriptedWorld {
  fileprivate func feedFuture(into hasher: inout Hasher) {
    hasher.combine(applied)
    hasher.combine(everApplied)
    hasher.combine(undone)
    hasher.combine(undoBegun)
    for address in progress.keys.sorted() {
      guard let progress = progress[address], let answers = scenario.answers[address], answers.count > 1 else {
        continue
      }
      hasher.combine(address)
      hasher.combine(progress.place)
      if answers.contains(where: { $0.until != nil }) { hasher.combine(progress.firstAsked) }
    }
    for fault in scenario.faults where !happened.contains(fault) { hasher.combine(fault) }
  }
}

extension ScriptedPeople {
  fileprivate func feedFuture(into hasher: inout Hasher) {
    hasher.combine(used)
    hasher.combine(underWay)
    hasher.combine(cast)
  }
}
