import Journal
import RunEngine
import RunbookParser

/// Drives the state machine as the loop does, with a simulated world, simulated time and engines that die.
///
/// The same plan and script give the same entries.
package final class Simulator {
  /// What simulated output is stored under, before its text.
  static let hashPrefix = "simulated:"

  /// How long a tunnel takes to open, in milliseconds.
  private static let opening: Int64 = 10

  /// What is known of the run.
  package private(set) var state: RunState
  /// What is true of the world.
  package private(set) var world: SimulatedWorld
  /// What happened.
  package private(set) var entries: [SimulationEntry] = []
  /// What was found to be wrong while it happened.
  package private(set) var violations: [String] = []
  /// The time, in milliseconds since the epoch.
  package private(set) var clock: Int64
  /// Who is at the terminal, where anybody is.
  package var login = "alice"
  /// How many engines there were.
  package private(set) var engines: Int64 = 0

  private let script: any SimulationScript
  private let start: RunStart
  private let startedAt: Int64
  private var records: [(body: RecordBody, time: Int64)] = []
  /// Follows the records instead of the events: what a fold of the journal gives.
  private var shadow: RunState
  private var timers: [(timer: TimerID, due: Int64)] = []
  private var people: [(event: RunEvent, due: Int64)] = []
  private var outside: [(event: RunEvent, due: Int64)] = []
  private var open: [EffectID] = []
  private var inFlight: [EffectID] = []
  private var lateStarts: [(id: EffectID, mark: ProcessMark)] = []
  private var counts: [String: Int] = [:]
  private var attended = false
  private var batches = 0
  private var votes = SimulatedVotes()

  package init(
    plan: RunPlan, script: any SimulationScript, startingAt time: Int64 = 1_768_187_640_000,
    starter: ProvenStarter? = nil
  ) {
    let start = RunStart(id: "abcdefghijkl", operatorName: "alice", plan: plan, starter: starter)
    self.start = start
    self.startedAt = time
    self.clock = time
    self.script = script
    self.state = RunState(start, at: time)
    self.shadow = state
    self.world = SimulatedWorld()
    records.append((RunEventCodec.encode(.runStarted(start), in: state), time))
  }

  /// Lets something happen from outside at a time, counted from now.
  package func schedule(_ event: RunEvent, after milliseconds: Int64) {
    outside.append((event, clock + milliseconds))
  }

  /// Lets time pass without an engine.
  package func pass(_ milliseconds: Int64) { clock += milliseconds }

  /// Lets an engine drive the run as far as it goes.
  package func drive(
    _ purpose: EngineStart.Purpose, attended: Bool = false, survivorsPossible: Bool = false
  ) -> SimulationEnd {
    engines += 1
    self.attended = attended
    let begin = EngineStart(
      epoch: engines, purpose: purpose, attended: attended, survivorsPossible: survivorsPossible)
    return drive(beginningWith: .engineStarted(begin))
  }

  /// The operator gives the run up.
  package func abandon() -> SimulationEnd { drive(beginningWith: .abandoned(reason: "given up", by: "alice")) }

  private func drive(beginningWith first: RunEvent) -> SimulationEnd {
    var events = [first]
    for _ in 0..<20_000 {
      if let end = process(events) { return leave(end) }
      if case .ended(let outcome) = state.phase, inFlight.isEmpty { return leave(.ended(outcome)) }
      if let pause = state.pause, pause.complete { return leave(.paused(pause.reason)) }
      guard let next = nextEvents() else { return leave(open.isEmpty && inFlight.isEmpty ? .stuck : .waiting) }
      events = next
    }
    return leave(.endless)
  }

  /// The engine is gone, and with it what it waited for.
  private func leave(_ end: SimulationEnd) -> SimulationEnd {
    world.killAll(at: clock)
    timers = []
    people = []
    outside = []
    open = []
    inFlight = []
    lateStarts = []
    return end
  }

  // MARK: What comes next

  private func nextEvents() -> [RunEvent]? {
    timers.removeAll { !state.expects($0.timer) }
    var next: Int64?
    func consider(_ due: Int64?) { if let due { next = min(next ?? due, due) } }
    consider(world.nextEnd)
    for entry in timers { consider(entry.due) }
    for entry in people { consider(entry.due) }
    for entry in outside { consider(entry.due) }
    guard let next else { return nil }
    clock = max(clock, next)
    var events = take()
    if let later = soonest(), later > clock, script.joinsBatch(after: later - clock) {
      clock = later
      events += take()
    }
    return events
  }

  private func soonest() -> Int64? {
    ([world.nextEnd].compactMap { $0 } + people.map(\.due) + outside.map(\.due)).min()
  }

  /// Takes what is due: first what came in, then timers, as the loop does.
  private func take() -> [RunEvent] {
    var events = world.takeEnded(by: clock)
    for entry in people where entry.due <= clock { events.append(entry.event) }
    people.removeAll { $0.due <= clock }
    for entry in outside where entry.due <= clock { events.append(entry.event) }
    outside.removeAll { $0.due <= clock }
    let due = timers.filter { $0.due <= clock }.sorted { $0.due < $1.due }
    timers.removeAll { $0.due <= clock }
    return events + due.map { .timerFired($0.timer) }
  }

  // MARK: A batch

  private func process(_ incoming: [RunEvent]) -> SimulationEnd? {
    var batch: [(time: Int64, event: RunEvent)] = []
    var effects: [RunEffect] = []
    var events: [RunEvent] = []
    for event in incoming {
      switch event {
      case .actionEnded(let id, _), .actionRefused(let id, _):
        lateStarts.removeAll { $0.id == id }
        inFlight.removeAll { $0 == id }
      case .timerFired(let timer): if !state.expects(timer) { continue }
      case .answered(_, .vote, _, _): break
      case .answered(let id, let answer, _, _):
        open.removeAll { $0 == id }
        if case .yes = answer, isAction(id) { world.personDid(id) }
      case .unanswerable(let id): open.removeAll { $0 == id }
      default: break
      }
      events.append(event)
    }
    guard !events.isEmpty else { return nil }
    events.insert(contentsOf: lateStarts.map { .actionStarted($0.id, $0.mark) }, at: 0)
    lateStarts = []
    for event in events {
      if let end = apply(event, &batch, &effects) { return end }
    }
    guard !batch.isEmpty else { return nil }
    let crash = script.crash(at: batch.map(\.event))
    if crash == .beforeCommit { return die() }
    commit(batch)
    for (place, effect) in effects.enumerated() {
      if crash == .afterPerforming(place) { return die() }
      perform(effect)
    }
    return crash == nil ? nil : die()
  }

  private func isAction(_ id: EffectID) -> Bool {
    switch id.slot {
    case .action, .undo: true
    default: false
    }
  }

  private func apply(
    _ event: RunEvent, _ batch: inout [(time: Int64, event: RunEvent)], _ effects: inout [RunEffect]
  ) -> SimulationEnd? {
    if case .timerFired(let timer) = event, !state.expects(timer) { return nil }
    var queue = [event]
    var head = 0
    while head < queue.count {
      let event = queue[head]
      head += 1
      let time = max(clock, state.now)
      batch.append((time, event))
      do {
        for effect in try state.apply(event, at: time) {
          if case .record(let decision) = effect { queue.append(decision) } else { effects.append(effect) }
        }
      } catch {
        return .fault("\(error), at \(event)")
      }
      if head > 10_000 { return .endless }
    }
    return nil
  }

  /// Makes events durable, and holds the fold of the records against the live state.
  private func commit(_ batch: [(time: Int64, event: RunEvent)]) {
    batches += 1
    for (time, event) in batch {
      entries.append(.committed(event, at: time, batch: batches))
      let body = RunEventCodec.encode(event, in: state)
      records.append((body, time))
      do {
        let decoded = try RunEventCodec.decode(body, in: shadow, load: Self.load)
        if decoded != event { violations.append("invariant 3: \(event) comes back from its record as \(decoded)") }
        _ = try shadow.apply(decoded, at: time)
      } catch {
        violations.append("invariant 3: the record of \(event) cannot be folded: \(error)")
      }
    }
    if shadow != state { violations.append("invariant 3: the fold of the records is not the live state") }
  }

  /// The engine dies; what is known afterwards is what the journal says.
  private func die() -> SimulationEnd {
    entries.append(.crashed(at: clock))
    do {
      state = try fold()
      if state != shadow { violations.append("invariant 3: a fold from the start is not the state that was left") }
      state = shadow
    } catch {
      return .fault("the journal cannot be folded: \(error)")
    }
    return .crashed
  }

  /// Folds all records, the first included.
  package func fold() throws -> RunState {
    guard case .runStarted(let start) = try RunEventCodec.decode(records[0].body, in: nil, load: Self.load) else {
      throw CodecError("the first record is not the run's start")
    }
    var folded = RunState(start, at: startedAt)
    for (body, time) in records.dropFirst() {
      _ = try folded.apply(try RunEventCodec.decode(body, in: folded, load: Self.load), at: time)
    }
    return folded
  }

  private static func load(_ sha256: String) -> [UInt8] { Array(sha256.dropFirst(hashPrefix.count).utf8) }

  // MARK: Performing

  private func perform(_ effect: RunEffect) {
    entries.append(.performed(effect, at: clock, batch: batches))
    switch effect {
    case .record, .report: break
    case .start(let request):
      let address = RunEventCodec.address(request.id, state)
      let behaviour = script.action(request, at: address, attempt: count(address))
      inFlight.append(request.id)
      if behaviour.way != .refused {
        lateStarts.append((request.id, ProcessMark(pid: 100, startTime: UInt64(clock), bootID: "boot")))
      }
      world.begin(request.id, behaviour, changes: request.effect != .observe, at: clock)
    case .probe(let request):
      let address = RunEventCodec.address(request.id, state)
      let behaviour = script.probe(request, at: address, number: count(address + "?"))
      inFlight.append(request.id)
      world.begin(request.id, behaviour, changes: false, at: clock)
    case .open(let id, _):
      let address = RunEventCodec.address(id, state)
      let behaviour = script.tunnel(id, at: address, attempt: count(address))
      inFlight.append(id)
      world.begin(id, behaviour, changes: false, at: clock)
      if behaviour.way == .hangs || behaviour.takes > Self.opening {
        outside.append((.tunnelOpened(id, port: 40_000 + Int64(count("ports"))), clock + Self.opening))
      }
    case .stop(let id): world.stop(id, at: clock)
    case .timer(let timer, let milliseconds): timers.append((timer, clock + milliseconds))
    case .ask(let id, let question):
      open.append(id)
      if case .approval(let request) = question.kind { return putGate(id, request) }
      guard attended, question.audience?.logins.contains(login) ?? true else {
        return people.append((.unanswerable(id), clock))
      }
      let address = RunEventCodec.address(id, state)
      guard let person = script.person(id, question, at: address) else { return }
      people.append((.answered(id, person.answer, by: login, evidence: .observed), clock + person.after))
    case .close(let id):
      people.removeAll { concerns($0.event, id) && $0.due > clock }
      people.append((.unanswerable(id), clock))
    case .verify(let id, let gate, let votes):
      let void = script.void(votes, at: RunEventCodec.address(gate, state))
      people.append((.votesVerified(id, void: void, denials: self.votes.denials(of: gate, until: clock)), clock + 5))
    case .withdraw(let id):
      open.removeAll { $0 == id }
      if script.answerOvertakesWithdrawal() {
        for place in people.indices where concerns(people[place].event, id) { people[place].due = clock }
      } else {
        people.removeAll { concerns($0.event, id) }
      }
    }
  }

  /// People are asked about a gate, and what was said about it before is read.
  private func putGate(_ id: EffectID, _ request: ApprovalRequest) {
    let address = RunEventCodec.address(id, state)
    votes.add(script.votes(request, at: address, number: count(address + "!")), to: id, at: clock)
    guard let step = id.step, let gate = state.gate(of: step) else { return }
    for vote in votes.votes(about: gate) {
      people.append(
        (.answered(id, .vote(vote), by: vote.person, evidence: .observed), max(clock, vote.time)))
    }
  }

  private func concerns(_ event: RunEvent, _ id: EffectID) -> Bool {
    switch event {
    case .answered(let other, _, _, _), .unanswerable(let other): other == id
    default: false
    }
  }

  private func count(_ address: String) -> Int {
    counts[address, default: 0] += 1
    return counts[address] ?? 1
  }
}
