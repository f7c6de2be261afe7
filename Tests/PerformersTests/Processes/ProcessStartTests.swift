import Glibc
import Testing

@testable import Performers

@Suite struct ProcessStartTests {
  private let supervisor: ProcessSupervisor

  init() {
    ProcessSupervisor.ignoreSIGPIPE()
    supervisor = ProcessSupervisor()
  }

  @Test func exitStatusAndBothOutputsAreHandedOn() async throws {
    let (recorder, end) = try await supervisor.run("echo out; echo err >&2; exit 7")
    #expect(end == ProcessEnd(status: .exited(7)))
    #expect(recorder.stdout == "out\n")
    #expect(recorder.stderr == "err\n")
    #expect(recorder.endCount == 1)
  }

  @Test func aSignalThatEndedTheProgramIsNamed() async throws {
    let (_, end) = try await supervisor.run("kill -SEGV $$")
    #expect(end.status == .signalled(SIGSEGV))
  }

  @Test func inputLargerThanThePipeIsFedWhileOutputIsRead() async throws {
    let input = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let recorder = ProcessRecorder(keepsOutput: false)
    _ = try supervisor.start(
      ProcessRequest(argv: ["cat"], environment: plainEnvironment, input: input), observer: recorder)
    #expect(await recorder.end() == ProcessEnd(status: .exited(0)))
    #expect(recorder.byteCount == input.count)
  }

  @Test func inputThatIsNotReadIsNoError() async throws {
    let recorder = ProcessRecorder()
    _ = try supervisor.shell("exit 3", recorder, input: [UInt8](repeating: 65, count: 1_000_000))
    #expect(await recorder.end() == ProcessEnd(status: .exited(3)))
  }

  @Test func withoutInputStandardInputIsEmpty() async throws {
    let (recorder, _) = try await supervisor.run("cat; echo done")
    #expect(recorder.stdout == "done\n")
  }

  @Test func theEnvironmentIsExactlyWhatWasGiven() async throws {
    let recorder = ProcessRecorder()
    _ = try supervisor.start(
      ProcessRequest(
        argv: ["env"], environment: EnvironmentBlock([("PATH", "/usr/bin:/bin"), ("A", "1"), ("B", "2"), ("A", "3")]),
        additions: [EnvironmentVariable("B", "4"), EnvironmentVariable("C", "x=y\nz")]), observer: recorder)
    _ = await recorder.end()
    #expect(recorder.stdout.split(separator: "\n").sorted() == ["A=3", "B=4", "C=x=y", "PATH=/usr/bin:/bin", "z"])
  }

  @Test func aRelativeProgramIsBelowTheWorkingDirectory() async throws {
    let recorder = ProcessRecorder()
    _ = try supervisor.start(
      ProcessRequest(argv: ["bin/pwd"], environment: plainEnvironment, directory: "/usr"), observer: recorder)
    #expect(await recorder.end().status == .exited(0))
    #expect(recorder.stdout == "/usr\n")
  }

  @Test func theProgramLeadsASessionOfItsOwn() async throws {
    let recorder = ProcessRecorder()
    _ = try supervisor.shell("read a < /proc/$$/stat; echo \"$a\"; cat", recorder, input: [])
    let fields = try #require(await recorder.lines().first).split(separator: " ")
    let identity = try #require(recorder.identity)
    #expect(fields[0] == "\(identity.pid)")
    #expect(fields[4] == fields[0] && fields[5] == fields[0])
    #expect(fields[21] == "\(identity.startTime)")
    #expect(!identity.bootID.isEmpty)
    _ = await recorder.end()
  }

  @Test func noDescriptorButTheStandardOnesIsInherited() async throws {
    // One that nobody marked close-on-exec.
    let descriptors = (0..<5).map { _ in open("/dev/null", O_RDONLY) }
    defer { for descriptor in descriptors { close(descriptor) } }
    let recorder = ProcessRecorder()
    _ = try supervisor.start(
      ProcessRequest(argv: ["ls", "/proc/self/fd"], environment: plainEnvironment), observer: recorder)
    _ = await recorder.end()
    // The last is that of the directory itself.
    #expect(recorder.stdout == "0\n1\n2\n3\n")
  }

  @Test func signalsAreNeitherBlockedNorIgnored() async throws {
    let recorder = ProcessRecorder()
    _ = try supervisor.start(
      ProcessRequest(argv: ["grep", "^Sig[BI]", "/proc/self/status"], environment: plainEnvironment), observer: recorder
    )
    _ = await recorder.end()
    // The C library lets nobody set the two signals that are its own, 32 and 33, and may ignore them.
    let lines = recorder.stdout.split(separator: "\n")
    #expect(lines.first == "SigBlk:\t0000000000000000")
    let ignored = ["0000000180000000", "0000000080000000", "0000000000000000"]
    #expect(ignored.contains { lines.last == "SigIgn:\t\($0)" })
  }

  @Test func whatCannotBeStartedSaysWhy() throws {
    func reason(_ argv: [String], directory: String? = nil, path: String? = "/usr/bin:/bin") -> String {
      let environment = EnvironmentBlock(path.map { [("PATH", $0)] } ?? [])
      do {
        _ = try supervisor.start(
          ProcessRequest(argv: argv, environment: environment, directory: directory), observer: ProcessRecorder())
        return "started"
      } catch {
        #expect(error.neverStarted)
        return error.message
      }
    }
    #expect(reason([]).contains("the argument list is empty"))
    #expect(reason(["no-such-program"]).contains("not in PATH (/usr/bin:/bin)"))
    #expect(reason(["true"], path: nil).contains("PATH is not set"))
    #expect(reason(["/no/such/file"]).contains("there is no such file"))
    #expect(reason(["/etc"]).contains("it is a directory"))
    #expect(reason(["/etc/passwd"]).contains("not executable"))
    #expect(reason(["true"], directory: "/no/such").contains("working directory /no/such"))
    #expect(reason(["true", "a\0b"]).contains("argument 1 contains a NUL"))
    #expect(reason(["true", String(repeating: "x", count: 200_000)]).contains("argument 1 has 200000 bytes"))
  }

  @Test func afterShutdownNothingIsStarted() async throws {
    let recorder = ProcessRecorder()
    _ = try supervisor.shell("trap '' TERM; sleep 1000 & wait", recorder)
    supervisor.shutdown()
    #expect(recorder.endCount == 1)
    #expect(await recorder.end().status == .signalled(SIGKILL))
    #expect(throws: SpawnError.shutDown) { try supervisor.shell("true", ProcessRecorder()) }
  }
}
