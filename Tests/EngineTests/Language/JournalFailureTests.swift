import BelayTestSupport
import Journal
import RunEngine
import RunbookExecutor
import RunbookParser
import Synchronization
import Testing

/// The journal fails while something is in flight: it is awaited, bounded as ever, and its result told.
@Suite struct JournalFailureTests {
  /// Ends each action at once, but for those that hang until they are stopped.
  private final class HangingPerformer: PartialPerformer {
    let inbox = Mutex<Inbox?>(nil)
    let stopped = Mutex<[EffectID]>([])
    let started = Mutex<[EffectID]>([])
    private let hangs: Set<Int32>
    private let losesOutput: Set<Int32>
    private let isHanging: @Sendable (Inbox) -> Void

    init(
      hangs: Set<Int32>, losesOutput: Set<Int32> = [], isHanging: @escaping @Sendable (Inbox) -> Void = { _ in }
    ) {
      self.hangs = hangs
      self.losesOutput = losesOutput
      self.isHanging = isHanging
    }

    func attach(_ inbox: Inbox) { self.inbox.withLock { $0 = inbox } }

    func start(_ request: StartRequest) {
      started.withLock { $0.append(request.id) }
      guard let step = request.id.step?.value, hangs.contains(step) else { return end(request.id) }
    }

    func probe(_ request: ProbeRequest) { end(request.id) }

    func open(_ id: EffectID, _ tunnel: ResolvedTunnel) { end(id) }

    func startNothingMore() { inbox.withLock { $0 }.map(isHanging) }

    func stop(_ id: EffectID) {
      stopped.withLock { $0.append(id) }
      put(
        .actionEnded(id, ActionEnd(.signalled(signal: 15, stdout: CapturedOutput(), stderr: CapturedOutput()))), nil)
    }

    private func end(_ id: EffectID) {
      let isLost = id.step.map { losesOutput.contains($0.value) } ?? false
      put(
        .actionEnded(id, ActionEnd(.exited(status: 0, stdout: CapturedOutput(), stderr: CapturedOutput()))),
        isLost ? "the disk is full" : nil)
    }

    private func put(_ event: RunEvent, _ lost: String?) { inbox.withLock { $0 }?.put(event, lost: lost) }
  }

  private final class Listener: RunObserver {
    var messages: [String] = []
    func committed(_ records: [CommittedEvent], state: RunState) {}
    func reported(_ message: String) { messages.append(message) }
  }

  private func drive(
    _ steps: [StepSketch], _ performer: HangingPerformer, failsAt: Int?
  ) -> (end: LoopEnd, messages: [String]) {
    let listener = Listener()
    let clock = LeapingClock()
    let plan = Scenario(steps).plan
    let loop = RunLoop(
      state: RunState(RunStart(id: "abcdefghijkl", operatorName: "alice", plan: plan), at: clock.wall()),
      journal: MemoryJournal(DurableEvents(), failsAt: failsAt), performer: performer, observers: [listener],
      clock: clock, inbox: Inbox())
    let end = loop.run(
      beginningWith: [.engineStarted(EngineStart(epoch: 1, purpose: .run, attended: false))])
    return (end, listener.messages)
  }

  private func twoAtOnce(_ change: (inout PlannedStep) -> Void = { _ in }) -> [StepSketch] {
    [.observe("slow", needs: [], change), .observe("quick", needs: []), .observe("next", needs: ["quick"])]
  }

  @Test("a result whose commit failed is told, and so is that of what was in flight, which its timeout ends")
  func timeoutsAreServed() {
    let performer = HangingPerformer(hangs: [0])
    let (end, messages) = drive(twoAtOnce { $0.timeout = 60_000 }, performer, failsAt: 2)
    guard case .journalFailed = end else {
      Issue.record("\(end)")
      return
    }
    #expect(performer.stopped.withLock { $0.map(\.step?.value) } == [0])
    #expect(messages.contains { $0.hasPrefix("steps.quick: exit status 0") }, "\(messages)")
    #expect(messages.contains { $0.hasPrefix("steps.slow: ") }, "\(messages)")
    #expect(performer.started.withLock { $0.count } == 2)
  }

  @Test("INT ends what is in flight once there is no journal; a point of no return only TERM")
  func interruptsAreServed() {
    let hanging = HangingPerformer(hangs: [0]) { $0.put(.operatorInterrupted) }
    guard case .journalFailed = drive(twoAtOnce(), hanging, failsAt: 2).end else {
      Issue.record("the journal did not fail")
      return
    }
    #expect(hanging.stopped.withLock { $0.count } == 1)

    let final = HangingPerformer(hangs: [0]) { inbox in
      inbox.put(.operatorInterrupted)
      inbox.put(.terminated)
    }
    guard case .journalFailed = drive(twoAtOnce { $0.effect = .irreversible }, final, failsAt: 2).end else {
      Issue.record("the journal did not fail")
      return
    }
    #expect(final.stopped.withLock { $0.count } == 1)
  }

  @Test("Invariant 1: an output that could not be stored is a journal that failed: nothing starts any more")
  func invariant1_anOutputThatIsLost() {
    let performer = HangingPerformer(hangs: [], losesOutput: [1])
    let (end, messages) = drive(twoAtOnce(), performer, failsAt: nil)
    #expect(end == .journalFailed("the disk is full"))
    #expect(performer.started.withLock { $0.count } == 2)
    #expect(messages.contains { $0.hasPrefix("steps.quick: exit status 0") }, "\(messages)")
  }
}
