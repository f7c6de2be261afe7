import Expressions
import Journal
import RunEngine
import RunbookParser

/// Rehearses a run: the state machine of every run, with a world and people that a scenario tells, in simulated time.
///
/// The same scenario and plan give the same result. It is a value: a copy goes on by itself from where it was made.
package struct RehearsedRun: Sendable {
  /// When a rehearsal takes place of which nobody says it: 2026-01-01T00:00:00Z.
  package static let usualClock: Int64 = 1_767_225_600_000
  /// How many events a run may take before it is taken to have no end.
  private static let eventLimit = 1_000_000

  /// Hears what happened, in order, each with the state that it led to.
  package typealias Observer = (RehearsedEvent, RunState) -> Void

  /// A place in a run at which something else could come.
  enum Junction {
    /// What happened is recorded, and nothing that follows from it has begun.
    case recorded
    /// The next effect, `nextEffect`, is about to be performed.
    case performing
    /// An action, or a check's question, is over, and nobody knows.
    case over(EffectID)
    /// Nothing comes any more.
    case end
  }

  /// Where it is.
  private enum Stage {
    /// An engine begins.
    case starting(EngineStart.Purpose)
    /// What follows from what was recorded is performed, from `head` on.
    case performing(isAnnounced: Bool)
    /// The next thing is waited for.
    case waiting
    /// Something ended, and is to be recorded.
    case delivering(EffectID, RunEvent)
    /// The engine died.
    case died
    /// The engine has nothing more to do.
    case stopped
    case ended
  }

  /// Something that will happen.
  enum Coming: Sendable {
    /// An action or a check ends.
    case end(EffectID, visit: Int)
    /// Something comes from people, or of itself.
    case event(RunEvent)
    /// A time has come.
    case timer(TimerID)
  }

  /// What is going on.
  struct Activity: Sendable {
    var course: ScriptedWorld.Course
    var visit: Int
    var begunAt: Int64
  }

  /// The scenario and the plan.
  private(set) var planned: PlannedRehearsal
  /// What the world says, and what is in place there.
  private(set) var world: ScriptedWorld
  /// What people say.
  private(set) var people: ScriptedPeople
  /// The time, in milliseconds since the epoch.
  private(set) var clock: Int64
  /// What will happen.
  private(set) var agenda = Agenda<Coming>()
  /// What is going on.
  private(set) var inFlight: [EffectID: Activity] = [:]
  /// What came of it until now; its state is the one before it began, until it is over.
  private(set) var result: RehearsalResult
  /// How many of the operator's own acts that follow the run have begun.
  private(set) var actsBegun = 0
  /// Whether an engine that takes a run over is given the state that was there, in place of what the records' bytes lead to.
  var trustsMemory = false

  /// Whether the operator was to resume a run that was over.
  private var resumedInVain = false
  private let start: RunStart
  private let startedAt: Int64
  /// Whether somebody wants to know what began.
  private let tracksStarts: Bool
  /// What befalls the engine itself, of the faults that there are; the others are the world's.
  private var engineFaults: EngineFaults
  private var journal: MemoryJournal
  private var stage = Stage.starting(.run)
  private var effects: [RunEffect] = []
  private var head = 0
  /// What ended and the scenario says nothing of.
  private var usual: [EffectID] = []
  private var visits = 0
  private var ports: Int64 = 20_000
  private var order = StartOrder()

  /// - Parameter zones: The zones of time that the plan names.
  package init(_ planned: PlannedRehearsal, zones: [ZoneRecord] = []) {
    self.planned = planned
    engineFaults = EngineFaults(planned.rehearsal)
    tracksStarts = !planned.rehearsal.expectation.never.isEmpty
    let start = RunStart(
      id: "rehearsalrun", operatorName: "operator", plan: planned.plan, zones: zones,
      starter: ProvenStarter(person: "operator", fingerprint: "scripted", statement: "", signature: ""))
    clock = planned.rehearsal.clock ?? Self.usualClock
    world = ScriptedWorld(planned)
    people = ScriptedPeople(planned.rehearsal)
    self.start = start
    startedAt = clock
    let state = RunState(start, at: clock)
    journal = MemoryJournal(start, at: clock)
    result = RehearsalResult(
      scenario: planned.rehearsal, state: state, events: [], order: [], started: [], engines: 0, problems: [])
  }

  /// The state in which it begins.
  var firstState: RunState { result.state }

  /// The effect that is about to be performed.
  var nextEffect: RunEffect? { head < effects.count ? effects[head] : nil }

  /// Rehearses it to its end.
  package func play(_ observe: Observer? = nil) -> RehearsalResult {
    var run = self
    // A local, so that what looks at it borrows it and makes no copy.
    var state = firstState
    observe?(RehearsedEvent(time: startedAt, event: .runStarted(start), isUsual: false), state)
    while true {
      if case .end = run.advance(&state, observe) { break }
    }
    return run.judged(state)
  }

  /// What came of it, held against what the scenario expects.
  func judged(_ state: RunState) -> RehearsalResult {
    var result = result
    result.state = state
    result.order = order.starts
    if result.problems.isEmpty { result.judge() }
    if resumedInVain { result.failures.append("`then: resume` finds a run that is over") }
    for step in falselyUndone(state) {
      result.failures.append("\(RunEventCodec.address(step, state)) is in place, and counts as undone")
    }
    for fault in planned.rehearsal.faults where !world.happened.contains(fault) {
      result.failures.append("the fault \(fault.kind.rawValue) at \(fault.address) never happened")
    }
    return result
  }

  // MARK: From junction to junction

  /// Goes on to the next place at which something else could come.
  mutating func advance(_ state: inout RunState, _ observe: Observer? = nil) -> Junction {
    do {
      return try proceed(&state, observe)
    } catch let error as ScriptedWorld.Unanswered {
      result.problems.append(error.message)
    } catch {
      result.problems.append("\(error)")
    }
    stage = .ended
    return .end
  }

  private mutating func proceed(_ state: inout RunState, _ observe: Observer?) throws -> Junction {
    while true {
      switch stage {
      case .starting(let purpose):
        result.engines += 1
        let start = EngineStart(epoch: Int64(result.engines), purpose: purpose, attended: true)
        return try commit([.engineStarted(start)], &state, observe)
      case .performing(let isAnnounced):
        guard head < effects.count else {
          effects.removeAll(keepingCapacity: true)
          head = 0
          if case .ended = state.phase, inFlight.isEmpty {
            stage = .stopped
          } else {
            stage = state.pause?.complete == true ? .stopped : .waiting
          }
          continue
        }
        if !isAnnounced, effects[head].comesFromOutside {
          stage = .performing(isAnnounced: true)
          return .performing
        }
        stage = .performing(isAnnounced: false)
        head += 1
        try perform(effects[head - 1], state)
      case .waiting: if let junction = try awaitNext(&state, observe) { return junction }
      case .delivering(let id, let end):
        if engineFaults.crashesAfter, let fault = world.fault(.crashAfter, at: RunEventCodec.address(id, state)) {
          world.note(fault)
          stage = .died
          continue
        }
        return try commit([end], &state, observe)
      case .died: try recover(&state)
      case .stopped:
        guard actsBegun < planned.rehearsal.then.count, state.engine != nil else {
          stage = .ended
          continue
        }
        let act = planned.rehearsal.then[actsBegun]
        if act == .resume, state.isTerminal {
          actsBegun += 1
          resumedInVain = true
          continue
        }
        begin(act, state)
      case .ended: return .end
      }
    }
  }

  private mutating func awaitNext(_ state: inout RunState, _ observe: Observer?) throws -> Junction? {
    while let due = agenda.nextDue {
      clock = max(clock, due)
      guard let coming = agenda.take(by: clock) else { continue }
      switch coming {
      case .timer(let timer): if state.expects(timer) { return try commit([.timerFired(timer)], &state, observe) }
      case .event(let event): return try commit([event], &state, observe)
      case .end(let id, let visit):
        guard let place = inFlight.index(forKey: id), inFlight.values[place].visit == visit else { continue }
        let activity = inFlight.remove(at: place).value
        if activity.course.isUsual, !usual.contains(id) { usual.append(id) }
        world.settle(id, activity.course, isOver: true, state)
        stage = .delivering(id, activity.course.end)
        return .over(id)
      }
    }
    explainStandstill(state)
    stage = .stopped
    return nil
  }

  // MARK: Engines

  /// The operator does something with the run that an engine left, or that is over.
  private mutating func begin(_ act: RehearsalScenario.Act, _ state: RunState) {
    actsBegun += 1
    settleWork(state)
    result.standstill = nil
    clock += UsualTime.person
    stage = .starting(act == .resume ? .resume : .rollback)
  }

  /// The engine is gone with all that it knew; the next one begins with what the records say.
  private mutating func recover(_ state: inout RunState) throws {
    settleWork(state)
    people.sayAgain()
    if !trustsMemory { state = try journal.read(result.events) { world.text(of: $0) } }
    if result.engines > planned.rehearsal.faults.count + planned.rehearsal.then.count + 1 {
      throw CodecError("engines die without end")
    }
    clock += UsualTime.person
    if state.isTerminal { stage = .stopped } else { stage = .starting(state.engine == nil ? .run : .resume) }
  }

  /// What is in flight ends with the engine.
  private mutating func settleWork(_ state: RunState) {
    for (id, activity) in inFlight { world.settle(id, activity.course, isOver: false, state) }
    abandonWork()
  }

  private mutating func abandonWork() {
    inFlight = [:]
    agenda.removeAll()
    effects = []
    head = 0
  }

  /// Nothing comes any more, and the run is not over.
  private mutating func explainStandstill(_ state: RunState) {
    result.standstill = standstill(state)
    let hanging = hangingAddresses(state)
    if !hanging.isEmpty {
      result.problems.append("\(hanging.joined(separator: ", ")) would go on for ever: nothing bounds its time")
    }
  }

  // MARK: Another scenario from here on

  /// Goes on as if the scenario had said something more from the beginning; it must not have mattered yet.
  mutating func amend(_ change: (inout RehearsalScenario) -> Void) {
    change(&planned.rehearsal)
    engineFaults = EngineFaults(planned.rehearsal)
    result.scenario = planned.rehearsal
    world.scenario = planned.rehearsal
    people.scenario = planned.rehearsal
  }

  /// The operator does something with the run, which is over or stands still, as if the scenario had said so.
  mutating func goOn(with act: RehearsalScenario.Act) {
    amend { $0.then.append(act) }
    if case .ended = stage, result.problems.isEmpty { stage = .stopped }
  }

  /// Whether the engine has died, and the next one has not begun.
  var isDead: Bool { if case .died = stage { true } else { false } }

  /// The engine dies here, of a fault of the scenario.
  mutating func die(of fault: RehearsalScenario.Fault) {
    world.note(fault)
    stage = .died
  }

  // MARK: A batch

  private mutating func commit(
    _ incoming: [RunEvent], _ state: inout RunState, _ observe: Observer?
  ) throws -> Junction {
    var batch: [(time: Int64, event: RunEvent)] = []
    batch.reserveCapacity(incoming.count + 3)
    for event in incoming { batch.append((clock, event)) }
    var place = 0
    var before: RunState?
    if hasJournalFault { before = state }
    while place < batch.count {
      let time = max(clock, state.now)
      batch[place].time = time
      for effect in try state.apply(batch[place].event, at: time) {
        if case .record(let decision) = effect { batch.append((time, decision)) } else { effects.append(effect) }
      }
      place += 1
    }
    if let before, let fault = intentFault(.journalFull, in: batch, state) {
      world.note(fault)
      state = before
      effects = []
      head = 0
      result.standstill = "the journal is full, and nothing more is started"
      let goesOn = actsBegun < planned.rehearsal.then.count && state.engine != nil
      stage = goesOn ? .stopped : .ended
      return goesOn ? .recorded : .end
    }
    let crash =
      (engineFaults.crashesBefore ? intentFault(.crashBefore, in: batch, state) : nil)
      ?? (engineFaults.crashesAfter ? recordFault(batch.count) : nil)
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
      observe?(happened, state)
    }
    stage = .performing(isAnnounced: false)
    if let crash { die(of: crash) }
    return .recorded
  }

  private var hasJournalFault: Bool {
    engineFaults.fillsJournal
      && planned.rehearsal.faults.contains { $0.kind == .journalFull && !world.happened.contains($0) }
  }

  private func intentFault(
    _ kind: RehearsalScenario.Fault.Kind, in batch: [(time: Int64, event: RunEvent)], _ state: RunState
  ) -> RehearsalScenario.Fault? {
    for case (_, .intended(let id, _, _)) in batch {
      if let fault = world.fault(kind, at: RunEventCodec.address(id, state)) { return fault }
    }
    return nil
  }

  /// A death once a certain record is written.
  private func recordFault(_ count: Int) -> RehearsalScenario.Fault? {
    let written = recordCount + count
    return planned.rehearsal.faults.first { fault in
      guard let record = fault.record, !world.happened.contains(fault) else { return false }
      return record <= written
    }
  }

  /// How many records there are, that of the run's start among them.
  var recordCount: Int { result.events.count + 1 }

  private mutating func note(_ event: RunEvent, _ state: RunState) {
    order.note(event, state)
    if case .answered(let id, _, _, _) = event { people.wasHeard(id) }
    switch event {
    case .intended(let id, _, _):
      world.wasIntended(id)
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

  private mutating func begin(_ id: EffectID, _ course: ScriptedWorld.Course) {
    visits += 1
    inFlight[id] = Activity(course: course, visit: visits, begunAt: clock)
    if let takes = course.takes { agenda.add(.end(id, visit: visits), due: clock + takes) }
  }

  private mutating func perform(_ effect: RunEffect, _ state: RunState) throws {
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

  private mutating func stop(_ id: EffectID, _ state: RunState) {
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

  private mutating func ask(_ id: EffectID, _ question: Question, _ state: RunState) {
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
