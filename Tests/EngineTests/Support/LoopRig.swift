import BelayTestSupport
import Journal
import RunEngine
import RunbookExecutor
import RunbookParser
import Synchronization

/// A journal in memory that can fail.
final class MemoryJournal: RunJournal {
  struct Full: Error {}

  /// What is durable; shared with the performer, which looks at it.
  let durable: DurableEvents
  private let failsAt: Int?
  private var commits = 0

  /// - Parameter failsAt: The commit that fails, counted from 1; all after it fail too.
  init(_ durable: DurableEvents, failsAt: Int? = nil) {
    self.durable = durable
    self.failsAt = failsAt
  }

  func commit(
    _ events: [(time: Int64, event: RunEvent)], outputs: [SmallOutput], state: RunState
  ) throws -> Int64 {
    commits += 1
    if let failsAt, commits >= failsAt {
      durable.failed.store(true, ordering: .sequentiallyConsistent)
      throw Full()
    }
    durable.events.withLock { $0 += events.map(\.event) }
    return Int64(commits)
  }
}

/// What a journal holds, for those who must not act without it.
final class DurableEvents: Sendable {
  let events = Mutex<[RunEvent]>([])
  let failed = Atomic<Bool>(false)

  /// Whether the intent of an effect is durable.
  func holdsIntent(of id: EffectID) -> Bool {
    events.withLock { events in
      events.contains { if case .intended(let other, _, _) = $0 { other == id } else { false } }
    }
  }
}

/// A performer of which a test says only what it is about; nothing else is asked of it.
protocol PartialPerformer: Performer {}

extension PartialPerformer {
  func probe(_ request: ProbeRequest) {}
  func open(_ id: EffectID, _ tunnel: ResolvedTunnel) {}
  func stop(_ id: EffectID) {}
  func ask(_ id: EffectID, _ question: Question) {}
  func close(_ id: EffectID) {}
  func verify(_ id: EffectID, gate: EffectID, _ votes: [Vote]) {}
  func withdraw(_ id: EffectID) {}
  func delay(of timer: TimerID, after milliseconds: Int64) -> Int64? { milliseconds }
  func shutDown() {}
}

/// Does at once, and successfully, whatever is asked, and remembers it.
final class RecordingPerformer: Performer {
  struct Memory {
    var starts: [StartRequest] = []
    var probes: [ProbeRequest] = []
    var withoutIntent: [EffectID] = []
    var afterFailure: [EffectID] = []
    var questions: [EffectID] = []
  }

  let memory = Mutex(Memory())
  private let inbox = Mutex<Inbox?>(nil)
  /// What goes on until it is told to end.
  private let kept = Mutex<Set<EffectID>>([])
  private let durable: DurableEvents
  private let exit: @Sendable (StartRequest) -> Int

  /// - Parameter exit: The status with which an action ends.
  init(_ durable: DurableEvents, exit: @escaping @Sendable (StartRequest) -> Int = { _ in 0 }) {
    self.durable = durable
    self.exit = exit
  }

  func attach(_ inbox: Inbox) { self.inbox.withLock { $0 = inbox } }

  func start(_ request: StartRequest) {
    memory.withLock { memory in
      memory.starts.append(request)
      if !durable.holdsIntent(of: request.id) { memory.withoutIntent.append(request.id) }
      if durable.failed.load(ordering: .sequentiallyConsistent) { memory.afterFailure.append(request.id) }
    }
    if case .program(let program) = request.action, program.arguments.first == "serve" {
      kept.withLock { _ = $0.insert(request.id) }
    } else {
      end(request.id, exit(request))
    }
  }

  func probe(_ request: ProbeRequest) {
    memory.withLock { $0.probes.append(request) }
    end(request.id, 0)
  }

  func open(_ id: EffectID, _ tunnel: ResolvedTunnel) {
    kept.withLock { _ = $0.insert(id) }
    put(.tunnelOpened(id, port: 1))
  }

  func stop(_ id: EffectID) {
    if kept.withLock({ $0.remove(id) }) != nil { put(.actionEnded(id, ActionEnd(.cancelled))) }
  }

  func ask(_ id: EffectID, _ question: Question) {
    memory.withLock { $0.questions.append(id) }
    put(.unanswerable(id))
  }

  func close(_ id: EffectID) { put(.unanswerable(id)) }

  func verify(_ id: EffectID, gate: EffectID, _ votes: [Vote]) { put(.votesVerified(id, void: [], denials: [])) }

  func withdraw(_ id: EffectID) {}

  func delay(of timer: TimerID, after milliseconds: Int64) -> Int64? { milliseconds }

  func shutDown() {}

  private func end(_ id: EffectID, _ status: Int) {
    put(.actionEnded(id, ActionEnd(.exited(status: status, stdout: CapturedOutput(), stderr: CapturedOutput()))))
  }

  private func put(_ event: RunEvent) { inbox.withLock { $0 }?.put(event) }
}

/// A clock on which every timer is due as soon as it is looked at.
final class LeapingClock: Clock {
  private let now = Atomic<Int64>(1_768_187_640_000)

  func wall() -> Int64 { now.load(ordering: .sequentiallyConsistent) }

  func steady() -> Int64 { now.add(100_000, ordering: .sequentiallyConsistent).newValue }
}

/// The real loop around a plan, with a journal in memory.
struct LoopRig {
  let durable = DurableEvents()
  let real: RecordingPerformer
  let loop: RunLoop

  init(
    _ plan: RunPlan, failsAt: Int? = nil, dryRun: Bool = false,
    exit: @escaping @Sendable (StartRequest) -> Int = { _ in 0 }
  ) {
    let real = RecordingPerformer(durable, exit: exit)
    let clock = LeapingClock()
    let start = RunStart(id: "abcdefghijkl", operatorName: "alice", plan: plan)
    self.real = real
    loop = RunLoop(
      state: RunState(start, at: clock.wall()), journal: MemoryJournal(durable, failsAt: failsAt),
      performer: dryRun ? DryRunPerformer(real) : real, observers: [], clock: clock, inbox: Inbox())
  }

  /// Drives the run as far as it goes.
  func run() -> LoopEnd {
    loop.run(beginningWith: [.engineStarted(EngineStart(epoch: 1, purpose: .run, attended: false))])
  }
}
