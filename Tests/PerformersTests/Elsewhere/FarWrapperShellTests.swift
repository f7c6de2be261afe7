import BelayTestSupport
import Glibc
import RunEngine
import Testing

@testable import Performers

/// The wrapper in the shells of this machine, with and without `setsid`.
@Suite struct FarWrapperShellTests {
  private static let shells = ["dash", "bash", "busybox"].filter { path(of: $0) != nil }

  private let supervisor: ProcessSupervisor
  private let directory = TemporaryDirectory()

  init() {
    ProcessSupervisor.ignoreSIGPIPE()
    supervisor = ProcessSupervisor()
  }

  private static func path(of program: String) -> String? {
    ["/bin/", "/usr/bin/"].map { $0 + program }.first { TestFile.exists($0) }
  }

  /// Starts a program through the wrapper, where `sh` is a shell of the test's choice.
  private func start(
    _ words: [String], in shell: String, setsid: Bool, input: String? = nil, _ recorder: ProcessRecorder
  ) throws -> (process: RunningProcess, nonce: String) {
    mkdir(directory.path("bin"), 0o755)
    for program in ["cat", "sleep"] + (setsid ? ["setsid"] : []) {
      symlink(try #require(Self.path(of: program)), directory.path("bin/" + program))
    }
    symlink(try #require(Self.path(of: shell)), directory.path("bin/sh"))
    let program = try FarProgram(
      ResolvedProgram(arguments: words), on: .ssh("here"), variables: [EnvironmentVariable("WORD", "it's $x\n")],
      input: input.map { Array($0.utf8) })
    let request = ProcessRequest(
      argv: [directory.path("bin/sh"), "-c", FarWrapper.outer, "sh", program.nonce, FarWrapper.inner, "2"],
      environment: EnvironmentBlock([("PATH", directory.path("bin"))]), input: program.message, holdsInput: true)
    return (try supervisor.start(request, observer: recorder), program.nonce)
  }

  @Test("words, variables, input and the exit status are right", arguments: shells, [true, false])
  func everythingArrives(shell: String, setsid: Bool) async throws {
    let recorder = ProcessRecorder()
    let words = ["two words", "", "it's", "-x", "$HOME\n", "\\n", "grüße \u{2028}"]
    let script = directory.write(
      "say", "#!/bin/sh\nprintf '<%s>' \"$@\" \"$WORD\"\ncat\necho wrong >&2\nexit 7\n", mode: 0o755)
    let (_, nonce) = try start([script] + words, in: shell, setsid: setsid, input: "in\n\nput", recorder)
    let end = await recorder.end()
    #expect(recorder.stdout == (words + ["it's $x\n"]).map { "<\($0)>" }.joined() + "in\n\nput")
    let isUngrouped = recorder.stderr.contains("\(nonce) ungrouped\n")
    #expect(
      recorder.stderr.replacing("\(nonce) ungrouped\n", with: "") == "\(nonce) ready\nwrong\n\(nonce) exit 7\n",
      "\(recorder.stderr)")
    #expect(end.status == .exited(0))
    if setsid { #expect(!isUngrouped) }
  }

  @Test("the end of the input ends the program, and its group where there is one", arguments: shells, [true, false])
  func theEndOfTheInputEndsIt(shell: String, setsid: Bool) async throws {
    let recorder = ProcessRecorder()
    let script = directory.write(
      "go-on", "#!/bin/sh\ntrap 'exit 9' TERM\nsleep 100000 &\necho $$ $!\nwhile :; do wait; done\n", mode: 0o755)
    let (process, nonce) = try start([script], in: shell, setsid: setsid, recorder)
    let pids = await recorder.lines().joined().split(separator: " ").compactMap { Int32($0) }
    #expect(pids.count == 2, "\(recorder.stderr)")
    supervisor.stop(process, grace: 20_000)
    _ = await recorder.end()
    #expect(recorder.stderr.contains("\(nonce) exit 9\n"), "\(recorder.stderr)")
    #expect(pids.first.flatMap { ProcessTable.stat(of: $0) }?.hasEnded != false)
    // What is not ended there is ended here, where it is of the wrapper's own session.
    #expect(pids.last.flatMap { ProcessTable.stat(of: $0) }?.hasEnded != false)
  }
}
