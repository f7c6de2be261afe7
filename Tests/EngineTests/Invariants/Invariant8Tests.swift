import BelayTestSupport
import Diagnostics
import Expressions
import Journal
import RunEngine
import RunbookExecutor
import RunbookParser
import Synchronization
import Testing

@Suite("Invariant 8: the digest is bound to the plan, the inputs and the environment")
struct Invariant8Tests {
  private static let text = """
    belay: 1
    name: switch-over
    title: Switch over
    version: 1.0.0
    owner: platform
    summary: Switches over.
    environments: [staging, production]
    inputs:
      lag: {type: int, default: 5}
    steps:
      - id: switch
        effect: change
        exec: [switch, "${{ string(inputs.lag) }}"]
        rollback:
          exec: [switch-back]
    """

  private func digest(_ text: String = Self.text, environment: String = "staging", lag: String = "5") throws -> String {
    let request = PlanRequest(environment: environment, inputs: [GivenInput(name: "lag", text: lag)])
    let compiled = RunbookCompiler.compile(
      SourceText(name: "switch-over.yaml", text: text), request: request)
    return try #require(compiled.plan?.digest, "\(compiled.diagnostics.map(\.message))")
  }

  @Test("Invariant 8: the same file and inputs give the same digest, a change of any of them another")
  func invariant8_theDigestCoversFileInputsAndEnvironment() throws {
    let first = try digest()
    #expect(first.count == 64)
    #expect(try digest() == first)
    #expect(try digest(lag: "6") != first)
    #expect(try digest(environment: "production") != first)
    #expect(try digest(Self.text.replacing("switch-back", with: "switch-over")) != first)
  }

  /// Changes of one thing each, all of which matter to somebody who approves.
  private static let changes: [(String, @Sendable (inout RunPlan) -> Void)] = [
    ("name", { $0.name = "other" }), ("title", { $0.title = "Other" }), ("version", { $0.version = "2.0.0" }),
    ("environment", { $0.environment = "production" }),
    ("input", { $0.inputs = [PlannedInput(name: "lag", type: .int(min: nil, max: nil), content: .value(.int(6)))] }),
    (
      "type of an input",
      { $0.inputs = [PlannedInput(name: "lag", type: .int(min: 1, max: nil), content: .value(.int(5)))] }
    ),
    (
      "source of a secret",
      { $0.inputs = [PlannedInput(name: "lag", type: .secret, content: .secret(.env("LAG")))] }
    ),
    ("value", { $0.values = [NamedValue(name: "host", value: .string("db"))] }),
    ("tool", { $0.tools = [ToolRequirement(name: "psql")] }), ("lock", { $0.locks = ["database"] }),
    ("concurrent", { $0.concurrent = true }), ("on-failure", { $0.onFailure = .stop }),
    ("max-parallel", { $0.maxParallel = 2 }), ("timeout", { $0.timeout = 1000 }),
    ("detached", { $0.detached = .goOn }),
    ("precondition", { $0.preconditions = [Precondition(check: .asking())] }),
    ("need", { $0.steps[1].needs = [] }), ("when", { $0.steps[1].when = expression("false") }),
    ("effect", { $0.steps[1].effect = .irreversible }),
    ("action", { $0.steps[1].action = .program(.words("do", "something", "else")) }),
    ("argument boundaries", { $0.steps[1].action = .program(.words("do b")) }),
    ("dry-run", { $0.steps[1].dryRun = .program(.words("dry")) }),
    ("precondition of a step", { $0.steps[1].preconditions = [Precondition(check: .asking())] }),
    ("expect", { $0.steps[1].expect = expression("result.exit == 3") }),
    ("applied", { $0.steps[1].applied = .asking() }), ("repeatable", { $0.steps[1].repeatable = true }),
    ("verify", { $0.steps[1].verify = [.asking()] }),
    ("rollback", { $0.steps[1].rollback = .none(because: "it is harmless", mendedBy: nil) }),
    ("confirm", { $0.steps[1].confirm = Confirmation(message: .literal("go?")) }),
    ("approval", { $0.steps[1].approval = Approval(demands: [Approval.Demand(roles: ["lead"])]) }),
    ("people", { $0.policy = Policy(people: [Policy.Person(name: "alice", login: "alice")]) }),
    ("keys", { $0.policy = Policy(keys: PolicyKeys(allowedSigners: "alice ssh-ed25519 AAAA")) }),
    ("revoked keys", { $0.policy = Policy(keys: PolicyKeys(allowedSigners: "", revoked: "ssh-ed25519 AAAA")) }),
    ("rule about starts", { $0.policy = Policy(starts: [StartRule(name: "by-dba", roles: ["dba"])]) }),
    (
      "rule about approvals",
      { $0.policy = Policy(approvals: [ApprovalRule(name: "two", effects: [.change], demand: nil)]) }
    ),
    ("retry", { $0.steps[1].retry = Retry(attempts: 2) }), ("timeout of a step", { $0.steps[1].timeout = 5 }),
    ("on-failure of a step", { $0.steps[1].onFailure = .ask }), ("finally", { $0.finally = [$0.steps[0]] }),
    ("order", { $0.steps.swapAt(0, 2) }),
  ]

  @Test("Invariant 8: whatever of a plan is changed, its digest changes", arguments: changes.indices)
  func invariant8_everyPartOfThePlanCounts(place: Int) {
    let plan = RunPlan.of([.observe("a"), .change("b"), .observe("c", needs: [])]) {
      $0.inputs = [PlannedInput(name: "lag", type: .int(min: nil, max: nil), content: .value(.int(5)))]
      $0.environment = "staging"
    }
    let (name, change) = Self.changes[place]
    var other = plan
    change(&other)
    #expect(other.sealedForTests().digest != plan.digest, "\(name)")
  }

  @Test("Invariant 8: random plans keep their digest through a journal, and no two share one")
  func invariant8_digestsAreKeptAndTellPlansApart() {
    var digests: Set<String> = []
    for seed in UInt64(0)..<300 {
      let plan = RandomPlan.make(seed: seed)
      #expect(plan.sealedForTests() == plan)
      digests.insert(plan.digest)
    }
    #expect(digests.count > 295, "one step with a single word may come twice")
  }

  @Test("Invariant 8: no step begins without the approvals it needs, verified by the engine that begins it")
  func invariant8_noStepBeginsUnapproved() {
    let policy = Policy(
      people: ["alice", "bob", "carol"].map { Policy.Person(name: $0, login: $0) },
      roles: [Policy.Role(name: "lead", people: ["alice", "bob", "carol"])])
    let step = StepSketch.change("promote") {
      $0.approval = Approval(demands: [Approval.Demand(roles: ["lead"], count: 2)], excludesStarter: "four-eyes")
      $0.applied = .asking("applied")
    }
    var scenario = Scenario([step]) { $0.policy = policy }
      .votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("bob"), SimulatedVote("bob", after: 20)])
    scenario.starter = ProvenStarter(person: "alice", fingerprint: "SHA256:a", statement: "", signature: "")
    let alone = scenario.play()
    #expect(alone.starts.isEmpty, "of who started it and one who says it twice, one counts")
    scenario = scenario.votes("steps.promote", [SimulatedVote("bob"), SimulatedVote("carol")])
    let killed = scenario.dies(.afterIntent("promote")).at("steps.promote.applied", .exit(1)).play()
    #expect(killed.starts.isEmpty)
    killed.then(.resume)
    #expect(killed.starts == ["promote"])
    #expect(killed.violations == [])
    let denied = scenario.votes(
      "steps.promote", [SimulatedVote("bob"), SimulatedVote("carol"), SimulatedVote("bob", approves: false)]
    ).play()
    #expect(denied.starts.isEmpty, "a no that is recorded behind the last yes counts")
    var confirmed = Scenario([
      .change("promote") {
        $0.approval = Approval(demands: [Approval.Demand(roles: ["lead"])])
        $0.confirm = Confirmation(message: .literal("go?"))
      }
    ]) { $0.policy = policy }
    confirmed = confirmed.person("steps.promote", .yes)
    #expect(confirmed.play().starts.isEmpty, "a confirmation is no approval")
    scenario.voided = ["bob"]
    let void = scenario.play()
    #expect(void.starts.isEmpty)
    #expect(void.violations == [])
  }

  @Test("Invariant 8: a run goes on with the plan of its first record, and every record names its digest")
  func invariant8_aResumedRunUsesItsFirstRecord() throws {
    let folder = TemporaryDirectory()
    let store = try JournalStore.open(at: folder.path("store"), access: .readWrite)
    defer { store.close() }
    let plan = RunPlan.of([.change("fence"), .manual("look"), .change("promote")])
    let rigs = Mutex<[RecordingPerformer]>([])
    func session() -> RunSession {
      RunSession(
        SessionEnvironment(
          store: store,
          makePerformer: { _, _, _ in
            let performer = RecordingPerformer(DurableEvents())
            rigs.withLock { $0.append(performer) }
            return performer
          }, observers: [], clock: LeapingClock(), inbox: Inbox(), attended: false, endSurvivors: { _, _ in true }))
    }
    let first = try session().begin(plan, operatorName: "alice", mode: .live)
    #expect(first.end == .paused(.personNeeded))
    // No file is given: there is nothing else to go on with than what the journal holds.
    let run = try #require(first.state).run.id
    let second = try #require(try session().takeOver(run, purpose: .resume).state)
    #expect(second.plan == plan)
    #expect(second.plan.digest == plan.digest)
    for record in try store.records(ofRun: run) {
      #expect(try record.parsed().content.plan == plan.digest)
    }
    rigs.withLock { #expect($0.count == 2) }
  }
}
