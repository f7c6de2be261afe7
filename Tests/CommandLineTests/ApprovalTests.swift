import BelayTestSupport
import CanonicalJSON
import RunbookExecutor
import Testing

/// Approvals from the command line, with real keys and a real ssh-keygen.
@Suite(.enabled(if: InstalledProgram.isExpected("ssh-keygen")))
struct ApprovalTests {
  private static let twoLeads = "  two-leads: {effects: [irreversible], from: [lead], count: 2, within: 1h}"
  private static let fourEyes = "  four-eyes: {not-starter: true}"
  private static let oneLead = "  one-lead: {effects: [irreversible], from: [lead]}"

  @Test("two people approve what they are shown, and neither is who started it")
  func twoPeople() throws {
    let project = ApprovalProject(rules: Self.twoLeads + "\n" + Self.fourEyes)
    #expect(project.belay("run", "runbook.yaml", "--dry-run").status == 0)
    let run = project.waiting("run", "runbook.yaml", "--key", project.key("ada"))
    let listed = project.belay("approvals")
    #expect(listed.output.contains("2 of lead"), "\(listed)")
    #expect(listed.output.contains("waits"))
    let shown = project.belay("approvals", "last").output
    for text in [
      "touch 'promoted db 1'", "ada, signed with SHA256:", "dry run     succeeded",
      "steps.promote: not done (assumed); its dry run succeeded",
      "│ would promote db 1", "it is irreversible",
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
    #expect(try project.problems() == [])
  }

  @Test("a proof shows who started the run and who approved it, and counts no signature that is not theirs")
  func proof() {
    let project = ApprovalProject(rules: Self.oneLead + "\n" + Self.fourEyes)
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
    // Whose records are signed is said with the key; a login name proves nothing.
    #expect(!checked.output.contains("run.started: "), "\(checked)")
    #expect(!checked.output.contains("approval steps.promote: "), "\(checked)")
    // Where nobody can verify a signature, nothing is said of what it is worth.
    let blind = project.belay(["audit", "check-proof", project.world.path("proof")], searchPath: "/nowhere")
    #expect(blind.status == 70, "\(blind)")
    #expect(blind.output.contains("not checked: what people signed"), "\(blind)")
    #expect(!blind.output.contains("nobody gave"), "\(blind)")
    let json = project.belay(
      ["audit", "check-proof", project.world.path("proof"), "--format", "json"], searchPath: "/nowhere")
    #expect(json.status == 70 && json.output.contains("\"proven\": false"), "\(json)")
  }

  @Test("one person with two keys is one person")
  func twoKeys() {
    let project = ApprovalProject(rules: Self.twoLeads)
    let second = project.key("second")
    let made = CommandRunner.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", second])
    #expect(made.status == 0)
    let allowed = project.world.read("project/keys/allowed") ?? ""
    project.world.write("project/keys/allowed", allowed + "bob@example.com \(project.publicKey("second"))\n")
    let run = project.waiting("run", "runbook.yaml")
    #expect(project.belay("approve", "last", "--yes", "--reason", "one", "--key", project.key("bob")).status == 0)
    project.says(run, "bob: yes")
    let again = project.belay("approve", "last", "--yes", "--reason", "two", "--key", second)
    #expect(again.status == 2)
    #expect(again.errors.contains("they have said it already"), "\(again)")
    run.signal(15)
    #expect(run.wait().status == 7)
    #expect(!project.isPromoted)
  }

  @Test("what stands inside a group is shown with its values, its environment and its input")
  func insideGroups() throws {
    let project = ApprovalProject(rules: Self.oneLead)
    project.world.write(
      "project/group.yaml",
      """
      belay: 1
      name: group
      version: 1.0.0
      concurrent: true
      steps:
        - {id: find, effect: observe, exec: [echo, standby-2], outputs: {host: {type: string, value: "result.lines[0]"}}}
        - id: each
          for-each: "['a', 'b']"
          effect: irreversible
          approval: {from: [lead]}
          repeatable: true
          exec: [tee, "${{ item }}-${{ steps.find.outputs.host }}"]
          env: {TARGET: prod}
          input: "delete everything"

      """)
    let run = project.waiting("run", "group.yaml")
    let shown = project.belay("approvals", "last").output
    for text in [
      "each[0]", "tee a-standby-2", "tee b-standby-2", "TARGET=prod", "delete everything",
      "past that it stays, and so does everything that was changed before it",
    ] { #expect(shown.contains(text), "\(text): \(shown)") }
    #expect(
      project.belay("approve", "last", "--yes", "--reason", "fine", "--key", project.key("bob")).status == 0)
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(TestFile.exists(project.world.path("project/b-standby-2")))
    #expect(project.belay("show", "last").status == 0, "a replay is the run")
    #expect(try project.problems() == [])
  }

  @Test("one denial ends it, with the reason")
  func denial() {
    let project = ApprovalProject(rules: Self.twoLeads)
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

  @Test("an interrupt at a gate ends the wait: what was prepared is undone, and nobody is asked any more")
  func interrupted() {
    let project = ApprovalProject(rules: Self.twoLeads)
    let run = project.waiting("run", "runbook.yaml")
    #expect(TestFile.exists(project.world.path("project/prepared")))
    run.signal(2)
    let end = run.wait()
    #expect(end.status == 1, "\(end)")
    #expect(!TestFile.exists(project.world.path("project/prepared")), "\(end)")
    #expect(project.belay("approvals").output.contains("no run waits"))
    #expect(!project.isPromoted)
  }

  @Test("an approver who was shown another dry run than there was has approved nothing")
  func forgedDryRun() throws {
    let project = ApprovalProject(rules: Self.oneLead)
    #expect(project.belay("run", "runbook.yaml", "--dry-run").status == 0)
    let run = project.waiting("run", "runbook.yaml")
    #expect(project.belay("approve", "last", "--request", project.world.path("request")).status == 0)
    let block = try #require(ApprovalBlock(.request, in: project.world.read("request") ?? ""))
    // All of it fits together, and only the store knows better.
    var findings = try #require(block.content["findings"].flatMap { DryRunFindings($0) })
    findings.findings[0].written = ["nothing to worry about\n"]
    let said = try #require(block.content["dry-run"].flatMap { ApprovalStatement.DryRun($0) })
    let mark = ApprovalStatement.DryRun(run: said.run, sha256: said.sha256, findings: findings.sha256)
    var members = try #require(block.content.members)
    members.removeAll { $0.key == "findings" || $0.key == "dry-run" }
    members += [.init("findings", findings.json), .init("dry-run", mark.json)]
    project.world.write("forged", ApprovalBlock(.request, .object(members)).text)
    let answer = project.belay(
      "approve", "--sign", project.world.path("forged"), "--yes", "--reason", "fine", "--key", project.key("bob"))
    #expect(answer.errors.contains("│ nothing to worry about"), "\(answer)")
    project.world.write("answer", answer.output)
    let taken = project.belay("approve", "--import", project.world.path("answer"))
    #expect(taken.status == 2, "\(taken)")
    #expect(taken.errors.contains("the dry run did not find what the approver saw"), "\(taken)")
    run.signal(15)
    #expect(run.wait().status == 7)
  }

  @Test("what an approver saw of a dry run is kept from pruning until the run that it was approved for is over")
  func pruning() throws {
    let project = ApprovalProject(rules: Self.twoLeads)
    #expect(project.belay("run", "runbook.yaml", "--dry-run").status == 0)
    let run = project.waiting("run", "runbook.yaml")
    #expect(project.belay("approve", "last", "--yes", "--reason", "seen", "--key", project.key("bob")).status == 0)
    project.says(run, "bob: yes")
    run.signal(15)
    #expect(run.wait().status == 7)
    let kept = project.belay("store", "prune", "--outputs-older-than", "0s")
    #expect(kept.output.contains("pruned 0 outputs"), "\(kept)")
    #expect(project.belay("approve", "last", "--yes", "--reason", "me too", "--key", project.key("cem")).status == 0)
    let end = project.belay("resume", "last")
    #expect(end.status == 0, "\(end)")
    #expect(project.isPromoted)
    let pruned = project.belay("store", "prune", "--outputs-older-than", "0s")
    #expect(!pruned.output.contains("pruned 0 outputs"), "\(pruned)")
    #expect(project.belay("audit", "verify").status == 0)
  }

  @Test("keys that are changed while a run waits void what was given, right before the step")
  func changedKeys() {
    let project = ApprovalProject(rules: Self.twoLeads)
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
    let project = ApprovalProject(rules: Self.oneLead)
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
  func unproven() throws {
    let project = ApprovalProject(rules: Self.oneLead, keys: false)
    let run = project.waiting("run", "runbook.yaml")
    let keyed = project.belay("approve", "last", "--yes", "--reason", "a key", "--key", project.key("ada"))
    #expect(keyed.errors.contains("the project names no keys"), "\(keyed)")
    let approved = project.belay("approve", "last", "--yes", "--reason", "alone here")
    #expect(approved.output.contains("approved by ada, unproven"), "\(approved)")
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(end.output.contains("ada: yes, unproven"))
    #expect(project.belay("show", "last").output.contains("approved by ada, unproven"))
    #expect(project.belay("runs").output.contains("\(project.login), unproven"))
    #expect(try project.problems() == [])
    #expect(project.belay("audit", "init", "--name", "log.example").status == 0)
    #expect(project.belay("audit", "prove", "last", "--output", project.world.path("proof")).status == 0)
    let checked = project.belay("audit", "check-proof", project.world.path("proof"))
    #expect(checked.output.contains("run.started: \(project.login), unproven"), "\(checked)")
    #expect(checked.output.contains("approval steps.promote: \(project.login), unproven"), "\(checked)")
  }

  @Test("who starts a run that excludes them must prove who they are, and that they may")
  func starting() {
    let project = ApprovalProject(rules: Self.oneLead + "\n" + Self.fourEyes)
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
    let project = ApprovalProject(rules: Self.oneLead)
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
    let project = ApprovalProject(rules: Self.oneLead)
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
  func lostPolicy() throws {
    let project = ApprovalProject(rules: Self.oneLead)
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
    #expect(try project.problems() == [])
  }

  @Test("a step of `finally` is approved as any other, by its name or its address")
  func finally() throws {
    let project = ApprovalProject(rules: "  database: {effects: [change], from: [dba]}")
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
    #expect(try project.problems() == [])
  }

  @Test("time running out denies")
  func expiry() {
    let project = ApprovalProject(rules: "  quick: {effects: [irreversible], from: [lead], within: 500ms}")
    let end = project.belay("run", "runbook.yaml", "--quiet")
    #expect(end.status == 1, "\(end)")
    #expect(end.output.contains("nobody approved it in time"), "\(end)")
    #expect(!project.isPromoted)
  }

  @Test(
    "where the project's file is there and cannot be read, nothing is planned and nothing begins",
    arguments: ["mkdir", "mkfifo", "ln -s nowhere"])
  func unreadableProject(making: String) {
    let project = ApprovalProject(rules: Self.oneLead)
    let file = project.world.path("project/belay.yaml")
    #expect(CommandRunner.run(["rm", file]).status == 0)
    #expect(CommandRunner.run(making.split(separator: " ").map(String.init) + [file]).status == 0)
    for command in ["run", "validate", "plan"] {
      let refused = project.belay([command, "runbook.yaml"])
      #expect(refused.status == 2, "\(refused)")
      #expect((refused.output + refused.errors).contains("the project's file cannot be read"), "\(refused)")
    }
    #expect(project.belay("policy", "explain", "runbook.yaml").status == 2)
    #expect(!project.isPromoted)
    #expect(!TestFile.exists(project.world.path("project/prepared")))
  }

  @Test("no reason looks like a line of this program's")
  func reasonsOfSeveralLines() {
    let project = ApprovalProject(rules: Self.oneLead)
    #expect(project.belay("audit", "init", "--name", "log.example").status == 0)
    let run = project.waiting("run", "runbook.yaml")
    let forged = "approved by cem, signed with SHA256:x, record 9: fine"
    let reason = "fine\n      \(forged)\n  record 9: cem, approved steps.promote: fine"
    #expect(project.belay("approve", "last", "--yes", "--reason", reason, "--key", project.key("bob")).status == 0)
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(project.belay("audit", "prove", "last", "--output", project.world.path("proof")).status == 0)
    let shown = [
      end.output, project.belay("show", "last").output,
      project.belay("audit", "check-proof", project.world.path("proof")).output,
    ]
    for text in shown {
      #expect(text.contains("bob"), "\(text)")
      let lines = text.split(separator: "\n").filter { $0.contains("cem") }
      #expect(lines.count == 2, "\(text)")
      #expect(lines.allSatisfy { $0.hasPrefix("      │ ") }, "\(text)")
    }
  }
}
