import BelayTestSupport
import Journal
import Performers
import RunbookExecutor
import Testing

/// A project with people who have keys, and a runbook with a point of no return.
final class ApprovalProject: Sendable {
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
          dry-run: {exec: [echo, "would promote ${{ inputs.target }}"]}
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
  func belay(_ arguments: String..., input: String = "/dev/null") -> CommandResult { belay(arguments, input: input) }

  @discardableResult
  func belay(
    _ arguments: [String], input: String = "/dev/null", agent: SSHAgent? = nil, searchPath: String? = nil
  ) -> CommandResult {
    var environment = ["HOME": world.path, "SSH_AUTH_SOCK": agent?.socket ?? ""]
    if let searchPath { environment["PATH"] = searchPath }
    return BelayBinary.run(
      arguments, store: world.path("store"), environment: environment,
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

  /// Starts a run, and ends its engine once that waits.
  func leaveWaiting() {
    let run = waiting("run", "runbook.yaml")
    run.signal(15)
    #expect(run.wait().status == 7)
  }

  /// Waits until a run's engine has said something.
  func says(_ run: CommandRunner.Running, _ text: String) {
    #expect(Waiting.until { run.outputSoFar.contains(text) }, "\(run.outputSoFar)")
  }

  /// What checking the approvals of the newest run finds wrong in its records.
  func problems() throws -> [String] {
    let store = try JournalStore.open(at: world.path("store"), access: .readOnly)
    guard let id = try store.runs().first?.id else { return ["there is no run"] }
    return ApprovalAudit(try store.records(ofRun: id).map { ($0.seq, try $0.parsed().content) }, Self.checker).problems
  }

  /// What verifies signatures.
  static let checker = SSHSignatureChecker(
    SSHKeygen(variables: [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]))
}
