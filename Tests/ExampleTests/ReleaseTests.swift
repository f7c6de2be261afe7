import BelayTestSupport
import CanonicalJSON
import Glibc
import Testing

/// The example `examples/release`, run on a machine of the test's own.
@Suite struct ReleaseTests {
  @Test("the runbook is valid, and nothing is warned of")
  func isValid() {
    let machine = ReleaseMachine()
    let result = machine.belay("validate", ReleaseMachine.runbook, "--format", "json")
    #expect(result.status == 0)
    #expect(result.output == "[]\n", "\(result.output)")
  }

  @Test("a good release takes over")
  func goodReleaseSucceeds() {
    let machine = ReleaseMachine()
    #expect(machine.release("1.0").status == 0)
    #expect(machine.health == #"{"version": "1.0", "ready": true}"#)
    let result = machine.release("1.1")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(machine.health == #"{"version": "1.1", "ready": true}"#)
    #expect(machine.link == "releases/1.1")
    #expect(machine.hasRelease("1.0"))
  }

  @Test("a bad release is undone in reverse, and the old version serves again")
  func badReleaseIsUndone() throws {
    let machine = ReleaseMachine()
    #expect(machine.release("1.0").status == 0)
    let result = machine.release("1.2", "--json")
    #expect(result.status == 1, "\(result.output)\(result.errors)")

    let events = try result.output.split(separator: "\n").map { try JSON.parse(String($0)) }
    let undone = events.filter { $0["type"] == .string("undo.ended") }
    let steps = undone.map { $0["step"]?.string }
    #expect(steps == ["steps.start", "steps.switch", "steps.stop", "steps.unpack"])
    #expect(undone.allSatisfy { $0["data"]?["end"]?["status"] == .string("undone") })

    #expect(machine.health == #"{"version": "1.0", "ready": true}"#)
    #expect(machine.link == "releases/1.0")
    #expect(!machine.hasRelease("1.2"))
    #expect(!machine.hasRelease("1.2.partial"))

    let shown = try JSON.parse(machine.belay("show", "last", "--format", "json").output)
    #expect(shown["status"] == .string("rolled-back"))
    #expect(shown["failure"]?["step"] == .string("start"))
    #expect(shown["failure"]?["cause"] == .string("unverified"))
    let residue = (shown["residue"]?.array ?? []).filter { $0["step"] != .string("report") }
    #expect(residue.count == 4)
    #expect(residue.allSatisfy { $0["fate"] == .string("undone") })

    let log = (machine.directory.read("machine/releases.log") ?? "").split(separator: "\n")
    #expect(log.map { $0.split(separator: " ").suffix(2) } == [["1.0", "succeeded"], ["1.2", "rolled-back"]])
    #expect(machine.belay("audit", "verify").status == 0)
  }

  @Test("a bad first release leaves nothing")
  func badFirstReleaseIsUndone() {
    let machine = ReleaseMachine()
    #expect(machine.release("1.2").status == 1)
    #expect(machine.health == nil)
    #expect(machine.link == nil)
    #expect(!machine.hasRelease("1.2"))
  }

  @Test("a good release can be rolled back later")
  func goodReleaseIsRolledBack() {
    let machine = ReleaseMachine()
    #expect(machine.release("1.0").status == 0)
    #expect(machine.release("1.1").status == 0)
    #expect(machine.belay("rollback", "last").status == 0)
    #expect(machine.health == #"{"version": "1.0", "ready": true}"#)
    #expect(machine.link == "releases/1.0")
    #expect(!machine.hasRelease("1.1"))
  }

  @Test("a release does not start beside a server that is not healthy, nor from a package that is not whole")
  func unmetPreconditionsChangeNothing() {
    let machine = ReleaseMachine()
    #expect(machine.release("1.0").status == 0)
    #expect(machine.release("1.0").status == 5)
    machine.directory.write("machine/packages/1.1/app.conf", "version=1.1\nbroken=maybe\n")
    #expect(machine.release("1.1").status == 5)
    machine.stopServer()
    #expect(machine.release("1.2").status == 5)
    #expect(machine.link == "releases/1.0")
    #expect(!machine.hasRelease("1.1"))
    #expect(!machine.hasRelease("1.2"))
  }

  @Test("a dry run leaves the machine as it was, byte for byte")
  func dryRunChangesNothing() {
    let machine = ReleaseMachine()
    #expect(machine.release("1.0").status == 0)
    let before = machine.tree
    let result = machine.release("1.2", "--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(machine.tree == before)
    #expect(before.contains("releases.log"))
    #expect(machine.health == #"{"version": "1.0", "ready": true}"#)
  }

  @Test("the demonstration comes out as it should, and leaves nothing behind")
  func demonstrationSucceeds() {
    let scratch = TemporaryDirectory()
    let result = CommandRunner.run(ReleaseMachine.demonstration, environment: ["TMPDIR": scratch.path])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("rolled-back"))
    #expect(ReleaseMachine.names(in: scratch.path).isEmpty)
  }

  @Test("the demonstration cleans up when it is ended early")
  func demonstrationCleansUp() throws {
    let scratch = TemporaryDirectory()
    let running = CommandRunner.start(ReleaseMachine.demonstration, environment: ["TMPDIR": scratch.path])
    #expect(Waiting.until { running.outputSoFar.contains("server: ") })
    let name = try #require(ReleaseMachine.names(in: scratch.path).first)
    let inputs = try #require(scratch.read("\(name)/machine/inputs.yaml"))
    running.signal(SIGTERM)
    #expect(running.wait().status == 143)
    #expect(ReleaseMachine.health(port: ReleaseMachine.port(in: inputs)) == nil)
    #expect(ReleaseMachine.names(in: scratch.path).isEmpty)
  }
}
