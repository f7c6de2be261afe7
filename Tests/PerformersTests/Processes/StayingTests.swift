import BelayTestSupport
import Glibc
import RunbookExecutor
import Synchronization
import Testing

@testable import Performers

/// The thread that starts a program may stay with it for a moment, and see to its end.
@Suite(.serialized) struct StayingTests {
  /// Starts a script and stays with it; true where its end was seen by the time that is over.
  @discardableResult
  private func start(
    _ script: String, _ recorder: ProcessRecorder, on supervisor: ProcessSupervisor, input: [UInt8]? = nil,
    runs: (RunningProcess) -> Void = { _ in }
  ) throws -> Bool {
    try supervisor.start(
      ProcessRequest(argv: ["sh", "-c", script], environment: plainEnvironment, input: input), observer: recorder,
      stays: true, runs: runs)
    return recorder.endCount > 0
  }

  /// Has a program end that was short, so that the next one is stayed with.
  private func bringShortness(_ supervisor: ProcessSupervisor) async throws {
    let first = ProcessRecorder()
    _ = try supervisor.start(ProcessRequest(argv: ["/bin/true"], environment: plainEnvironment), observer: first)
    _ = await first.end()
  }

  @Test func theEndOfAShortProgramIsSeenByWhoStartedIt() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    var sawItself = false
    for _ in 1...500 where !sawItself {
      try await bringShortness(supervisor)
      let recorder = ProcessRecorder()
      sawItself = try start("exit 0", recorder, on: supervisor)
      let end = await recorder.end()
      #expect(end.status == .exited(0))
      #expect(recorder.identity != nil)
    }
    #expect(sawItself)
  }

  @Test func itIsKnownBeforeItsEndIsSeen() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    for _ in 1...50 {
      let recorder = ProcessRecorder()
      var endsAtFirst: Int?
      try start("exit 0", recorder, on: supervisor) { _ in endsAtFirst = recorder.endCount }
      #expect(endsAtFirst == 0)
      _ = await recorder.end()
    }
  }

  @Test func whatAShortProgramWroteComesWithItsEnd() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    for number in 1...50 {
      let recorder = ProcessRecorder()
      try start("echo out \(number); echo err >&2; exit 3", recorder, on: supervisor)
      let end = await recorder.end()
      #expect(end.status == .exited(3))
      #expect(recorder.stdout == "out \(number)\n")
      #expect(recorder.stderr == "err\n")
      #expect(recorder.endCount == 1)
    }
  }

  @Test func nobodyStaysForLong() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    let recorder = ProcessRecorder()
    let program = Mutex<RunningProcess?>(nil)
    try start("echo there; exec sleep 60", recorder, on: supervisor) { process in program.withLock { $0 = process } }
    #expect(await recorder.lines() == ["there"])
    supervisor.stop(try #require(program.withLock { $0 }), grace: 1_000)
    #expect(await recorder.end().status == .signalled(SIGTERM))
  }

  @Test func aStopReachesAProgramThatSomebodyStaysWith() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    for _ in 1...50 {
      try await bringShortness(supervisor)
      let recorder = ProcessRecorder()
      try start("exec sleep 60", recorder, on: supervisor) { supervisor.stop($0, grace: 0) }
      #expect(await recorder.end().status == .signalled(SIGKILL))
      #expect(recorder.endCount == 1)
    }
  }

  @Test func aProgramThatReadsIsGivenItsInput() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    try await bringShortness(supervisor)
    let recorder = ProcessRecorder()
    try start("wc -c", recorder, on: supervisor, input: Array(repeating: 0x78, count: 300_000))
    _ = await recorder.end()
    #expect(recorder.stdout == "300000\n")
  }

  @Test func whatAShortProgramLeavesBehindIsEnded() async throws {
    let supervisor = ProcessSupervisor(patience: ProcessPatience(leftover: 50, leftoverGrace: 1_000))
    defer { supervisor.shutdown() }
    for _ in 1...20 {
      try await bringShortness(supervisor)
      let recorder = ProcessRecorder()
      try start("sleep 60 & echo $!", recorder, on: supervisor)
      let end = await recorder.end()
      #expect(end.status == .exited(0))
      #expect(end.leftGroupMembers)
      let left = try #require(Int32(recorder.stdout.split(separator: "\n").first ?? ""))
      #expect(kill(left, 0) != 0)
    }
  }

  @Test func whatIsWrittenAfterAShortProgramsEndIsHeard() async throws {
    // Nothing but the closed outputs can end the wait before the test's time is over.
    let supervisor = ProcessSupervisor(patience: ProcessPatience(leftover: 600_000, heldPipe: 600_000))
    defer { supervisor.shutdown() }
    for _ in 1...20 {
      try await bringShortness(supervisor)
      let recorder = ProcessRecorder()
      try start("( sleep 0.02; head -c 1000000 /dev/zero; echo done ) &", recorder, on: supervisor)
      let end = await recorder.end()
      #expect(end == ProcessEnd(status: .exited(0)))
      #expect(recorder.byteCount == 1_000_005)
      let daemon = ProcessRecorder()
      try start("setsid sh -c 'sleep 0.02; echo done' &", daemon, on: supervisor)
      #expect(await daemon.end() == ProcessEnd(status: .exited(0)))
      #expect(daemon.stdout == "done\n")
    }
  }

  @Test func whoStaysIsNotHeldUpByOneThatIsBusy() async throws {
    /// Is held up in what it hears, as by a slow disk.
    final class Slow: ProcessObserver {
      let gate: Monitor
      let isHeldUp = Atomic(false)
      init(_ gate: Monitor) { self.gate = gate }
      func started(_ identity: ProcessIdentity) {}
      func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
        isHeldUp.store(true, ordering: .sequentiallyConsistent)
        gate.lock()
        gate.unlock()
      }
      func ended(_ end: ProcessEnd) {}
    }
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    try await bringShortness(supervisor)
    let gate = Monitor()
    let slow = Slow(gate)
    let recorder = ProcessRecorder()
    try await DedicatedThread.run {
      Result {
        gate.lock()
        defer { gate.unlock() }
        _ = try supervisor.start(
          ProcessRequest(argv: ["sh", "-c", "echo; exec sleep 60"], environment: plainEnvironment), observer: slow)
        while !slow.isHeldUp.load(ordering: .sequentiallyConsistent) { sched_yield() }
        // This returns all the same.
        try start("exit 4", recorder, on: supervisor)
        #expect(recorder.endCount == 0)
      }
    }.get()
    #expect(await recorder.end().status == .exited(4))
  }

  @Test func aShutdownEndsWhatSomebodyStaysWith() async throws {
    for _ in 1...20 {
      let supervisor = ProcessSupervisor()
      try await bringShortness(supervisor)
      let recorder = ProcessRecorder()
      let runs = Atomic(false)
      async let end: Void = DedicatedThread.run {
        while !runs.load(ordering: .sequentiallyConsistent) { sched_yield() }
        supervisor.shutdown()
      }
      try start("exec sleep 60", recorder, on: supervisor) { _ in runs.store(true, ordering: .sequentiallyConsistent) }
      await end
      #expect(recorder.status == .signalled(SIGKILL))
      #expect(recorder.endCount == 1)
    }
  }

  @Test func manyThreadsStayAtOnce() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    await withTaskGroup(of: Void.self) { group in
      for thread in 1...4 {
        group.addTask {
          await DedicatedThread.run {
            for number in 1...100 {
              let recorder = ProcessRecorder()
              let status = (thread * 100 + number) % 256
              // Some are longer than anybody stays.
              let script = number % 10 == 0 ? "sleep 0.01; exit \(status)" : "exit \(status)"
              do {
                try start(script, recorder, on: supervisor)
              } catch {
                Issue.record("\(error)")
              }
              while recorder.endCount == 0 {
                if !supervisor.wait(atMost: 10_000, forSeveral: true, until: { recorder.endCount > 0 }) {
                  sched_yield()
                }
              }
              #expect(recorder.endCount == 1)
              #expect(recorder.status == .exited(Int32(status)))
            }
          }
        }
      }
    }
  }
}
