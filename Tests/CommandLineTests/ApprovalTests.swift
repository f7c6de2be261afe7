import BelayTestSupport
import Testing

/// Approvals from the command line, with real keys and a real ssh-keygen.
@Suite(.enabled(if: InstalledProgram.isExpected("ssh-keygen")))
struct ApprovalTests {
  /// A project with people who have keys, and a runbook with a point of no return.
  private final class Project: Sendable {
    let world = TemporaryDirectory()
    let login = CommandRunner.run(["id", "-un"]).output.split(separator: "\n").first.map(String.init) ?? ""

    /// - Parameters:
    ///   - rules: What stands under `approvals`.
    ///   - keys: Whether the project names its people's keys.
    init(rules: String, keys: Bool = true) {
      var allowed = ""
      for name in ["ada", "bob", "cem"] {
        world.write("private/kept", "")
        let made = CommandRunner.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key(name)])
        precondition(made.status == 0, made.errors)
        allowed += "\(name)@example.com \(publicKey(name))\n"
      }
      world.write("project/keys/allowed", allowed)
      world.write("project/keys/revoked", "")
      world.write(
        "project/belay.yaml",
        """
        project: 1
        people:
          ada: {login: \(login), principal: ada@example.com}
          bob: {principal: bob@example.com}
          cem: {principal: cem@example.com}
        roles: {lead: [ada, bob, cem], dba: [cem]}
        \(keys ? "keys: {allowed-signers: keys/allowed, revoked: keys/revoked}" : "")
        approvals:
        \(rules)

        """)
      world.write(
        "project/runbook.yaml",
        """
        belay: 1
        name: switch
        version: 1.0.0
        concurrent: true
        inputs: {target: {type: string, default: "db 1"}}
        steps:
          - {id: prepare, exec: [touch, prepared], repeatable: true, rollback: {exec: [rm, -f, prepared]}}
          - id: promote
            title: Promote the standby
            effect: irreversible
            exec: [touch, "promoted ${{ inputs.target }}"]
            repeatable: true
            verify: [{exec: [test, -e, "promoted ${{ inputs.target }}"]}]

        """)
    }

    var isPromoted: Bool { TestFile.exists(world.path("project/promoted db 1")) }

    func key(_ name: String) -> String { world.path("private/\(name)") }

    func publicKey(_ name: String) -> String {
      (world.read("private/\(name).pub") ?? "").split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// A command in the project, with nobody's key at hand unless it is named.
    @discardableResult
    func belay(_ arguments: String..., input: String = "/dev/null") -> CommandResult {
      BelayBinary.run(
        arguments, store: world.path("store"), environment: ["HOME": world.path, "SSH_AUTH_SOCK": ""],
        directory: world.path("project"), input: input)
    }

    /// Starts a run, or goes on with one, and waits until it waits.
    func waiting(_ arguments: String...) -> CommandRunner.Running {
      let run = BelayBinary.start(
        arguments, store: world.path("store"), environment: ["HOME": world.path, "SSH_AUTH_SOCK": ""],
        directory: world.path("project"))
      #expect(
        Waiting.until { (run.outputSoFar + run.errorsSoFar).contains("belay approve") },
        "\(run.outputSoFar)\(run.errorsSoFar)")
      return run
    }

    /// Waits until a run's engine has said something.
    func says(_ run: CommandRunner.Running, _ text: String) {
      #expect(Waiting.until { run.outputSoFar.contains(text) }, "\(run.outputSoFar)")
    }
  }

  private static let twoLeads = "  two-leads: {effects: [irreversible], from: [lead], count: 2, within: 1h}"
  private static let fourEyes = "  four-eyes: {not-starter: true}"
  private static let oneLead = "  one-lead: {effects: [irreversible], from: [lead]}"

  @Test("two people approve what they are shown, and neither is who started it")
  func twoPeople() {
    let project = Project(rules: Self.twoLeads + "\n" + Self.fourEyes)
    #expect(project.belay("run", "runbook.yaml", "--dry-run").status == 0)
    let run = project.waiting("run", "runbook.yaml", "--key", project.key("ada"))
    let listed = project.belay("approvals")
    #expect(listed.output.contains("2 of lead"), "\(listed)")
    #expect(listed.output.contains("waits"))
    let shown = project.belay("approvals", "last").output
    for text in [
      "touch 'promoted db 1'", "ada, signed with SHA256:", "dry run     succeeded (assumed)", "it is irreversible",
      "before it: prepare", "2 of lead (two-leads): 2 more", "not         who started the run (four-eyes)",
    ] { #expect(shown.contains(text), "\(text): \(shown)") }
    let own = project.belay("approve", "last", "promote", "--yes", "--reason", "mine", "--key", project.key("ada"))
    #expect(own.status == 2)
    #expect(own.errors.contains("they started the run (four-eyes)"), "\(own)")
    let nobody = project.belay("approve", "last", "--yes", "--reason", "no key")
    #expect(nobody.status == 2)
    #expect(nobody.errors.contains("--key"), "\(nobody)")
    let unseen = project.belay("approve", "last", "--reason", "unseen", "--key", project.key("bob"))
    #expect(unseen.errors.contains("there is no terminal to ask at"), "\(unseen)")
    let first = project.belay(
      "approve", "last", "promote", "--yes", "--reason", "looks right", "--key", project.key("bob"))
    #expect(first.status == 0, "\(first)")
    #expect(first.output.contains("approved by bob, signed with SHA256:"))
    project.says(run, "bob: yes")
    let twice = project.belay("approve", "last", "--yes", "--reason", "again", "--key", project.key("bob"))
    #expect(twice.errors.contains("they have said it already"), "\(twice)")
    #expect(!project.isPromoted)
    #expect(project.belay("approve", "last", "--yes", "--reason", "me too", "--key", project.key("cem")).status == 0)
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(project.isPromoted)
    let report = project.belay("show", "last").output
    #expect(report.contains("approved by bob, signed with SHA256:"), "\(report)")
    #expect(report.contains("looks right"))
    #expect(project.belay("audit", "verify").status == 0)
  }

  @Test("a proof shows who started the run and who approved it, and counts no signature that is not theirs")
  func proof() {
    let project = Project(rules: Self.oneLead + "\n" + Self.fourEyes)
    #expect(project.belay("audit", "init", "--name", "log.example").status == 0)
    let run = project.waiting("run", "runbook.yaml", "--key", project.key("ada"))
    #expect(
      project.belay("approve", "last", "--yes", "--reason", "looks right", "--key", project.key("bob")).status == 0)
    #expect(run.wait().status == 0)
    #expect(project.belay("audit", "prove", "last", "--output", project.world.path("proof")).status == 0)
    let checked = project.belay("audit", "check-proof", project.world.path("proof"))
    #expect(checked.status == 0, "\(checked)")
    #expect(checked.output.contains("ada, signed with SHA256:"), "\(checked)")
    #expect(checked.output.contains("started it"))
    #expect(checked.output.contains("approved steps.promote: looks right"), "\(checked)")
  }

  @Test("one denial ends it, with the reason")
  func denial() {
    let project = Project(rules: Self.twoLeads)
    let run = project.waiting("run", "runbook.yaml")
    let denied = project.belay(
      "approve", "last", "--yes", "--deny", "--reason", "not tonight", "--key", project.key("cem"))
    #expect(denied.status == 0, "\(denied)")
    let end = run.wait()
    #expect(end.output.contains("cem denied it: not tonight"), "\(end)")
    #expect(end.status == 1, "what had been prepared is rolled back")
    #expect(!project.isPromoted)
    #expect(!TestFile.exists(project.world.path("project/prepared")))
    let late = project.belay("approve", "last", "--yes", "--reason", "late", "--key", project.key("bob"))
    #expect(late.status == 2)
    #expect(late.errors.contains("waits for no approval"), "\(late)")
  }

  @Test("what is asked and what is answered travel as blocks, and no engine need be there")
  func elsewhere() {
    let project = Project(rules: Self.oneLead)
    let run = project.waiting("run", "runbook.yaml")
    let request = project.world.path("request")
    #expect(project.belay("approve", "last", "--request", request).status == 0)
    let answer = project.belay(
      "approve", "--sign", request, "--yes", "--reason", "from afar", "--key", project.key("bob"))
    #expect(answer.status == 0, "\(answer)")
    #expect(answer.errors.contains("touch 'promoted db 1'"), "the approver is shown what is asked")
    run.signal(15)
    #expect(run.wait().status == 7)
    // As it comes out of a mail.
    let quoted = "Hello,\n\n" + answer.output.split(separator: "\n").map { "> \($0)\r\n" }.joined() + "\nbye\n"
    project.world.write("answer", quoted)
    let taken = project.belay("approve", "--import", "-", input: project.world.path("answer"))
    #expect(taken.status == 0, "\(taken)")
    #expect(taken.output.contains("no engine is there to hear it: belay resume"))
    let end = project.belay("resume", "last")
    #expect(end.status == 0, "\(end)")
    #expect(project.isPromoted)
    // A request that was changed on the way asks for nothing.
    let lines = (project.world.read("request") ?? "").split(separator: "\n").map(String.init)
    project.world.write("changed", (lines.prefix(3) + lines.dropFirst(4)).joined(separator: "\n") + "\n")
    let changed = project.belay(
      "approve", "--sign", project.world.path("changed"), "--yes", "--reason", "x", "--key", project.key("bob"))
    #expect(changed.status == 2)
    #expect(changed.output.isEmpty)
  }

  @Test("keys that are changed while a run waits void what was given, right before the step")
  func changedKeys() {
    let project = Project(rules: Self.twoLeads)
    let run = project.waiting("run", "runbook.yaml")
    #expect(project.belay("approve", "last", "--yes", "--reason", "yes", "--key", project.key("bob")).status == 0)
    project.says(run, "bob: yes")
    let allowed = project.world.read("project/keys/allowed") ?? ""
    project.world.write("project/keys/revoked", project.publicKey("bob") + "\n")
    let late = project.belay("approve", "last", "--yes", "--reason", "yes", "--key", project.key("cem"))
    #expect(late.status == 2)
    #expect(late.errors.contains("people, keys or rules were changed since the run was planned"), "\(late)")
    run.signal(15)
    #expect(run.wait().status == 7)
    project.world.write("project/keys/revoked", "")
    let again = project.waiting("resume", "last")
    #expect(project.belay("approve", "last", "--yes", "--reason", "yes", "--key", project.key("cem")).status == 0)
    let end = again.wait()
    #expect(end.status == 0, "\(end)")
    #expect(project.isPromoted)
    project.world.write("project/keys/allowed", allowed)
  }

  @Test("an approval that was given before its key was revoked does not let the step begin")
  func revoked() {
    let project = Project(rules: Self.oneLead)
    let run = project.waiting("run", "runbook.yaml")
    run.signal(15)
    #expect(run.wait().status == 7)
    #expect(project.belay("approve", "last", "--yes", "--reason", "yes", "--key", project.key("bob")).status == 0)
    project.world.write("project/keys/revoked", project.publicKey("bob") + "\n")
    let resumed = project.waiting("resume", "last")
    project.says(resumed, "people, keys or rules were changed since the run was planned")
    #expect(!project.isPromoted)
    resumed.signal(15)
    #expect(resumed.wait().status == 7)
  }

  @Test("without keys a login name is all there is, and every view says so")
  func unproven() {
    let project = Project(rules: Self.oneLead, keys: false)
    let run = project.waiting("run", "runbook.yaml")
    let keyed = project.belay("approve", "last", "--yes", "--reason", "a key", "--key", project.key("ada"))
    #expect(keyed.errors.contains("the project names no keys"), "\(keyed)")
    let approved = project.belay("approve", "last", "--yes", "--reason", "alone here")
    #expect(approved.output.contains("approved by ada, unproven"), "\(approved)")
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(end.output.contains("ada: yes, unproven"))
    #expect(project.belay("show", "last").output.contains("approved by ada, unproven"))
  }

  @Test("who starts a run that excludes them must prove who they are, and that they may")
  func starting() {
    let project = Project(rules: Self.oneLead + "\n" + Self.fourEyes)
    let unproven = project.belay("run", "runbook.yaml")
    #expect(unproven.status == 2, "\(unproven)")
    #expect(project.belay("runs", "--format", "json").output == "[]\n")
    let stranger = CommandRunner.run([
      "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", project.key("eve"),
    ])
    #expect(stranger.status == 0)
    let eve = project.belay("run", "runbook.yaml", "--key", project.key("eve"))
    #expect(eve.status == 4, "\(eve)")
    #expect(!TestFile.exists(project.world.path("project/prepared")))
    let settings = project.world.read("project/belay.yaml") ?? ""
    project.world.write("project/belay.yaml", settings + "starts:\n  by-dba: {from: [dba]}\n")
    let bob = project.belay("run", "runbook.yaml", "--key", project.key("bob"))
    #expect(bob.status == 4)
    #expect(bob.errors.contains("bob may not start it: by-dba asks for dba"), "\(bob)")
    let explained = project.belay("policy", "explain", "runbook.yaml").output
    for text in ["dba (cem)  starts.by-dba", "approvals.one-lead, since it is irreversible", "approvals.four-eyes"] {
      #expect(explained.contains(text), "\(explained)")
    }
  }

  @Test("a denial counts though an approval was recorded before it, and no engine was there to hear either")
  func lateDenial() {
    let project = Project(rules: Self.oneLead)
    let run = project.waiting("run", "runbook.yaml")
    run.signal(15)
    #expect(run.wait().status == 7)
    #expect(project.belay("approve", "last", "--yes", "--reason", "yes", "--key", project.key("bob")).status == 0)
    let denied = project.belay("approve", "last", "--yes", "--deny", "--reason", "no", "--key", project.key("cem"))
    #expect(denied.status == 0, "\(denied)")
    let end = project.belay("resume", "last")
    #expect(end.output.contains("cem denied it: no"), "\(end)")
    #expect(!project.isPromoted)
  }

  @Test("what an approver elsewhere is shown follows from what is signed, line by line")
  func shownElsewhere() {
    let project = Project(rules: Self.oneLead)
    let run = project.waiting("run", "runbook.yaml", "-i", "target=db\n  runs        true")
    let request = project.world.path("request")
    #expect(project.belay("approve", "last", "--request", request).status == 0)
    let answer = project.belay("approve", "--sign", request, "--yes", "--reason", "ok", "--key", project.key("bob"))
    for text in ["switch 1.0.0", "steps.promote", "argument 1", "│   runs        true", "1 of lead (one-lead)"] {
      #expect(answer.errors.contains(text), "\(text): \(answer.errors)")
    }
    #expect(!answer.errors.contains("\n  runs        true"), "\(answer.errors)")
    run.signal(15)
    #expect(run.wait().status == 7)
  }

  @Test("where the project's file cannot be read nobody's approval counts, and the run is left to be resumed")
  func lostPolicy() {
    let project = Project(rules: Self.oneLead)
    let run = project.waiting("run", "runbook.yaml")
    run.signal(15)
    #expect(run.wait().status == 7)
    #expect(project.belay("approve", "last", "--yes", "--reason", "yes", "--key", project.key("bob")).status == 0)
    let file = project.world.path("project/belay.yaml")
    #expect(CommandRunner.run(["mv", file, file + ".away"]).status == 0)
    let resumed = project.waiting("resume", "last")
    #expect(resumed.wait().status == 7, "\(resumed.outputSoFar)\(resumed.errorsSoFar)")
    #expect(!project.isPromoted)
    #expect(CommandRunner.run(["mv", file + ".away", file]).status == 0)
    #expect(project.belay("resume", "last").status == 0)
    #expect(project.isPromoted)
  }

  @Test("a step of `finally` is approved as any other, by its name or its address")
  func finally() {
    let project = Project(rules: "  database: {effects: [change], from: [dba]}")
    project.world.write(
      "project/runbook.yaml",
      """
      belay: 1
      name: switch
      version: 1.0.0
      steps:
        - {id: look, effect: observe, exec: ["true"]}
      finally:
        - {id: tell, exec: [touch, told], repeatable: true, rollback: none, because: it was said}

      """)
    let run = project.waiting("run", "runbook.yaml")
    let approved = project.belay(
      "approve", "last", "finally.tell", "--yes", "--reason", "yes", "--key", project.key("cem"))
    #expect(approved.status == 0, "\(approved)")
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(TestFile.exists(project.world.path("project/told")))
  }

  @Test("time running out denies")
  func expiry() {
    let project = Project(rules: "  quick: {effects: [irreversible], from: [lead], within: 500ms}")
    let end = project.belay("run", "runbook.yaml", "--quiet")
    #expect(end.status == 1, "\(end)")
    #expect(end.output.contains("nobody approved it in time"), "\(end)")
    #expect(!project.isPromoted)
  }
}
