import Glibc
import Testing

@testable import Performers

/// Standard input that is held open.
@Suite struct ProcessInputTests {
  private let supervisor: ProcessSupervisor

  init() {
    ProcessSupervisor.ignoreSIGPIPE()
    supervisor = ProcessSupervisor(patience: ProcessPatience(leftover: 100, leftoverGrace: 300, heldPipe: 200))
  }

  private func start(_ script: String, _ recorder: ProcessRecorder, input: String = "") throws -> RunningProcess {
    try supervisor.start(
      ProcessRequest(
        argv: ["sh", "-c", script], environment: plainEnvironment, input: Array(input.utf8), holdsInput: true),
      observer: recorder)
  }

  @Test func whatIsSentArrivesAfterTheFirstInput() async throws {
    let recorder = ProcessRecorder()
    let process = try start("while read -r line; do echo \"<$line>\"; done; echo closed", recorder, input: "one\n")
    #expect(await recorder.lines() == ["<one>"])
    supervisor.send(Array("two\nthr".utf8), to: process)
    #expect(await recorder.lines(2) == ["<one>", "<two>"])
    supervisor.send(Array("ee\n".utf8), to: process)
    #expect(await recorder.lines(3) == ["<one>", "<two>", "<three>"])
    supervisor.stop(process, grace: 60_000)
    #expect(await recorder.end().status == .exited(0))
    #expect(recorder.stdout.hasSuffix("closed\n"), "a stop closes the input, and sends no TERM")
  }

  @Test func moreThanAPipeHoldsArrives() async throws {
    let recorder = ProcessRecorder()
    let size = 1_000_000
    let process = try start("head -c \(size) | wc -c; cat", recorder, input: String(repeating: "a", count: size / 2))
    supervisor.send([UInt8](repeating: 0x62, count: size / 2), to: process)
    #expect(await recorder.lines().first?.split(separator: " ").first == "\(size)")
    supervisor.send(Array("rest\n".utf8), to: process)
    #expect(await recorder.lines(2).last == "rest")
    supervisor.stop(process, grace: 60_000)
    #expect(await recorder.end().status == .exited(0))
  }

  @Test func aProgramThatDoesNotHeedTheEndIsKilledAfterTheGrace() async throws {
    let recorder = ProcessRecorder()
    let process = try start("echo ready; sleep 1000; sleep 1000", recorder)
    _ = await recorder.lines()
    supervisor.stop(process, grace: 200)
    #expect(await recorder.end().status == .signalled(SIGKILL))
  }

  @Test func whatIsSentTooLateIsLostAndHarmsNobody() async throws {
    let recorder = ProcessRecorder()
    let process = try start("exec 0<&-; echo ready; sleep 1000", recorder)
    _ = await recorder.lines()
    supervisor.send(Array("nobody reads".utf8), to: process)
    supervisor.stop(process, grace: 0)
    #expect(await recorder.end().status == .signalled(SIGKILL))
    supervisor.send(Array("nobody is there".utf8), to: process)
  }

  @Test func whatItLeavesBehindGetsTERMWhenItHasHeededTheEnd() async throws {
    let recorder = ProcessRecorder()
    let process = try start(
      "sh -c 'trap \"echo told; exit\" TERM; echo ready; while :; do sleep 1000 & wait; done' & cat",
      recorder)
    _ = await recorder.lines()
    let from = monotonicMilliseconds()
    supervisor.stop(process, grace: 60_000)
    let end = await recorder.end()
    #expect(end.status == .exited(0))
    #expect(recorder.stdout == "ready\ntold\n")
    #expect(monotonicMilliseconds() - from < 30_000)
  }
}
