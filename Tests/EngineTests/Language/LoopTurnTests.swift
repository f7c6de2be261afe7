import BelayTestSupport
import Glibc
import Journal
import RunEngine
import RunbookExecutor
import RunbookParser
import Synchronization
import Testing

/// The loop goes on while a program is being started beside others, which takes as long as the system takes.
@Suite struct LoopTurnTests {
  /// Leaves starts for `startPending`, and holds up that of one step until something is durable.
  private final class SlowStarter: PartialPerformer {
    let durable: DurableEvents
    let started = Mutex<[EffectID]>([])
    let stays = Mutex<[Bool]>([])
    private let inbox = Mutex<Inbox?>(nil)
    private let pending = Mutex<[EffectID]>([])
    private let isOver = Atomic(false)
    private let slow: Int32
    private let isReady: @Sendable ([RunEvent]) -> Bool

    init(_ durable: DurableEvents, slow: Int32, until isReady: @escaping @Sendable ([RunEvent]) -> Bool) {
      self.durable = durable
      self.slow = slow
      self.isReady = isReady
    }

    func attach(_ inbox: Inbox) { self.inbox.withLock { $0 = inbox } }

    func start(_ request: StartRequest) { pending.withLock { $0.append(request.id) } }

    func probe(_ request: ProbeRequest) { pending.withLock { $0.append(request.id) } }

    var pendingStarts: Int { pending.withLock { $0.count } }

    func startPending(stays: Bool) {
      guard let id = pending.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
      self.stays.withLock { $0.append(stays) }
      if id.step?.value == slow {
        while !durable.failed.load(ordering: .sequentiallyConsistent), !durable.events.withLock({ isReady($0) }) {
          sched_yield()
        }
      }
      let isLate = isOver.load(ordering: .sequentiallyConsistent)
      #expect(!isLate)
      started.withLock { $0.append(id) }
      put(.actionEnded(id, ActionEnd(.exited(status: 0, stdout: CapturedOutput(), stderr: CapturedOutput()))))
    }

    func startNothingMore() {
      let cancelled = pending.withLock { pending in
        defer { pending = [] }
        return pending
      }
      for id in cancelled { put(.actionEnded(id, ActionEnd(.cancelled))) }
    }

    func shutDown() { isOver.store(true, ordering: .sequentiallyConsistent) }

    private func put(_ event: RunEvent) { inbox.withLock { $0 }?.put(event) }
  }

  private static func ended(_ step: Int32, in events: [RunEvent]) -> Bool {
    events.contains { event in
      if case .actionEnded(let id, _) = event { id.step?.value == step } else { false }
    }
  }

  private func drive(
    _ steps: [StepSketch], failsAt: Int? = nil, slow: Int32, until isReady: @escaping @Sendable ([RunEvent]) -> Bool
  ) async -> (end: LoopEnd, performer: SlowStarter) {
    let durable = DurableEvents()
    let performer = SlowStarter(durable, slow: slow, until: isReady)
    let clock = LeapingClock()
    let plan = Scenario(steps).plan
    let end = await DedicatedThread.run {
      RunLoop(
        state: RunState(RunStart(id: "abcdefghijkl", operatorName: "alice", plan: plan), at: clock.wall()),
        journal: MemoryJournal(durable, failsAt: failsAt), performer: performer, observers: [], clock: clock,
        inbox: Inbox()
      ).run(beginningWith: [.engineStarted(EngineStart(epoch: 1, purpose: .run, attended: false))])
    }
    return (end, performer)
  }

  @Test("a step ends, and what needs it is started and ends, while another is being started")
  func theLoopGoesOn() async {
    let (end, performer) = await drive(
      [.observe("slow", needs: []), .observe("quick", needs: []), .observe("next", needs: ["quick"])], slow: 0
    ) { Self.ended(2, in: $0) }
    #expect(end == .ended(.succeeded))
    #expect(performer.started.withLock { $0.map(\.step?.value) } == [1, 2, 0])
    #expect(performer.stays.withLock { $0.allSatisfy { $0 } })
  }

  @Test("what is started alone is started by the loop's own thread, which does not stay with it")
  func oneAtATime() async {
    let (end, performer) = await drive([.observe("a"), .observe("b")], slow: 9) { _ in true }
    #expect(end == .ended(.succeeded))
    #expect(performer.stays.withLock { $0 } == [false, false])
  }

  @Test("Invariant 1: the journal fails while something is being started: what waits behind it is not started any more")
  func invariant1_nothingThatWaitsIsStarted() async {
    // The second commit holds the end of `quick` and the intent of what follows it.
    let (end, performer) = await drive(
      [
        .observe("slow", needs: []), .observe("quick", needs: []), .observe("next", needs: ["quick"]),
        .observe("after", needs: ["quick"]),
      ], failsAt: 2, slow: 0
    ) { _ in false }
    guard case .journalFailed = end else {
      Issue.record("\(end)")
      return
    }
    #expect(performer.started.withLock { Set($0.map(\.step?.value)) } == [0, 1])
  }

  @Test("of many at once no more than two wait for a thread that may stay with them")
  func manyAtOnce() async {
    let (end, performer) = await drive((1...10).map { .observe("step\($0)", needs: []) }, slow: 99) { _ in true }
    #expect(end == .ended(.succeeded))
    #expect(performer.stays.withLock { $0.count { !$0 } } >= 8)
    #expect(performer.started.withLock { Set($0).count } == 10)
  }
}
