import Journal
import RunEngine

/// How an engine's work on a run ended.
package enum LoopEnd: Sendable, Equatable {
  /// The run is over.
  case ended(RunOutcome)
  /// The run is not over; another engine may go on.
  case paused(PauseReason)
  /// The journal could not be written; what was in flight was awaited.
  case journalFailed(String)
  /// Another engine took the run over.
  case superseded
  /// The program is at fault.
  case fault(String)
}

/// Drives one run: takes events, lets the state machine decide, makes the decisions durable, and has them performed.
///
/// Everything happens on one thread at a time: the one that calls `run()`, or a second, which goes on while the first starts
/// a program beside others. See `LoopRelay`.
package final class RunLoop: @unchecked Sendable {
  // What changes is touched only by the thread whose turn it is.
  private let relay = LoopRelay()
  private var state: RunState
  private let journal: any RunJournal
  private let performer: any Performer
  private let observers: [any RunObserver]
  private let clock: any Clock
  private let inbox: Inbox
  private var timers = Agenda<TimerID>()
  /// Processes whose start is not recorded yet, and since when they run, on the steady clock.
  private var lateStarts: [EffectID: (mark: ProcessMark, since: Int64)] = [:]
  private var inFlight: Set<EffectID> = []
  private var arrived: [InboxItem] = []
  private var end: LoopEnd?

  package init(
    state: RunState, journal: any RunJournal, performer: any Performer, observers: [any RunObserver],
    clock: any Clock, inbox: Inbox
  ) {
    self.state = state
    self.journal = journal
    self.performer = performer
    self.observers = observers
    self.clock = clock
    self.inbox = inbox
    performer.attach(inbox)
  }

  /// What is known of the run.
  package var currentState: RunState { state }

  /// Applies the first events and goes on until the run is over or this engine's work on it is.
  package func run(beginningWith events: [RunEvent]) -> LoopEnd {
    arrived = events.map { InboxItem(.event($0)) }
    relay.run { self.drive() }
    performer.shutDown()
    return end ?? .fault("the loop came to no end")
  }

  /// Goes on until there is an end.
  private func drive() {
    while end == nil {
      let items = arrived
      arrived = []
      end = process(items) ?? endOfState
      while end == nil, performer.pendingStarts > 0 { startPending() }
      if end == nil { arrived = next() }
    }
  }

  private var endOfState: LoopEnd? {
    if case .ended(let outcome) = state.phase, inFlight.isEmpty { return .ended(outcome) }
    if let pause = state.pause, pause.complete { return .paused(pause.reason) }
    return nil
  }

  /// Starts one thing. What else is in flight may come to its end meanwhile: the other thread takes that up.
  private func startPending() {
    if isSeveral {
      relay.stepAside(for: { performer.startPending(stays: true) })
    } else {
      performer.startPending(stays: false)
    }
  }

  /// Leaves no more to be started than there are threads for: who stays with a program holds up those behind it.
  private func startExcess() {
    while performer.pendingStarts > LoopRelay.threads { performer.startPending(stays: false) }
  }

  /// Whether more than one thing is in flight.
  private var isSeveral: Bool { inFlight.count > 1 }

  /// Waits for what comes next: items, or timers that are due.
  private func next() -> [InboxItem] {
    timers.dropFirst { !state.expects($0) }
    let wait = timers.nextDue.map { max(0, $0 - clock.steady()) }
    var items = inbox.take(waiting: wait, forSeveral: isSeveral)
    while let timer = timers.take(by: clock.steady()) {
      items.append(InboxItem(.event(.timerFired(timer))))
    }
    return items
  }

  /// Applies items, commits what they led to in one batch, and has it performed.
  private func process(_ items: [InboxItem]) -> LoopEnd? {
    if let reason = items.lazy.compactMap(\.lost).first {
      return abandonJournal(LostOutput(description: reason), unrecorded: items)
    }
    var batch = Batch()
    do {
      try apply(items, to: &batch)
    } catch {
      performer.startNothingMore()
      return .fault("\(error)")
    }
    guard !batch.events.isEmpty else { return nil }
    let sequence: Int64
    do {
      sequence = try journal.commit(batch.events, outputs: batch.outputs, state: state)
    } catch {
      return abandonJournal(error, unrecorded: items)
    }
    if !observers.isEmpty {
      let committed = batch.events.enumerated().map { place, entry in
        CommittedEvent(sequence: sequence + Int64(place), time: entry.time, event: entry.event)
      }
      for observer in observers { observer.committed(committed, state: state) }
    }
    perform(batch.effects)
    return nil
  }

  private struct Batch {
    var events: [(time: Int64, event: RunEvent)] = []
    var outputs: [SmallOutput] = []
    var effects: [RunEffect] = []
  }

  private func apply(_ items: [InboxItem], to batch: inout Batch) throws(ImpossibleTransition) {
    var events: [RunEvent] = []
    for item in items {
      switch item.content {
      case .started(let id, let mark, let since): lateStarts[id] = (mark, since)
      case .event(let event):
        switch event {
        case .actionEnded(let id, _), .actionRefused(let id, _):
          lateStarts[id] = nil
          inFlight.remove(id)
        case .timerFired(let timer):
          // What came before it in the same batch may have made it pointless.
          if !state.expects(timer) { continue }
        default: break
        }
        events.append(event)
        batch.outputs += item.outputs
      }
    }
    guard !events.isEmpty else { return }
    try applyLateStarts(to: &batch)
    for event in events { try apply(event, to: &batch) }
  }

  /// For how long a start may stay unrecorded, in milliseconds: most programs that are young have ended before the next commit.
  private static let youth: Int64 = 2

  private func applyLateStarts(to batch: inout Batch) throws(ImpossibleTransition) {
    guard !lateStarts.isEmpty else { return }
    let until = clock.steady() - Self.youth
    let grown = lateStarts.filter { $0.value.since <= until }
    for (id, start) in grown.sorted(by: { $0.key.description < $1.key.description }) {
      lateStarts[id] = nil
      try apply(.actionStarted(id, start.mark), to: &batch)
    }
  }

  private func apply(_ event: RunEvent, to batch: inout Batch) throws(ImpossibleTransition) {
    if case .timerFired(let timer) = event, !state.expects(timer) { return }
    var queue = [event]
    var head = 0
    while head < queue.count {
      let event = queue[head]
      head += 1
      let time = max(clock.wall(), state.now)
      batch.events.append((time, event))
      for effect in try state.apply(event, at: time) {
        if case .record(let decision) = effect { queue.append(decision) } else { batch.effects.append(effect) }
      }
    }
  }

  private func perform(_ effects: [RunEffect]) {
    for effect in effects {
      switch effect {
      case .record: break
      case .start(let request):
        inFlight.insert(request.id)
        performer.start(request)
        startExcess()
      case .probe(let request):
        inFlight.insert(request.id)
        performer.probe(request)
        startExcess()
      case .open(let id, let tunnel):
        inFlight.insert(id)
        performer.open(id, tunnel)
      case .stop(let id): performer.stop(id)
      case .timer(let timer, let milliseconds):
        if let delay = performer.delay(of: timer, after: milliseconds) {
          timers.add(timer, due: clock.steady() + delay)
        }
      case .ask(let id, let question): performer.ask(id, question)
      case .close(let id): performer.close(id)
      case .verify(let id, let gate, let votes): performer.verify(id, gate: gate, votes)
      case .withdraw(let id): performer.withdraw(id)
      case .report(let message): report(message)
      }
    }
  }

  /// The journal failed: nothing starts any more, and what is in flight is awaited and reported.
  ///
  /// - Parameter items: What came last, and is not in the journal.
  private func abandonJournal(_ error: any Error, unrecorded items: [InboxItem]) -> LoopEnd {
    performer.startNothingMore()
    if let error = error as? JournalError, error.isEpochLost {
      for id in inFlight { performer.stop(id) }
      return .superseded
    }
    report("The journal cannot be written: \(error)")
    for item in items { hear(item) }
    if !inFlight.isEmpty { report("Waiting for what is in flight; nothing more is started. Interrupt to end it.") }
    let kept = Set(state.serviceEffects)
    var areKept = true
    while !inFlight.isEmpty {
      if areKept, inFlight.isSubset(of: kept) {
        // They go on until they are told to end.
        for id in inFlight { performer.stop(id) }
        areKept = false
      }
      let wait = timers.nextDue.map { max(0, $0 - clock.steady()) }
      for item in inbox.take(waiting: wait, forSeveral: isSeveral) { hear(item) }
      while let timer = timers.take(by: clock.steady()) { pass(timer) }
    }
    return .journalFailed("\(error)")
  }

  /// Takes what comes while there is no journal.
  private func hear(_ item: InboxItem) {
    guard case .event(let event) = item.content else { return }
    switch event {
    case .actionEnded(let id, let end):
      inFlight.remove(id)
      let result = ([state.describeMismatch(nil, end)] + end.notes).joined(separator: "; ")
      report("\(RunEventCodec.address(id, state)): \(result) (not recorded)")
    case .actionRefused(let id, let message):
      inFlight.remove(id)
      report("\(RunEventCodec.address(id, state)): not started: \(message)")
    case .terminated: for id in inFlight { performer.stop(id) }
    case .operatorInterrupted: stopWhatCanBeUndone()
    case .timerFired(let timer): pass(timer)
    default: break
    }
  }

  /// Bounds what is in flight while there is no journal.
  private func pass(_ timer: TimerID) {
    switch timer.purpose {
    case .timeout: if inFlight.contains(timer.owner) { performer.stop(timer.owner) }
    case .deadline: stopWhatCanBeUndone()
    case .poll, .within, .retry, .wait, .expiry: break
    }
  }

  /// Ends what is in flight, points of no return aside: they run to their end unless the engine is told to end.
  private func stopWhatCanBeUndone() {
    for id in inFlight where id.slot != .action || id.step.map({ state.step($0).effect }) != .irreversible {
      performer.stop(id)
    }
  }

  private func report(_ message: String) {
    for observer in observers { observer.reported(message) }
  }
}

/// An output that could not be stored: its step's end is not recorded without it.
private struct LostOutput: Error, CustomStringConvertible {
  let description: String
}

/// Where a loop makes its events durable.
package protocol RunJournal: AnyObject {
  /// Makes events durable in one commit and gives the number of the first.
  ///
  /// - Parameter state: What the events led to.
  func commit(_ events: [(time: Int64, event: RunEvent)], outputs: [SmallOutput], state: RunState) throws -> Int64
}
