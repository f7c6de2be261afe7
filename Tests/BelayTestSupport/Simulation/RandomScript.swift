import RunEngine

/// A world and people that a seed decides.
package final class RandomScript: SimulationScript {
  private var random: SeededGenerator
  /// How many of a hundred things go wrong.
  private let trouble: Int
  private var crashes: Int
  /// Whether nothing goes wrong any more: everything succeeds, tells the truth and says yes.
  package var isCalm = false
  /// Whether a probe may say something else than what is true.
  package let lies: Bool

  package init(seed: UInt64) {
    random = SeededGenerator(seed: seed &+ 0x5EED)
    trouble = random.pick([0, 5, 10, 20, 40])
    crashes = random.chance(40) ? random.number(1...3) : 0
    lies = random.chance(50)
  }

  package func action(_ request: StartRequest, at address: String, attempt: Int) -> Behaviour {
    let takes = Int64(random.pick([0, 1, 10, 10, 30, 150]))
    if case .program(let program) = request.action, program.arguments.first == "serve" { return kept(takes) }
    let ignoresStop = random.chance(10)
    guard !isCalm, random.chance(trouble) else {
      var behaviour = Behaviour(.exits(0), text: random.chance(20) ? "ok" : "", takes: takes, effectAfter: takes / 2)
      behaviour.ignoresStop = ignoresStop
      return behaviour
    }
    let effectAfter: Int64? = random.chance(50) ? takes / 2 : nil
    switch random.number(1...10) {
    case 1: return .refused
    case 2: return Behaviour(.unanswered, takes: takes, effectAfter: effectAfter)
    case 3: return Behaviour(.signalled(9), takes: takes, effectAfter: effectAfter)
    case 4, 5: return Behaviour(.hangs, effectAfter: effectAfter)
    case 6: return Behaviour(.exits(2), takes: takes, effectAfter: effectAfter)
    default: return Behaviour(.exits(1), text: "no", takes: takes, effectAfter: effectAfter, ignoresStop: ignoresStop)
    }
  }

  package func tunnel(_ id: EffectID, at address: String, attempt: Int) -> Behaviour {
    kept(Int64(random.pick([1, 5, 30, 150])))
  }

  /// What goes on until it is told to end, unless something goes wrong.
  private func kept(_ takes: Int64) -> Behaviour {
    guard !isCalm, random.chance(trouble) else { return .hangs() }
    return random.chance(20) ? .refused : Behaviour(.exits(1), takes: takes)
  }

  package func probe(_ request: ProbeRequest, at address: String, number: Int) -> Behaviour {
    let takes = Int64(random.pick([0, 1, 5, 20]))
    guard !isCalm, random.chance(trouble) else { return Behaviour(.truthful, takes: takes) }
    if case .applied = request.id.slot, !lies, random.chance(50) { return Behaviour(.truthful, takes: takes) }
    switch random.number(1...8) {
    case 1: return .refused
    case 2: return .unanswered
    case 3: return Behaviour(.signalled(9), takes: takes)
    case 4: return Behaviour(.hangs)
    case 5 where lies: return Behaviour(.exits(0), takes: takes)
    case 6 where lies: return Behaviour(.exits(1), takes: takes)
    default: return Behaviour(.truthful, takes: takes)
    }
  }

  package func person(_ id: EffectID, _ question: Question, at address: String) -> PersonBehaviour? {
    let after = Int64(random.pick([0, 1, 20, 400, 1000]))
    if !isCalm, random.chance(10) { return nil }
    switch question.kind {
    case .choose(let choices):
      let choice = isCalm ? choices.first : random.pick(choices)
      return PersonBehaviour(.choice(choice?.id ?? ""), after: after)
    case .tick(_, let notApplicable):
      if notApplicable, random.chance(20) { return PersonBehaviour(.notApplicable, after: after) }
    case .confirm, .manual, .approval: break
    }
    if !isCalm, random.chance(max(trouble, 10)) { return PersonBehaviour(.no("not now"), after: after) }
    return PersonBehaviour(.yes(fields: []), after: after)
  }

  package func votes(_ request: ApprovalRequest, at address: String, number: Int) -> [SimulatedVote] {
    if isCalm { return ["alice", "bob", "carol"].map { SimulatedVote($0) } }
    return (0..<random.number(0...4)).map { _ in
      let person = random.pick(["alice", "bob", "carol", "mallory"])
      let after = Int64(random.pick([0, 1, 20, 400, 1000]))
      return SimulatedVote(person, approves: !random.chance(max(trouble, 5) / 2), after: after)
    }
  }

  package func void(_ votes: [Vote], at address: String) -> [VoidVote] {
    guard !isCalm else { return [] }
    return votes.filter { _ in random.chance(10) }.map { VoidVote(record: $0.record, reason: "the key was revoked") }
  }

  package func crash(at batch: [RunEvent]) -> CrashPoint? {
    guard !isCalm, crashes > 0, random.chance(6) else { return nil }
    crashes -= 1
    return random.pick([.beforeCommit, .afterPerforming(0), .afterPerforming(1), .afterPerforming(99)])
  }

  package func answerOvertakesWithdrawal() -> Bool { random.chance(40) }

  package func joinsBatch(after milliseconds: Int64) -> Bool { milliseconds < 5 && random.chance(30) }

  // MARK: What comes from outside

  /// Whether there is a person at a terminal.
  package func isAttended() -> Bool { isCalm || random.chance(60) }

  /// Who is there: one who has every role where the run is to come to its end.
  package func login() -> String { isCalm ? "carol" : random.pick(["alice", "bob", "carol"]) }

  /// What happens to an engine from outside, and when.
  package func disturbances() -> [(event: RunEvent, after: Int64)] {
    guard !isCalm else { return [] }
    var events: [(event: RunEvent, after: Int64)] = []
    if random.chance(15) {
      for _ in 0..<random.number(1...4) { events.append((.operatorInterrupted, Int64(random.number(0...400)))) }
    }
    if random.chance(12) { events.append((.terminated, Int64(random.number(0...400)))) }
    if random.chance(8) {
      let time = Int64(random.number(0...300))
      events.append((time.isMultiple(of: 3) ? .pauseRequested : .detached, time))
    }
    return events
  }

  /// What the next engine is for.
  package func nextPurpose() -> EngineStart.Purpose { random.chance(80) ? .resume : .rollback }

  /// Whether what an engine left running cannot be shown to be gone.
  package func leavesSurvivors() -> Bool { !isCalm && random.chance(15) }

  /// One time in so many.
  package func rarely(_ percent: Int) -> Bool { random.chance(percent) }
}
