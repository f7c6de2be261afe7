import BelayTestSupport
import Glibc
import Testing

@testable import Performers

@Suite struct ProcessEndTests {
  private let supervisor: ProcessSupervisor

  init() {
    ProcessSupervisor.ignoreSIGPIPE()
    supervisor = ProcessSupervisor(patience: ProcessPatience(leftover: 100, leftoverGrace: 300, heldPipe: 200))
  }

  /// Lets a background process say its number through `$fifo` before it becomes something else.
  private static let withFifo = "fifo=$(mktemp -u); mkfifo $fifo; export fifo; "

  /// Whether a process is gone or only waits to be reaped.
  private func hasEnded(_ pid: String) -> Bool {
    guard let pid = Int32(pid), let stat = ProcessTable.stat(of: pid) else { return true }
    return stat.hasEnded
  }

  @Test func aProgramThatHeedsTERMEndsByItself() async throws {
    let recorder = ProcessRecorder()
    let process = try supervisor.shell(
      "trap 'echo tidy; exit 4' TERM; echo ready; while :; do sleep 1000 & wait; done", recorder)
    _ = await recorder.lines()
    supervisor.stop(process, grace: 60_000)
    let end = await recorder.end()
    #expect(end.status == .exited(4))
    #expect(recorder.stdout == "ready\ntidy\n")
  }

  @Test func aProgramThatIgnoresTERMIsKilledAfterTheGrace() async throws {
    let recorder = ProcessRecorder()
    let process = try supervisor.shell("trap '' TERM; echo ready; sleep 1000; sleep 1000", recorder)
    _ = await recorder.lines()
    let from = monotonicMilliseconds()
    supervisor.stop(process, grace: 200)
    #expect(await recorder.end().status == .signalled(SIGKILL))
    #expect(monotonicMilliseconds() - from >= 199)
  }

  @Test func aStoppedProgramIsContinuedSoThatItCanHeedTERM() async throws {
    let recorder = ProcessRecorder()
    let process = try supervisor.shell("trap 'exit 5' TERM; echo ready; kill -STOP $$; sleep 1000", recorder)
    _ = await recorder.lines()
    supervisor.stop(process, grace: 60_000)
    #expect(await recorder.end().status == .exited(5))
  }

  @Test func ofSeveralStopsTheEarliestKillCountsAndAGraceOfAgesIsNoFault() async throws {
    let recorder = ProcessRecorder()
    let process = try supervisor.shell("trap '' TERM; echo ready; sleep 1000; sleep 1000", recorder)
    _ = await recorder.lines()
    supervisor.stop(process, grace: .max)
    supervisor.stop(process, grace: 0)
    supervisor.stop(process, grace: 60_000)
    #expect(await recorder.end().status == .signalled(SIGKILL))
    supervisor.stop(process, grace: 0)
    #expect(recorder.endCount == 1)
  }

  @Test func whatStaysInTheBackgroundIsEnded() async throws {
    let (recorder, end) = try await supervisor.run("sleep 1000 & echo $!")
    #expect(end == ProcessEnd(status: .exited(0), leftGroupMembers: true))
    #expect(hasEnded(try #require(recorder.stdout.split(separator: "\n").first.map(String.init))))
  }

  @Test func whatStaysWithoutAnyOutputAndIgnoresTERMIsKilled() async throws {
    let (recorder, end) = try await supervisor.run(
      "trap '' TERM; sh -c 'sleep 1000; sleep 1000' >/dev/null 2>&1 </dev/null & echo $!")
    #expect(end == ProcessEnd(status: .exited(0), leftGroupMembers: true))
    #expect(hasEnded(try #require(recorder.stdout.split(separator: "\n").first.map(String.init))))
  }

  @Test func aMemberThatMovedToAnotherProcessGroupIsEnded() async throws {
    let (recorder, end) = try await supervisor.run("set -m; sleep 1000 >/dev/null 2>&1 & echo $!")
    #expect(end == ProcessEnd(status: .exited(0), leftGroupMembers: true))
    #expect(hasEnded(try #require(recorder.stdout.split(separator: "\n").first.map(String.init))))
  }

  @Test func aDoubleForkThatStaysInTheSessionIsEnded() async throws {
    let (recorder, end) = try await supervisor.run(
      Self.withFifo + "( ( sh -c 'echo $$ > $fifo; exec sleep 1000 >/dev/null 2>&1' & ) & ); "
        + "read pid < $fifo; rm $fifo; echo $pid; exit 2")
    #expect(end == ProcessEnd(status: .exited(2), leftGroupMembers: true))
    #expect(hasEnded(try #require(recorder.stdout.split(separator: "\n").first.map(String.init))))
  }

  @Test func stoppingEndsEveryMemberOfTheSession() async throws {
    let recorder = ProcessRecorder()
    let process = try supervisor.shell(
      "set -m; sh -c 'trap \"\" TERM; echo $$; sleep 1000; sleep 1000' & sleep 1000 & echo $!; wait", recorder)
    let pids = await recorder.lines(2)
    supervisor.stop(process, grace: 200)
    _ = await recorder.end()
    #expect(pids.count == 2)
    for pid in pids { #expect(hasEnded(pid)) }
  }

  @Test func whatEndsByItselfAtOnceIsNotSignalled() async throws {
    let (recorder, end) = try await supervisor.run("(sleep 0.03; echo late) & exit 0")
    #expect(end == ProcessEnd(status: .exited(0)))
    #expect(recorder.stdout == "late\n")
  }

  @Test func aDaemonWithASessionOfItsOwnIsLeftAlone() async throws {
    let (recorder, end) = try await supervisor.run(
      Self.withFifo + "setsid sh -c 'exec >/dev/null 2>&1 </dev/null; echo $$ > $fifo; exec sleep 1000' & "
        + "read pid < $fifo; rm $fifo; echo $pid")
    #expect(end == ProcessEnd(status: .exited(0)))
    let daemon = try #require(recorder.stdout.split(separator: "\n").first.flatMap { Int32($0) })
    #expect(!hasEnded("\(daemon)"))
    endGroup(daemon)
  }

  @Test func stoppingAProgramLeavesItsDaemonAlone() async throws {
    let recorder = ProcessRecorder()
    let process = try supervisor.shell(
      "setsid sh -c 'echo $$; exec sleep 1000 >/dev/null 2>&1' & sleep 1000; true", recorder)
    let daemon = try #require(await recorder.lines().first.flatMap { Int32($0) })
    supervisor.stop(process, grace: 0)
    #expect(await recorder.end().status == .signalled(SIGKILL))
    #expect(!hasEnded("\(daemon)"))
    endGroup(daemon)
  }

  @Test func aPipeThatADaemonHoldsIsClosedAfterABound() async throws {
    let (recorder, end) = try await supervisor.run(
      Self.withFifo + "setsid sh -c 'echo $$ > $fifo; exec sleep 1000' & read pid < $fifo; rm $fifo; echo $pid")
    #expect(end == ProcessEnd(status: .exited(0), pipeHeldOpen: true))
    let daemon = try #require(recorder.stdout.split(separator: "\n").first.flatMap { Int32($0) })
    #expect(!hasEnded("\(daemon)"))
    endGroup(daemon)
  }

  @Test func manyProgramsAtOnceEndEachOnceAndLeaveNoDescriptor() async throws {
    _ = try await supervisor.run("true")
    let before = descriptorCount()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          let (recorder, end) = try await supervisor.run("echo \(number); exit \(number % 50)")
          #expect(end == ProcessEnd(status: .exited(Int32(number % 50))))
          #expect(recorder.stdout == "\(number)\n")
          #expect(recorder.endCount == 1)
        }
      }
      try await group.waitForAll()
    }
    // Others run beside it, each with a few of its own.
    #expect(descriptorCount() < before + 100)
  }

  private func descriptorCount() -> Int {
    (0..<4_096).count { fcntl(Int32($0), F_GETFD) >= 0 }
  }

  @Test func aProgramThatWritesWithoutEndHoldsUpNoOther() async throws {
    let endless = ProcessRecorder(keepsOutput: false)
    let process = try supervisor.shell("exec cat /dev/zero", endless)
    let (_, end) = try await supervisor.run("exit 9")
    #expect(end.status == .exited(9))
    supervisor.stop(process, grace: 0)
    #expect(await endless.end().status == .signalled(SIGKILL))
  }

  @Test func orphansOfSessionsOfTheirOwnAreReaped() async throws {
    let (recorder, end) = try await supervisor.run(
      Self.withFifo
        // Opened once: opened anew each time, it could still be held open by the writer before, and the next would wait for ever.
        + "exec 3<> $fifo; "
        + "for i in 1 2 3 4 5; do ( setsid sh -c 'echo $$; echo > $fifo' 3>&- & ); read x <&3; done; rm $fifo")
    #expect(end.status == .exited(0))
    let pids = recorder.stdout.split(separator: "\n")
    #expect(pids.count == 5)
    // The next end looks for what was not seen before.
    _ = try await supervisor.run("true")
    supervisor.shutdown()
    // The last of them may have come no further than its last word.
    for pid in pids { #expect(Waiting.until { hasEnded(String(pid)) }) }
  }

  @Test func aProcessWhoseFirstThreadAloneHasEndedIsAlive() throws {
    let own = try #require(ProcessTable.stat(of: getpid()))
    #expect(own.threads > 1 && !own.hasEnded)
    var first = own
    first.state = UInt8(ascii: "Z")
    #expect(!first.hasEnded)
    first.threads = 1
    #expect(first.hasEnded)
  }

}
