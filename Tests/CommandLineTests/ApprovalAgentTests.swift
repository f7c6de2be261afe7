import BelayTestSupport
import Glibc
import Testing

/// Approvals whose keys no file holds: an agent has them, or a token behind it.
@Suite(.enabled(if: InstalledProgram.isExpected("ssh-keygen")))
struct ApprovalAgentTests {
  private static let oneLead = "  one-lead: {effects: [irreversible], from: [lead]}"

  @Test("an agent signs for the public key that is named, and for nobody once it is locked")
  func agent() throws {
    let project = ApprovalProject(rules: Self.oneLead)
    let agent = try SSHAgent()
    let run = project.waiting("run", "runbook.yaml")
    let named = ["approve", "last", "--yes", "--reason", "by agent", "--key", project.key("bob") + ".pub"]
    // The private half is nowhere but in the agent.
    try agent.add(project.key("bob"))
    unlink(project.key("bob"))
    let alone = project.belay(named)
    #expect(alone.status == 2)
    #expect(alone.errors.contains("agent"), "\(alone)")
    let signed = project.belay(named, agent: agent)
    #expect(signed.status == 0, "\(signed)")
    #expect(signed.output.contains("approved by bob, signed with SHA256:"))
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(project.isPromoted)
    #expect(project.belay("audit", "verify").status == 0)
    try agent.lock()
    let again = project.waiting("run", "runbook.yaml")
    let locked = project.belay(named, agent: agent)
    #expect(locked.status == 2, "\(locked)")
    again.signal(15)
    #expect(again.wait().status == 7)
    try agent.end()
  }

  @Test("a key in a PKCS#11 token signs", .enabled(if: SecurityToken.isExpected, "SoftHSM is not installed"))
  func token() throws {
    let token = try SecurityToken()
    let agent = try token.agent()
    let project = ApprovalProject(rules: Self.oneLead)
    let line = agent.keys.split(separator: " ").prefix(2).joined(separator: " ")
    project.world.write("project/keys/allowed", "cem@example.com \(line)\n")
    let key = project.world.write("private/token.pub", line + "\n")
    let run = project.waiting("run", "runbook.yaml")
    let signed = project.belay(
      ["approve", "last", "--yes", "--reason", "by token", "--key", key], agent: agent)
    #expect(signed.status == 0, "\(signed)")
    #expect(signed.output.contains("approved by cem, signed with SHA256:"))
    let end = run.wait()
    #expect(end.status == 0, "\(end)")
    #expect(project.isPromoted)
    try token.remove(from: agent)
    let again = project.waiting("run", "runbook.yaml")
    let gone = project.belay(["approve", "last", "--yes", "--reason", "gone", "--key", key], agent: agent)
    #expect(gone.status == 2, "\(gone)")
    again.signal(15)
    #expect(again.wait().status == 7)
    try agent.end()
  }
}
