import BelayTestSupport
import Testing

/// docs/audit.md, command by command, and what the commands of the log say where something is wrong.
@Suite struct AuditPageTests {
  private static let runbook = """
    belay: 1
    name: switch
    version: 1.0.0
    steps:
      - {id: make, exec: [touch, made], repeatable: true, rollback: {exec: [rm, made]}}
      - {id: look, effect: observe, exec: [ls]}

    """

  @Test("every command on the page about the log does what it says")
  func thePage() throws {
    let world = TemporaryDirectory()
    world.write("runbook.yaml", Self.runbook)
    let page = try #require(TestFile.read(BelayBinary.projectRoot + "/docs/audit.md"))
    var script = ""
    var blocks = 0
    var isInside = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = line == "```sh"
        if isInside { blocks += 1 }
      } else if isInside {
        script += line + "\n"
      }
    }
    #expect(blocks == 10)
    try Self.approve(in: world)
    let result = CommandRunner.run(
      ["bash", "-euo", "pipefail", "-c", script],
      environment: [
        "PATH": TranscriptTests.path, "BELAY_STORE": world.path("store"), "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
        "SWIFT_BACKTRACE": "enable=no",
      ], directory: world.path)
    #expect(result.status == 0, "\(result)")
    #expect(result.output.contains("Signature Verified Successfully"))
    #expect(result.output.contains("the root fits"))
    #expect(!result.output.contains("does not fit:"))
    #expect(!result.output.contains("not intact"))
    #expect(result.output.contains("proven: run"))
    #expect(result.output.contains("Good \"belay-approval\" signature for alice@example.com"))
    #expect(result.output.contains("\"step\": \"steps.make\""))
    #expect(result.output.contains("cosigned by ci.example/witness"))
  }

  /// Makes a run that was approved with a key.
  private static func approve(in world: TemporaryDirectory) throws {
    let made = CommandRunner.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", world.path("alice")])
    #expect(made.status == 0, "\(made)")
    world.write("project/allowed", "alice@example.com \(world.read("alice.pub") ?? "")")
    world.write(
      "project/belay.yaml",
      """
      project: 1
      people: {alice: {principal: alice@example.com}}
      roles: {lead: [alice]}
      keys: {allowed-signers: allowed}
      approvals: {one: {from: [lead], within: 1h}}

      """)
    world.write("project/runbook.yaml", runbook)
    let run = BelayBinary.start(["run", "runbook.yaml"], store: world.path("store"), directory: world.path("project"))
    #expect(Waiting.until { run.outputSoFar.contains("belay approve") })
    let approved = BelayBinary.run(
      "approve", "last", "--yes", "--reason", "it is time", "--key", world.path("alice"), store: world.path("store"),
      directory: world.path("project"))
    #expect(approved.status == 0, "\(approved)")
    #expect(run.wait().status == 0)
  }

  @Test("a log that was cut back fails its check, signs nothing more, and starts nothing")
  func cutBack() throws {
    let world = TemporaryDirectory()
    let store = world.path("store")
    world.write("runbook.yaml", Self.runbook)
    #expect(BelayBinary.run("audit", "init", "--name", "log.example", store: store).status == 0)
    #expect(BelayBinary.run("run", "runbook.yaml", store: store, directory: world.path).status == 0)
    _ = CommandRunner.run(["cp", "-r", store, world.path("early")])
    #expect(BelayBinary.run("run", "runbook.yaml", store: store, directory: world.path).status == 0)
    // The database alone comes back; what the signer remembers lies outside it.
    let restored = CommandRunner.run([
      "sh", "-c", "cp \"$1\"/early/journal.sqlite* \"$1\"/store/", "sh", world.path,
    ])
    #expect(restored.status == 0)
    _ = CommandRunner.run(["rm", "-f", world.path("made")])
    let verified = BelayBinary.run("audit", "verify", store: store)
    #expect(verified.status == 1)
    #expect(verified.output.contains("the signer has signed them"), "\(verified)")
    let refused = BelayBinary.run("run", "runbook.yaml", store: store, directory: world.path)
    #expect(refused.status == 70)
    #expect(refused.errors.contains("the log was cut back"), "\(refused)")
    #expect(!TestFile.exists(world.path("made")), "nothing was started")
  }

  @Test("every intent of a change is signed before the change is made")
  func signedBeforeTheChange() throws {
    let world = TemporaryDirectory()
    let store = world.path("store")
    world.write(
      "runbook.yaml",
      """
      belay: 1
      name: switch
      version: 1.0.0
      steps:
        - id: make
          run: belay audit export > seen
          env: {BELAY_STORE: \(store)}
          repeatable: true
          rollback: {exec: ["true"]}

      """)
    #expect(BelayBinary.run("audit", "init", "--name", "log.example", store: store).status == 0)
    let run = BelayBinary.run(
      "run", "runbook.yaml", store: store, environment: ["PATH": TranscriptTests.path], directory: world.path)
    #expect(run.status == 0, "\(run)")
    let lines = (world.read("seen") ?? "").split(separator: "\n")
    let intent = try #require(lines.lastIndex { $0.contains("\"type\":\"intent\"") })
    #expect(lines[intent + 1].hasPrefix("{\"checkpoint\":"), "\(lines)")
    #expect(BelayBinary.run("audit", "verify", "--export", "seen", store: store, directory: world.path).status == 0)
  }
}
