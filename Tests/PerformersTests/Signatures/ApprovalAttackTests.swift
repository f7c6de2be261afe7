import BelayTestSupport
import Journal
import Performers
import RunEngine
import RunbookExecutor
import RunbookParser
import Testing

/// What is no approval, however it is signed: each way of replaying one, with real keys.
@Suite(.enabled(if: SigningDesk.isExpected))
struct ApprovalAttackTests {
  /// A store with two runs of one plan that wait, and the keys of their people.
  private final class Scene: Sendable {
    static let names = ["ann", "ben"]
    let desk = SigningDesk()
    let store: JournalStore
    let policy: Policy
    let gate: GateDescription
    let otherGate: GateDescription
    let otherRun: GateDescription

    init(revoked: String? = nil, allowed: ((String) -> String)? = nil) throws {
      for name in Self.names { desk.makeKey(name) }
      store = try JournalStore.open(at: desk.directory.path("store"), access: .readWrite)
      let desk = desk
      let lines = Self.names.map { "\($0)@example.com \(desk.publicKey($0))\n" }.joined()
      policy = Policy(
        people: Self.names.map { Policy.Person(name: $0, login: $0, principal: "\($0)@example.com") },
        roles: [Policy.Role(name: "lead", people: Self.names)],
        keys: PolicyKeys(allowedSigners: allowed?(lines) ?? lines, revoked: revoked))
      (gate, otherGate) = try Self.gates("aaaaaaaaaaaa", policy)
      (otherRun, _) = try Self.gates("bbbbbbbbbbbb", policy)
    }

    deinit { store.close() }

    /// The two gates of a run.
    private static func gates(_ run: String, _ policy: Policy) throws -> (GateDescription, GateDescription) {
      let approval = Approval(demands: [Approval.Demand(roles: ["lead"])], within: 60_000)
      let plan = RunPlan.of([
        .change("one", needs: []) { $0.approval = approval }, .change("two", needs: []) { $0.approval = approval },
      ]) { $0.policy = policy }
      var state = RunState(RunStart(id: run, operatorName: "ann", plan: plan), at: SigningDesk.noon)
      var queue: [RunEvent] = [.engineStarted(EngineStart(epoch: 1, purpose: .run, attended: false))]
      while let event = queue.first {
        queue.removeFirst()
        for case .record(let decision) in try state.apply(event, at: SigningDesk.noon) { queue.append(decision) }
      }
      let gates = state.openGates.map { GateDescription($0.gate, of: $0.step, in: state) }
      return (gates[0], gates[1])
    }

    func statement(_ gate: GateDescription, _ change: (inout ApprovalStatement) -> Void = { _ in }) throws
      -> ApprovalStatement
    {
      let head = try #require(try store.treeHead())
      var statement = ApprovalStatement(
        gate, approves: true, reason: "it is right", time: SigningDesk.noon, nonce: "00", dryRun: nil,
        log: ApprovalStatement.LogHead(size: head.size, root: head.root.base64))
      change(&statement)
      return statement
    }

    func sign(
      _ text: String, _ name: String = "ann", namespace: String = ApprovalStatement.namespace
    ) throws -> Ballot {
      let signature = try desk.keygen.sign(Array(text.utf8), namespace: namespace, key: desk.directory.path(name))
      return Ballot(login: "mallory", statement: text, signature: signature)
    }

    /// What a ballot comes to at the gate; who, or why not.
    func read(
      _ ballot: Ballot, _ gate: GateDescription? = nil, at time: Int64 = SigningDesk.noon,
      policy: Policy? = nil, project: PolicyMark? = nil, now: String? = nil
    ) -> String {
      let count = BallotCount(
        policy: policy ?? self.policy, store: store, checker: SSHSignatureChecker(desk.keygen),
        project: project, currentPolicy: { _ in now })
      switch count.read(ballot, for: gate ?? self.gate, at: time) {
      case .vote(let person, _, _): return person
      case .void(let reason): return reason
      case .unable(let reason): return "?" + reason
      }
    }
  }

  @Test("what was signed for a gate is its signer's vote there")
  func good() throws {
    let scene = try Scene()
    let ballot = try scene.sign(try scene.statement(scene.gate).text)
    #expect(scene.read(ballot) == "ann")
    #expect(scene.read(try scene.sign(try scene.statement(scene.gate).text, "ben")) == "ben")
  }

  @Test("an approval for another run, gate, plan, input, action or end of the wait is none here")
  func replays() throws {
    let scene = try Scene()
    let text = try scene.statement(scene.gate).text
    #expect(scene.read(try scene.sign(text), scene.otherRun) == "it is for another run, aaaaaaaaaaaa")
    #expect(scene.read(try scene.sign(text), scene.otherGate) == "it is for another gate, that of steps.one")
    func changed(_ change: (inout GateDescription) -> Void) throws -> String {
      var gate = scene.gate
      change(&gate)
      return scene.read(try scene.sign(text), gate)
    }
    #expect(
      try changed { $0.plan = ($0.plan.first == "f" ? "0" : "f") + $0.plan.dropFirst() }.hasPrefix(
        "it is for another plan"))
    #expect(
      try changed { $0.inputs = ($0.inputs.first == "f" ? "0" : "f") + $0.inputs.dropFirst() }
        == "it is for other inputs")
    #expect(
      try changed { $0.action = ($0.action.first == "f" ? "0" : "f") + $0.action.dropFirst() }.hasPrefix(
        "it is for something else"))
    #expect(try changed { $0.expires = 1 }.hasPrefix("it is for something else"))
  }

  @Test("one signed for another namespace, altered afterwards, or not as this program writes it, is none")
  func altered() throws {
    let scene = try Scene()
    let text = try scene.statement(scene.gate).text
    let other = try scene.sign(text, namespace: StartStatement.namespace)
    #expect(scene.read(other).contains("it was signed for \"belay-start\""))
    var edited = try scene.sign(text)
    edited.statement = try scene.statement(scene.gate) { $0.approves = false }.text
    #expect(scene.read(edited).contains("altered"))
    #expect(scene.read(try scene.sign(text + " ")) == "it is no approval")
    #expect(
      scene.read(try scene.sign(text.replacing("\"approves\":true", with: "\"approves\": true"))) == "it is no approval"
    )
    #expect(scene.read(Ballot(login: "ann", statement: text, signature: nil)) == "it is not signed")
  }

  @Test("a key that is nobody's, two people's, revoked or out of its time gives none")
  func keys() throws {
    let scene = try Scene()
    scene.desk.makeKey("eve")
    let text = try scene.statement(scene.gate).text
    #expect(scene.read(try scene.sign(text, "eve")).contains("is nobody's who may sign"))
    // One key under two names.
    let shared = try Scene(allowed: {
      $0.split(separator: "\n").first.map { line in
        "\(line)\nben@example.com \(line.split(separator: " ").dropFirst().joined(separator: " "))\n"
      } ?? ""
    })
    let both = try shared.sign(try shared.statement(shared.gate).text)
    #expect(shared.read(both) == "its key is that of several people: ann, ben")
    let wild = try Scene(allowed: { $0.replacing("ann@example.com", with: "*@example.com") })
    #expect(wild.read(try wild.sign(try wild.statement(wild.gate).text)).contains("several people"))
    var revoking = scene.policy
    revoking.keys?.revoked = scene.desk.publicKey("ann") + "\n"
    #expect(scene.read(try scene.sign(text), policy: revoking).contains("is revoked"))
    let timed = try Scene(allowed: {
      $0.replacing("ann@example.com ", with: "ann@example.com valid-before=\"20260601120000\" ")
    })
    let ballot = try timed.sign(try timed.statement(timed.gate).text)
    #expect(timed.read(ballot) == "ann")
    #expect(timed.read(ballot, at: SigningDesk.noon + 60_000).contains("no longer valid"))
  }

  @Test(
    "a policy that was changed since the plan was made voids what was given, and one that cannot be read tells nothing")
  func changedPolicy() throws {
    let scene = try Scene()
    let ballot = try scene.sign(try scene.statement(scene.gate).text)
    let mark = PolicyMark(path: "belay.yaml", sha256: "aa")
    #expect(scene.read(ballot, project: mark, now: "aa") == "ann")
    #expect(scene.read(ballot, project: mark, now: "ab").contains("people, keys or rules were changed"))
    #expect(scene.read(ballot, project: mark, now: nil) == "?the project's file belay.yaml cannot be read")
  }

  @Test("one that saw another log, or a dry run that is not there, is none")
  func whatWasSeen() throws {
    let scene = try Scene()
    let other = try scene.statement(scene.gate) { $0.log.root = String($0.log.root.reversed()) }
    #expect(scene.read(try scene.sign(other.text)) == "the log is not the one that the approver saw")
    let longer = try scene.statement(scene.gate) { $0.log.size += 7 }
    #expect(scene.read(try scene.sign(longer.text)) == "the log is not the one that the approver saw")
    let endless = try scene.statement(scene.gate) { $0.log.size = .max }
    #expect(scene.read(try scene.sign(endless.text)) == "the log is not the one that the approver saw")
    #expect(scene.read(Ballot(login: "ann", statement: endless.text, signature: "none")).contains("malformed"))
    let dry = try scene.statement(scene.gate) {
      $0.dryRun = .init(run: "cccccccccccc", sha256: $0.gate.action, findings: $0.gate.action)
    }
    #expect(scene.read(try scene.sign(dry.text)) == "the dry run is not the one that the approver saw")
  }

  @Test("without keys a login name counts, and a signature proves nothing")
  func unproven() throws {
    let scene = try Scene()
    var policy = scene.policy
    policy.keys = nil
    let text = try scene.statement(scene.gate).text
    #expect(scene.read(Ballot(login: "ann", statement: text, signature: nil), policy: policy) == "ann")
    #expect(scene.read(Ballot(login: "root", statement: text, signature: nil), policy: policy).contains("knows nobody"))
    #expect(scene.read(try scene.sign(text), policy: policy).contains("names no keys"))
  }
}
