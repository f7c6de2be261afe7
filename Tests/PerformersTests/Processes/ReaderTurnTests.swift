import Glibc
import RunbookExecutor
import Synchronization
import Testing

@testable import Performers

/// Who waits for what programs write and how they end: the reader thread, or a thread that has nothing else to do.
@Suite(.serialized) struct ReaderTurnTests {
  /// Notes which thread reports an end.
  private final class EndThread: ProcessObserver {
    private let thread = Mutex<pthread_t?>(nil)

    func started(_ identity: ProcessIdentity) {}
    func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {}
    func ended(_ end: ProcessEnd) { thread.withLock { $0 = pthread_self() } }

    var hasEnded: Bool { thread.withLock { $0 != nil } }
    var isCaller: Bool { thread.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false } }
  }

  /// Runs a body on a thread of its own, which may be held up.
  private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await DedicatedThread.run { Result { try body() } }.get()
  }

  private func start(
    _ script: String, _ observer: any ProcessObserver, on supervisor: ProcessSupervisor
  ) throws -> RunningProcess {
    try supervisor.start(ProcessRequest(argv: ["sh", "-c", script], environment: plainEnvironment), observer: observer)
  }

  /// Waits as a run's loop does: at the source where that can be, and else until the reader has seen it.
  private func wait(for observer: EndThread, on supervisor: ProcessSupervisor) {
    while !observer.hasEnded {
      if !supervisor.wait(atMost: 10_000, forSeveral: false, until: { observer.hasEnded }) { sched_yield() }
    }
  }

  @Test func aThreadThatWaitsForSeveralProgramsSeesTheirEndsItself() async throws {
    try await onThread {
      let supervisor = ProcessSupervisor()
      defer { supervisor.shutdown() }
      let long = EndThread()
      _ = try start("exec sleep 60", long, on: supervisor)
      // The reader has the turn until something ends; from then on it leaves it to who waits.
      let first = EndThread()
      _ = try start("true", first, on: supervisor)
      wait(for: first, on: supervisor)
      var sawItself = false
      for _ in 1...200 where !sawItself {
        let next = EndThread()
        _ = try start("true", next, on: supervisor)
        wait(for: next, on: supervisor)
        sawItself = next.isCaller
      }
      #expect(sawItself)
    }
  }

  @Test(.enabled(if: sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1)) func whoWaitsSeesTheSwiftEndOfTheOnlyProgram()
    async throws
  {
    try await onThread {
      let supervisor = ProcessSupervisor()
      defer { supervisor.shutdown() }
      var sawItself = false
      for _ in 1...200 where !sawItself {
        let only = EndThread()
        _ = try start("true", only, on: supervisor)
        wait(for: only, on: supervisor)
        sawItself = only.isCaller
      }
      #expect(sawItself)
    }
  }

  @Test func aLongWaitForTheOnlyProgramIsTheReaders() async throws {
    try await onThread {
      let supervisor = ProcessSupervisor()
      defer { supervisor.shutdown() }
      let only = ProcessRecorder()
      _ = try start("exec sleep 60", only, on: supervisor)
      for _ in 1...20 { #expect(!supervisor.wait(atMost: nil, forSeveral: false, until: { false })) }
    }
  }

  @Test func whoIsAwayHoldsUpNoOutput() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    let writer = ProcessRecorder()
    let other = ProcessRecorder()
    _ = try supervisor.shell("exec sleep 60", other)
    _ = try supervisor.shell(
      "read line <&0; head -c 1000000 /dev/zero; exec sleep 60", writer, input: Array("go\n".utf8))
    // It waits once, as long as it is let, and never comes back.
    try await onThread { _ = supervisor.wait(atMost: 1, forSeveral: false, until: { false }) }
    await writer.bytes(1_000_000)
    #expect(writer.byteCount == 1_000_000)
  }

  @Test func anotherThreadWakesWhoWaits() async throws {
    try await onThread {
      let supervisor = ProcessSupervisor()
      defer { supervisor.shutdown() }
      let observers = [EndThread(), EndThread()]
      let programs = try observers.map { try start("exec sleep 60", $0, on: supervisor) }
      let first = EndThread()
      _ = try start("true", first, on: supervisor)
      wait(for: first, on: supervisor)
      DedicatedThread.start { for program in programs { supervisor.stop(program, grace: 0) } }
      for observer in observers { wait(for: observer, on: supervisor) }
    }
  }

  @Test func aWaitEndsWithItsTime() async throws {
    try await onThread {
      let supervisor = ProcessSupervisor()
      defer { supervisor.shutdown() }
      for _ in 1...2 { _ = try start("exec sleep 60", EndThread(), on: supervisor) }
      var waited: Int64?
      for _ in 1...1_000 where waited == nil {
        // Each end gives the reader cause to leave the turn, for a moment.
        let short = EndThread()
        _ = try start("true", short, on: supervisor)
        wait(for: short, on: supervisor)
        let begun = monotonicMilliseconds()
        if supervisor.wait(atMost: 30, forSeveral: false, until: { false }) { waited = monotonicMilliseconds() - begun }
      }
      #expect(waited ?? 0 >= 30)
    }
  }

  @Test func theClockTellsWhenProgramsWereStartedAsProcDoes() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    var held: [(ProcessRecorder, RunningProcess)] = []
    for _ in 1...50 {
      let recorder = ProcessRecorder()
      held.append((recorder, try supervisor.shell("echo there; exec sleep 60", recorder)))
    }
    for (recorder, _) in held {
      _ = await recorder.lines()
      let identity = try #require(recorder.identity)
      #expect(ProcessTable.stat(of: identity.pid)?.startTime == identity.startTime)
    }
  }
}
