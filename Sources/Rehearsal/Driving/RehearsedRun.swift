import Expressions
import Journal
import RunEngine
import RunbookParser

/// Rehearses a run: the state machine of every run, with a world and people that a scenario tells, in simulated time.
///
/// The same scenario and plan give the same result.
package final class RehearsedRun {
  /// When a rehearsal takes place of which nobody says it: 2026-01-01T00:00:00Z.
  package static let usualClock: Int64 = 1_767_225_600_000
  /// How many events a run may take before it is taken to have no end.
  private static let eventLimit = 1_000_000

  /// Something that will happen.
  private enum Coming {
    /// An action or a check ends.
    case end(EffectID, visit: Int)
    /// Something comes from people, or of itself.
    case event(RunEvent)
    /// A time has come.
    case timer(TimerID)
  }

  /// What is going on.
  private struct Activity {
    var course: ScriptedWorld.Course
    var visit: Int
    var begunAt: Int64
  }

  private let planned: PlannedRehearsal
  /// What befalls the engine itself, of the faults that there are; the others are the world's.
  private let crashesBefore: Bool
  private let crashesAfter: Bool
  private let fillsJournal: Bool
  /// Whether somebody wants to know what began.
  private let tracksStarts: Bool
  private let observe: (RehearsedEvent, RunState) -> Void
  private var world: ScriptedWorld
  private var people: ScriptedPeople
  private let start: RunStart
  private var journal: MemoryJournal
  private var clock: Int64
  private var agenda = Agenda<Coming>()
  private var inFlight: [EffectID: Activity] = [:]
  /// What ended and the scenario says nothing of.
  private var usual: [EffectID] = []
  private var visits = 0
  private var ports: Int64 = 20_000
  private var result: RehearsalResult
  private var order = StartOrder()

  /// - Parameters:
  ///   - zones: The zones of time that the plan names.
  ///   - observe: Hears what happened, in order, each with the state that it led to.
  package init(
    _ planned: PlannedRehearsal, zones: [ZoneRecord] = [],
    observe: @escaping (RehearsedEvent, RunState) -> Void = { _, _ in }
  ) {
    self.planned = planned
    let faults = Set(planned.rehearsal.faults.map(\.kind))
    crashesBefore = faults.contains(.crashBefore)
    crashesAfter = faults.contains(.crashAfter)
    fillsJournal = faults.contains(.journalFull)
    tracksStarts = !planned.rehearsal.expectation.never.isEmpty
    self.observe = observe
    let start = RunStart(
      id: "rehearsalrun", operatorName: "operator", plan: planned.plan, zones: zones,
      starter: ProvenStarter(person: "operator", fingerprint: "scripted", statement: "", signature: ""))
    clock = planned.rehearsal.clock ?? Self.usualClock
    world = ScriptedWorld(planned)
    people = ScriptedPeople(planned.rehearsal)
    self.start = start
    let state = RunState(start, at: clock)
    journal = MemoryJournal(start, at: clock)
    result = RehearsalResult(
      scenario: planned.rehearsal, state: state, events: [], order: [], started: [], engines: 0, problems: [])
    observe(RehearsedEvent(time: clock, event: .runStarted(start), isUsual: false), state)
  }

  /// Rehearses it to its end.
  package func play() -> RehearsalResult {
    // A local, so that what looks at it borrows it and makes no copy.
    var state = result.state
    do {
      try drive(&state)
    } catch let error as ScriptedWorld.Unanswered {
      result.problems.append(error.message)
    } catch {
      result.problems.append("\(error)")
    }
    result.state = state
    result.order = order.starts
    if result.problems.isEmpty { result.judge() }
    for fault in planned.rehearsal.faults where !world.happened.contains(fault) {
      result.failures.append("the fault \(fault.kind.rawValue) at \(fault.address) never happened")
    }
    return result
  }

  // MARK: Engines

  /// Why an engine's work ended.
  private enum Stop {
    /// The run is over, or no engine goes on with it.
    case done
    /// The engine died.
    case died
  }

  private func drive(_ state: inout RunState) throws {
    while true {
      result.engines += 1
      let purpose: EngineStart.Purpose = state.engine == nil ? .run : .resume
      let start = EngineStart(epoch: Int64(result.engines), purpose: purpose, attended: true)
      var events = [RunEvent.engineStarted(start)]
      var stop: Stop?
      while stop == nil {
        stop = try process(events, &state)
        if stop != nil { break }
        if case .ended = state.phase, inFlight.isEmpty { return }
        if state.pause?.complete == true { return }
        switch try next(state) {
        case .events(let next): events = next
        case .died: stop = .died
        case .nothing: return explainStandstill(state)
        }
      }
      guard stop == .died else { return }
      try recover(&state)
      if state.isTerminal { return }
    }
  }

  /// The engine is gone with all that it knew; the next one begins with what the records say.
  private func recover(_ state: inout RunState) throws {
    for (id, activity) in inFlight { world.settle(id, activity.course, isOver: false, state) }
    inFlight = [:]
    agenda.removeAll()
    people.sayAgain()
    state = try journal.read(result.events) { world.text(of: $0) }
    if result.engines > planned.rehearsal.faults.count + 1 {
      throw CodecError("engines die without end")
    }
    clock += UsualTime.person
  }

  /// Nothing comes any more, and the run is not over.
  private func explainStandstill(_ state: RunState) {
    let hanging = inFlight.keys.filter {
      inFlight[$0]?.course.takes == nil && state.serviceEffects.contains($0) == false
    }
    .map { RunEventCodec.address($0, state) }.sorted()
    let gates = state.openGates.map { RunEventCodec.address($0.step, state) }
    result.standstill = gates.isEmpty ? "nothing comes any more" : "\(gates.joined(separator: ", ")) waits for people"
    if !hanging.isEmpty {
      result.problems.append("\(hanging.joined(separator: ", ")) would go on for ever: nothing bounds its time")
    }
  }

  // MARK: What comes next

  private enum Next {
    case events([RunEvent])
    case died
    case nothing
  }

  private func next(_ state: RunState) throws -> Next {
    while let due = agenda.nextDue {
      clock = max(clock, due)
      guard let coming = agenda.take(by: clock) else { continue }
      switch coming {
      case .timer(let timer): if state.expects(timer) { return .events([.timerFired(timer)]) }
      case .event(let event): return .events([event])
      case .end(let id, let visit):
        guard let place = inFlight.index(forKey: id), inFlight.values[place].visit == visit else { continue }
        let activity = inFlight.remove(at: place).value
        if activity.course.isUsual, !usual.contains(id) { usual.append(id) }
        world.settle(id, activity.course, isOver: true, state)
        if crashesAfter, let fault = world.fault(.crashAfter, at: RunEventCodec.address(id, state)) {
          world.note(fault)
          return .died
        }
        return .events([activity.course.end])
      }
    }
    return .nothing
  }

  // MARK: A batch

  private func process(_ incoming: [RunEvent], _ state: inout RunState) throws -> Stop? {
    var batch: [(time: Int64, event: RunEvent)] = []
    batch.reserveCapacity(incoming.count + 3)
    for event in incoming { batch.append((clock, event)) }
    var effects: [RunEffect] = []
    var head = 0
    var before: RunState?
    if hasJournalFault { before = state }
    while head < batch.count {
      let time = max(clock, state.now)
      batch[head].time = time
      for effect in try state.apply(batch[head].event, at: time) {
        if case .record(let decision) = effect { batch.append((time, decision)) } else { effects.append(effect) }
      }
      head += 1
    }
    if let before, let fault = intentFault(.journalFull, in: batch, state) {
      world.note(fault)
      state = before
      result.standstill = "the journal is full, and nothing more is started"
      return .done
    }
    let crash = crashesBefore ? intentFault(.crashBefore, in: batch, state) : nil
    if result.events.count > Self.eventLimit { throw CodecError("the run does not come to an end") }
    for (time, event) in batch {
      note(event, state)
      var isUsual = false
      switch event {
      case .actionEnded(let id, _), .actionRefused(let id, _):
        if let place = usual.firstIndex(of: id) {
          usual.remove(at: place)
          isUsual = true
        }
      default: break
      }
      let happened = RehearsedEvent(time: time, event: event, isUsual: isUsual)
      result.events.append(happened)
      observe(happened, state)
    }
    if let crash {
      world.note(crash)
      return .died
    }
    for effect in effects { try perform(effect, state) }
    return nil
  }

  private var hasJournalFault: Bool {
    if !fillsJournal { return false }
    return planned.rehearsal.faults.contains { $0.kind == .journalFull && !world.happened.contains($0) }
  }

  private func intentFault(
    _ kind: RehearsalScenario.Fault.Kind, in batch: [(time: Int64, event: RunEvent)], _ state: RunState
  ) -> RehearsalScenario.Fault? {
    for case (_, .intended(let id, _, _)) in batch {
      if let fault = world.fault(kind, at: RunEventCodec.address(id, state)) { return fault }
    }
    return nil
  }

  private func note(_ event: RunEvent, _ state: RunState) {
    order.note(event, state)
    if case .answered(let id, _, _, _) = event { people.wasHeard(id) }
    switch event {
    case .intended(let id, _, _):
      if tracksStarts { result.started.insert(RunEventCodec.address(id, state)) }
    case .answered(let id, .yes, _, _): world.personDid(id)
    case .undoEnded(let step, .undone, _): world.wasUndone(step)
    case .expanded(let step, _):
      if tracksStarts { result.started.insert(RunEventCodec.address(step, state)) }
    case .asked(let id, _):
      // Asking at a gate, or for a confirmation, begins nothing.
      if tracksStarts, case .item = id.slot { result.started.insert(RunEventCodec.address(id, state)) }
    case .tunnelOpened(let id, _):
      if tracksStarts { result.started.insert(RunEventCodec.address(id, state)) }
    default: break
    }
  }

  // MARK: Performing

  private func begin(_ id: EffectID, _ course: ScriptedWorld.Course) {
    visits += 1
    inFlight[id] = Activity(course: course, visit: visits, begunAt: clock)
    if let takes = course.takes { agenda.add(.end(id, visit: visits), due: clock + takes) }
  }

  private func perform(_ effect: RunEffect, _ state: RunState) throws {
    switch effect {
    case .record, .report: break
    case .start(let request): begin(request.id, try world.course(of: request, at: clock, state))
    case .probe(let request):
      if tracksStarts { result.started.insert(RunEventCodec.address(request.id, state)) }
      begin(request.id, try world.course(of: request, at: clock, state))
    case .open(let id, _):
      if let reason = world.refusal(ofTunnel: id, at: clock, state) {
        return agenda.add(.event(.actionRefused(id, reason)), due: clock)
      }
      ports += 1
      let open = ScriptedWorld.Course(
        end: .actionEnded(id, ActionEnd(.cancelled, evidence: .scripted)), takes: nil)
      begin(id, open)
      agenda.add(.event(.tunnelOpened(id, port: ports)), due: clock)
    case .stop(let id): stop(id, state)
    case .timer(let timer, let milliseconds): agenda.add(.timer(timer), due: clock + milliseconds)
    case .ask(let id, let question): ask(id, question, state)
    case .close(let id): agenda.add(.event(.unanswerable(id)), due: clock)
    case .verify(let id, let gate, _):
      let denials = people.denials(of: gate, until: clock)
      agenda.add(.event(.votesVerified(id, void: [], denials: denials)), due: clock)
    // What is said to a question that is not open any more is worth nothing.
    case .withdraw(let id): people.wasHeard(id)
    }
  }

  private func stop(_ id: EffectID, _ state: RunState) {
    guard var activity = inFlight[id] else { return }
    world.settle(id, activity.course, isOver: false, state)
    activity.course.changes = false
    activity.course.end = .actionEnded(
      id,
      ActionEnd(
        .signalled(signal: 15, stdout: CapturedOutput(), stderr: CapturedOutput()),
        duration: clock - activity.begunAt, evidence: .scripted))
    activity.course.takes = 0
    begin(id, activity.course)
  }

  private func ask(_ id: EffectID, _ question: Question, _ state: RunState) {
    switch people.reaction(to: question, id, at: clock, state) {
    case .nobody:
      agenda.add(.event(.unanswerable(id)), due: clock)
    case .answer(let answer, let by, let after):
      agenda.add(.event(.answered(id, answer, by: by, evidence: .scripted)), due: clock + after)
    case .votes(let votes):
      for vote in votes {
        agenda.add(
          .event(.answered(id, .vote(vote), by: vote.person, evidence: .scripted)), due: max(clock, vote.time))
      }
    }
  }
}
