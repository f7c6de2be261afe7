import BelayTestSupport
import Testing

/// What is said about a gate while its engine is not there, or by people elsewhere.
@Suite(.enabled(if: InstalledProgram.isExpected("ssh-keygen")))
struct DistantApprovalTests {
  private static let twoLeads = "  two-leads: {effects: [irreversible], from: [lead], count: 2, within: 1h}"
  private static let oneLead = "  one-lead: {effects: [irreversible], from: [lead]}"

  @Test("what was said while no engine was there is shown, and not said again")
  func unheard() {
    let project = ApprovalProject(rules: Self.twoLeads)
    project.leaveWaiting()
    #expect(project.belay("approve", "last", "--yes", "--reason", "seen", "--key", project.key("bob")).status == 0)
    let shown = project.belay("approvals", "last").output
    #expect(shown.contains("2 of lead (two-leads): 1 more"), "\(shown)")
    #expect(shown.contains("which no engine has heard yet: seen"), "\(shown)")
    let again = project.belay("approve", "last", "--yes", "--reason", "twice", "--key", project.key("bob"))
    #expect(again.status == 2)
    #expect(again.errors.contains("they have said it already"), "\(again)")
    #expect(
      project.belay("approve", "last", "--deny", "--yes", "--reason", "no", "--key", project.key("cem")).status == 0)
    let late = project.belay("approve", "last", "--yes", "--reason", "x", "--key", project.key("ada"))
    #expect(late.errors.contains("cem has denied it already"), "\(late)")
    let end = project.belay("resume", "last")
    #expect(end.output.contains("cem denied it: no"), "\(end)")
    #expect(!project.isPromoted)
  }

  @Test("an engine that cannot verify what was said gives the reason, and the run can go on where it can be")
  func noVerifier() {
    let project = ApprovalProject(rules: Self.oneLead)
    project.leaveWaiting()
    #expect(project.belay("approve", "last", "--yes", "--reason", "seen", "--key", project.key("bob")).status == 0)
    let blind = project.belay(["resume", "last"], searchPath: project.world.path("nothing"))
    #expect(blind.status == 7, "\(blind)")
    #expect(blind.errors.contains("what was said about the approval is not counted: "), "\(blind)")
    #expect(blind.errors.contains("ssh-keygen"), "\(blind)")
    #expect(!project.isPromoted)
    #expect(project.belay("resume", "last").status == 0)
    #expect(project.isPromoted)
  }

  @Test("an answer from elsewhere says itself what was decided, and none is made that nobody could count")
  func importedAsItIs() {
    let project = ApprovalProject(rules: Self.oneLead)
    for option in [["--deny"], ["--reason", "x"], ["--key", project.key("bob")]] {
      let refused = project.belay(["approve", "--import", "answer"] + option)
      #expect(refused.errors.contains("do not go with --import"), "\(refused)")
    }
    let keyless = ApprovalProject(rules: Self.oneLead, keys: false)
    let run = keyless.waiting("run", "runbook.yaml")
    #expect(keyless.belay("approve", "last", "--request", keyless.world.path("request")).status == 0)
    let signed = keyless.belay(
      "approve", "--sign", keyless.world.path("request"), "--yes", "--reason", "x", "--key", keyless.key("bob"))
    #expect(signed.status == 2)
    #expect(signed.output.isEmpty)
    #expect(signed.errors.contains("the project names no keys"), "\(signed)")
    run.signal(15)
    #expect(run.wait().status == 7)
  }

  @Test("that the time ran out while no engine was there is said, and the next engine denies")
  func expiryUnseen() {
    let project = ApprovalProject(rules: "  quick: {effects: [irreversible], from: [lead], within: 5s}")
    project.leaveWaiting()
    #expect(Waiting.until { project.belay("approvals").output.contains("too late, gone: belay resume") })
    #expect(project.belay("approvals", "last").output.contains("which is over: it is denied"))
    let late = project.belay("approve", "last", "--yes", "--reason", "late", "--key", project.key("bob"))
    #expect(late.status == 2)
    #expect(late.errors.contains("it is too late: the wait was over at "), "\(late)")
    let end = project.belay("resume", "last")
    #expect(end.status == 1, "\(end)")
    #expect(end.output.contains("nobody approved it in time"), "\(end)")
    #expect(project.belay("approvals").output == "no run waits for an approval\n")
  }

  @Test("what is asked and what is answered travel as blocks, and no engine need be there")
  func elsewhere() throws {
    let project = ApprovalProject(rules: Self.oneLead)
    #expect(project.belay("run", "runbook.yaml", "--dry-run").status == 0)
    let run = project.waiting("run", "runbook.yaml")
    let request = project.world.path("request")
    #expect(project.belay("approve", "last", "--request", request).status == 0)
    let answer = project.belay(
      "approve", "--sign", request, "--yes", "--reason", "from afar", "--key", project.key("bob"))
    #expect(answer.status == 0, "\(answer)")
    #expect(answer.errors.contains("touch 'promoted db 1'"), "the approver is shown what is asked")
    #expect(answer.errors.contains("│ would promote db 1"), "and what the dry run found: \(answer)")
    run.signal(15)
    #expect(run.wait().status == 7)
    // As it comes out of a mail.
    let asked = (project.world.read("request") ?? "").split(separator: "\n").map { "> \($0)\n" }.joined()
    let quoted = asked + "Hello,\n\n" + answer.output.split(separator: "\n").map { "> \($0)\r\n" }.joined() + "\nbye\n"
    project.world.write("answer", quoted)
    let taken = project.belay("approve", "--import", "-", input: project.world.path("answer"))
    #expect(taken.status == 0, "\(taken)")
    #expect(taken.output.contains("no engine is there to hear it: belay resume"))
    let end = project.belay("resume", "last")
    #expect(end.status == 0, "\(end)")
    #expect(project.isPromoted)
    #expect(try project.problems() == [])
    // A request that was changed on the way asks for nothing.
    let lines = (project.world.read("request") ?? "").split(separator: "\n").map(String.init)
    project.world.write("changed", (lines.prefix(3) + lines.dropFirst(4)).joined(separator: "\n") + "\n")
    let changed = project.belay(
      "approve", "--sign", project.world.path("changed"), "--yes", "--reason", "x", "--key", project.key("bob"))
    #expect(changed.status == 2)
    #expect(changed.output.isEmpty)
  }
}
