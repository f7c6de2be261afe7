import BelayTestSupport
import Journal
import RunEngine
import RunbookExecutor
import RunbookParser
import Synchronization
import Testing

/// Which process a program is stands in the log where that ran for longer than a moment.
@Suite struct StartRecordTests {
  /// Time passes only where a test says so.
  private final class StandingClock: Clock {
    private let now = Atomic<Int64>(1_768_187_640_000)

    func wall() -> Int64 { now.load(ordering: .sequentiallyConsistent) }
    func steady() -> Int64 { wall() }
    func pass(_ milliseconds: Int64) { now.add(milliseconds, ordering: .sequentiallyConsistent) }
  }

  /// The first step's program runs until the third step's is started; the second's takes the time that a test gives.
  private final class MarkingPerformer: PartialPerformer {
    private let inbox = Mutex<Inbox?>(nil)
    private let clock: StandingClock
    private let duration: Int64

    init(_ clock: StandingClock, duration: Int64) {
      self.clock = clock
      self.duration = duration
    }

    func attach(_ inbox: Inbox) { self.inbox.withLock { $0 = inbox } }

    func start(_ request: StartRequest) {
      let mark = ProcessMark(pid: 100, startTime: 1, bootID: "boot")
      inbox.withLock { $0 }?.put(InboxItem(.started(request.id, mark, since: clock.steady())), wakes: false)
      switch request.id.step?.value {
      case 0: return
      case 1: clock.pass(duration)
      default: end(EffectID(step: StepIndex(0), slot: .action, serial: 1))
      }
      end(request.id)
    }

    private func end(_ id: EffectID) {
      inbox.withLock { $0 }?.put(
        .actionEnded(id, ActionEnd(.exited(status: 0, stdout: CapturedOutput(), stderr: CapturedOutput()))))
    }
  }

  @Test(
    "a start is recorded with what is recorded next, if the program has run for 2 ms and still runs", arguments: [1, 2])
  func recorded(duration: Int64) {
    let clock = StandingClock()
    let durable = DurableEvents()
    let plan = Scenario([
      .observe("long", needs: []), .observe("short", needs: []), .observe("last", needs: ["short"]),
    ]).plan
    let end = RunLoop(
      state: RunState(RunStart(id: "abcdefghijkl", operatorName: "alice", plan: plan), at: clock.wall()),
      journal: MemoryJournal(durable), performer: MarkingPerformer(clock, duration: duration), observers: [],
      clock: clock, inbox: Inbox()
    ).run(beginningWith: [.engineStarted(EngineStart(epoch: 1, purpose: .run, attended: false))])
    #expect(end == .ended(.succeeded))
    let recorded = durable.events.withLock { events in
      events.compactMap { if case .actionStarted(let id, _) = $0 { id.step?.value } else { nil } }
    }
    #expect(recorded == (duration < 2 ? [] : [0]))
  }
}
