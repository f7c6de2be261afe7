import Glibc
import RunbookExecutor
import Synchronization
import Testing

@testable import Performers

/// The thread that starts a program may stay with it for a moment, and see to its end.
@Suite(.serialized) struct StayingTests {
  private func start(
    _ script: String, _ observer: any ProcessObserver, on supervisor: ProcessSupervisor, input: [UInt8]? = nil
  ) throws -> RunningProcess {
    try supervisor.start(
      ProcessRequest(argv: ["sh", "-c", script], environment: plainEnvironment, input: input), observer: observer,
      stays: true)
  }

  /// The reader has the turn when a supervisor is new; that a program ends gives it cause to leave the turn.
  private func lettingOthers(_ supervisor: ProcessSupervisor) async throws {
    let first = ProcessRecorder()
    _ = try supervisor.shell("true", first)
    _ = await first.end()
  }

  @Test func theEndOfAShortProgramIsSeenByWhoStartedIt() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    try await lettingOthers(supervisor)
    var sawItself = false
    for _ in 1...500 where !sawItself {
      let recorder = ProcessRecorder()
      _ = try supervisor.start(
        ProcessRequest(argv: ["/bin/true"], environment: plainEnvironment), observer: recorder, stays: true)
      sawItself = recorder.endCount == 1
      let end = await recorder.end()
      #expect(end.status == .exited(0))
      #expect(recorder.identity != nil)
    }
    #expect(sawItself)
  }

  @Test func whatAShortProgramWroteComesWithItsEnd() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    for number in 1...50 {
      let recorder = ProcessRecorder()
      _ = try start("echo out \(number); echo err >&2; exit 3", recorder, on: supervisor)
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
    try await lettingOthers(supervisor)
    let recorder = ProcessRecorder()
    let program = try start("echo there; exec sleep 60", recorder, on: supervisor)
    #expect(await recorder.lines() == ["there"])
    supervisor.stop(program, grace: 1_000)
    #expect(await recorder.end().status == .signalled(SIGTERM))
  }

  @Test func aStopReachesAProgramThatSomebodyStaysWith() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    for _ in 1...50 {
      try await lettingOthers(supervisor)
      let recorder = ProcessRecorder()
      let starter = Task.detached { try start("exec sleep 60", recorder, on: supervisor) }
      supervisor.stop(try await starter.value, grace: 0)
      #expect(await recorder.end().status == .signalled(SIGKILL))
    }
  }

  @Test func aProgramThatReadsIsGivenItsInput() async throws {
    let supervisor = ProcessSupervisor()
    defer { supervisor.shutdown() }
    try await lettingOthers(supervisor)
    let recorder = ProcessRecorder()
    _ = try start("wc -c", recorder, on: supervisor, input: Array(repeating: 0x78, count: 300_000))
    _ = await recorder.end()
    #expect(recorder.stdout == "300000\n")
  }

  @Test func whatAShortProgramLeavesBehindIsEnded() async throws {
    let supervisor = ProcessSupervisor(patience: ProcessPatience(leftover: 50, leftoverGrace: 1_000))
    defer { supervisor.shutdown() }
    for _ in 1...20 {
      try await lettingOthers(supervisor)
      let recorder = ProcessRecorder()
      _ = try start("sleep 60 & echo $!", recorder, on: supervisor)
      let end = await recorder.end()
      #expect(end.status == .exited(0))
      #expect(end.leftGroupMembers)
      let left = try #require(Int32(recorder.stdout.split(separator: "\n").first ?? ""))
      #expect(kill(left, 0) != 0)
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
                _ = try start(script, recorder, on: supervisor)
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
