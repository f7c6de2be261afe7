import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("Approvals")
struct GateTests {
  private static let policy = Policy(
    people: ["alice", "bob", "carol", "dan"].map { Policy.Person(name: $0, login: $0) },
    roles: [
      Policy.Role(name: "lead", people: ["alice", "bob", "carol"]), Policy.Role(name: "dba", people: ["carol", "dan"]),
    ])

  private static func gated(
    _ count: Int = 1, of roles: [String] = ["lead"], within: Int64? = nil, excluding: String? = nil
  ) -> (inout PlannedStep) -> Void {
    {
      $0.approval = Approval(
        demands: [Approval.Demand(roles: roles, count: count)], within: within, excludesStarter: excluding)
    }
  }

  private static func scenario(
    _ steps: [StepSketch], keys: Bool = false, _ change: (inout RunPlan) -> Void = { _ in }
  ) -> Scenario {
    Scenario(steps) {
      $0.policy = policy
      if keys { $0.policy?.keys = PolicyKeys(allowedSigners: "…") }
      $0.onFailure = .rollback
      change(&$0)
    }
  }

  @Test("a step waits, attended or not, until so many of its roles have said yes")
  func quorum() {
    let run = Self.scenario([.change("prepare"), .change("promote", Self.gated(2)), .observe("after")])
      .votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("dan"), SimulatedVote("bob", after: 5000)]).play()
    #expect(run.outcome == .succeeded)
    #expect(run.reports == ["promote: what dan (unproven) said does not count: it takes lead"])
    #expect(run.took >= 5000)
    #expect(run.violations == [])
    let waiting = Self.scenario([.change("promote", Self.gated(2))]).votes("steps.promote", [SimulatedVote("alice")])
      .play()
    #expect(waiting.end == .waiting)
    #expect(waiting.starts.isEmpty)
  }

  @Test("one denial ends it, and the step's policy applies")
  func denial() {
    let run = Self.scenario([.change("prepare"), .change("promote", Self.gated(2))])
      .votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("bob", approves: false, after: 20)]).play()
    #expect(run.failure(of: "promote") == .denied)
    #expect(run.message(of: "promote") == "bob (unproven) denied it: not now")
    #expect(run.outcome == .rolledBack)
    #expect(run.starts == ["prepare", "undo prepare"])
    let first = Self.scenario([.change("promote", Self.gated())])
      .votes("steps.promote", [SimulatedVote("bob", approves: false)]).play()
    #expect(first.outcome == .denied)
    // Who may not say yes may not say no either.
    let stranger = Self.scenario([.change("promote", Self.gated())])
      .votes("steps.promote", [SimulatedVote("dan", approves: false), SimulatedVote("bob", after: 20)]).play()
    #expect(stranger.outcome == .succeeded)
  }

  @Test("all that is asked for must be there; one person may count for several roles")
  func demands() {
    let step = StepSketch.change("promote") {
      $0.approval = Approval(demands: [.init(roles: ["lead"], count: 2), .init(roles: ["dba"], rule: "database")])
    }
    let carol = Self.scenario([step]).votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("carol")]).play()
    #expect(carol.outcome == .succeeded)
    let leads = Self.scenario([step]).votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("bob")]).play()
    #expect(leads.end == .waiting)
  }

  @Test("nobody counts twice, and no key does")
  func distinct() {
    let twice = Self.scenario([.change("promote", Self.gated(2))], keys: true)
      .votes("steps.promote", [SimulatedVote("alice", key: "SHA256:a"), SimulatedVote("alice", key: "SHA256:b")]).play()
    #expect(twice.end == .waiting)
    #expect(twice.reports == ["promote: what alice said does not count: they have said it already"])
    let shared = Self.scenario([.change("promote", Self.gated(2))], keys: true)
      .votes("steps.promote", [SimulatedVote("alice", key: "SHA256:a"), SimulatedVote("bob", key: "SHA256:a")]).play()
    #expect(shared.end == .waiting)
    #expect(shared.reports == ["promote: what bob said does not count: somebody else has signed with the same key"])
  }

  @Test("where the project names keys, a login name is nobody's yes")
  func unsigned() {
    let run = Self.scenario([.change("promote", Self.gated())], keys: true)
      .votes("steps.promote", [SimulatedVote("alice")]).play()
    #expect(run.end == .waiting)
    #expect(run.reports == ["promote: what alice (unproven) said does not count: it is not signed"])
  }

  @Test("what is no vote is recorded with its reason, and said once")
  func noVote() {
    let gate = EffectID(step: StepIndex(0), slot: .confirmation, serial: 1)
    let refused = RunEvent.voteRefused(gate, VoidVote(record: 2, reason: "it is for another run"), by: "mallory")
    let run = Self.scenario([.change("promote", Self.gated(2))]).votes("steps.promote", [SimulatedVote("alice")])
      .event(refused, after: 20).event(refused, after: 30).play()
    #expect(run.reports == ["promote: what mallory said does not count: it is for another run"])
    #expect(run.end == .waiting)
    #expect(run.violations == [])
  }

  @Test("who started the run is no approver where a rule says so, by name or by key")
  func starter() {
    var scenario = Self.scenario([.change("promote", Self.gated(excluding: "four-eyes"))], keys: true)
      .votes(
        "steps.promote",
        [
          SimulatedVote("alice", key: "SHA256:other"), SimulatedVote("bob", key: "SHA256:a", after: 20),
          SimulatedVote("carol", key: "SHA256:c", after: 40),
        ])
    scenario.starter = ProvenStarter(person: "alice", fingerprint: "SHA256:a", statement: "", signature: "")
    let run = scenario.play()
    #expect(
      run.reports == [
        "promote: what alice said does not count: they started the run (four-eyes)",
        "promote: what bob said does not count: they started the run (four-eyes)",
      ])
    #expect(run.outcome == .succeeded)
    #expect(run.violations == [])
    scenario.starter = nil
    #expect(scenario.play().end == .waiting)
  }

  @Test("a run whose starter must be known does not begin without a proof, nor for somebody without the role")
  func mayStart() {
    let plan = RunPlan.of([.change("promote", Self.gated(excluding: "four-eyes"))]) { $0.policy = Self.policy }
    let alice = ProvenStarter(person: "alice", fingerprint: "SHA256:a", statement: "", signature: "")
    #expect(RunState.refusal(ofStarting: plan, by: "alice", nil)?.contains("four-eyes") == true)
    #expect(RunState.refusal(ofStarting: plan, by: "alice", alice) == nil)
    let bounded = RunPlan.of([.change("promote")]) {
      $0.policy = Self.policy
      $0.policy?.starts = [StartRule(name: "by-dba", roles: ["dba"])]
    }
    #expect(
      RunState.refusal(ofStarting: bounded, by: "bob", nil) == "bob may not start it: by-dba asks for dba")
    #expect(RunState.refusal(ofStarting: bounded, by: "dan", nil) == nil)
    #expect(RunState.refusal(ofStarting: bounded, by: "dan", alice)?.hasPrefix("alice may not") == true)
    #expect(RunState.refusal(ofStarting: bounded, by: "eve", nil)?.contains("whom the project does not know") == true)
  }

  @Test("time running out denies; what was said in time counts, though an engine hears it later")
  func expiry() {
    let late = Self.scenario([.change("promote", Self.gated(2, within: 1000))])
      .votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("bob", after: 1500)]).play()
    #expect(late.failure(of: "promote") == .denied)
    #expect(late.message(of: "promote") == "alice (unproven) alone approved it in time")
    #expect(late.took == 1000)
    let gone = Self.scenario([.change("promote", Self.gated(within: 1000))])
      .votes("steps.promote", [SimulatedVote("alice", after: 900)]).event(.terminated, after: 100).play()
    #expect(gone.end == .paused(.terminated))
    #expect(gone.then(.resume, after: 3_600_000).outcome == .succeeded)
    let silent = Self.scenario([.change("promote", Self.gated(within: 1000))]).event(.terminated, after: 100).play()
    #expect(silent.then(.resume, after: 3_600_000).failure(of: "promote") == .denied)
    #expect(silent.violations == [])
  }

  @Test("votes outlive engines, and are verified again right before the step")
  func verification() {
    let run = Self.scenario([.change("promote", Self.gated(2))])
      .votes("steps.promote", [SimulatedVote("alice")], [SimulatedVote("bob")]).event(.terminated, after: 100).play()
    #expect(run.then(.resume).outcome == .succeeded)
    var scenario = Self.scenario([.change("promote", Self.gated(2))])
      .votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("bob")], [SimulatedVote("carol")])
    scenario.voided = ["alice"]
    let void = scenario.play()
    #expect(
      void.reports == [
        "promote: what alice said does not count any more: the key was revoked",
        "promote waits for 1 of lead: belay approve abcdefghijkl promote --reason …",
      ])
    #expect(void.outcome == .succeeded)
    #expect(void.violations == [])
    scenario.votes["steps.promote"]?.removeLast()
    #expect(scenario.play().end == .waiting)
  }

  @Test("preconditions are looked at again after the wait, and what was approved is what is done")
  func afterwards() {
    let step = StepSketch.change("promote") {
      Self.gated()(&$0)
      $0.preconditions = [Precondition(check: .asking("lag"))]
      $0.confirm = Confirmation(message: .literal("go?"))
    }
    let run = Self.scenario([step]).votes("steps.promote", [SimulatedVote("alice")])
      .person("steps.promote", .yes).play()
    #expect(run.outcome == .succeeded)
    #expect(run.questions == ["steps.promote", "steps.promote"], "the confirmation comes first, then the gate")
    #expect(run.probes.count == 3)
    let changed = Self.scenario([step]).votes("steps.promote", [SimulatedVote("alice")])
      .person("steps.promote", .yes).at("steps.promote.preconditions.0", .exit(0), .exit(0), .exit(1)).play()
    #expect(changed.failure(of: "promote") == .unmet)
    #expect(changed.starts.isEmpty)
  }

  @Test("a denial that was recorded behind the last yes it took ends it before the step begins")
  func denialBehind() {
    let run = Self.scenario([.change("promote", Self.gated())])
      .votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("bob", approves: false, after: 10)]).play()
    #expect(run.message(of: "promote") == "bob (unproven) denied it: not now")
    #expect(run.starts.isEmpty)
    let stranger = Self.scenario([.change("promote", Self.gated())])
      .votes("steps.promote", [SimulatedVote("alice"), SimulatedVote("dan", approves: false, after: 10)]).play()
    #expect(stranger.outcome == .succeeded, "who may not say yes may not say no")
  }

  @Test("what stands inside an approved step is verified by the engine that begins it, and not begun where it is void")
  func insideOnResume() {
    let each = ForEach(
      list: expression("['a', 'b', 'c']"), limit: 1, template: StepSketch.change("shift") { $0.repeatable = true }.step)
    let repetition = StepSketch("shift", .change, .forEach(each)) { Self.gated()(&$0) }
    var scenario = Self.scenario([repetition]).votes("steps.shift", [SimulatedVote("alice")])
      .at("steps.shift[1]", .exit(0, takes: 500)).event(.terminated, after: 300)
    let run = scenario.play()
    #expect(run.end == .paused(.terminated))
    #expect(run.then(.resume).outcome == .succeeded)
    #expect(run.violations == [])
    scenario.voidedLater = ["alice"]
    let void = scenario.play()
    void.then(.resume)
    #expect(void.violations == [])
    #expect(!void.starts.contains("shift[2]"), "\(void.starts)")
    #expect(void.outcome == .rolledBack)
  }

  @Test("a choice that ends the run asks nobody any more")
  func endedByChoice() {
    let decision = Decision(question: .literal("which?"), options: [.init(id: "stop", endsRun: true)])
    let run = Self.scenario([
      .change("promote", needs: [], Self.gated()), StepSketch("decide", .observe, .decide(decision), needs: []),
    ]).person("steps.decide", .choice("stop")).play()
    #expect(run.outcome == .succeeded)
    #expect(run.starts.isEmpty)
    #expect(run.violations == [])
  }

  @Test("a step that was tried before is asked about at its gate again, and not at its preconditions")
  func retried() {
    let step = StepSketch.change("promote") {
      Self.gated()(&$0)
      $0.preconditions = [Precondition(check: .asking("lag"), otherwise: .skip)]
      $0.retry = Retry(attempts: 3)
      $0.retry?.delay = 1000
      $0.repeatable = true
    }
    var scenario = Self.scenario([step]).votes("steps.promote", [SimulatedVote("alice")], [SimulatedVote("bob")])
      .at("steps.promote", .exit(1), .exit(0)).at("steps.promote.preconditions.0", .exit(0), .exit(0), .exit(1))
      .event(.terminated, after: 500)
    scenario.voidedLater = ["alice"]
    let run = scenario.play()
    #expect(run.then(.resume, after: 5000).outcome == .succeeded, "\(run.reports)")
    #expect(run.starts == ["promote", "promote"])
    #expect(run.violations == [])
  }

  @Test("before a step is tried again what was said is verified once more, by the same engine too")
  func triedAgain() {
    let step = StepSketch.change("promote") {
      Self.gated()(&$0)
      $0.retry = Retry(attempts: 3)
      $0.repeatable = true
    }
    var scenario = Self.scenario([step]).votes("steps.promote", [SimulatedVote("alice")], [SimulatedVote("bob")])
      .at("steps.promote", .exit(1), .exit(0))
    let good = scenario.play()
    #expect(good.starts == ["promote", "promote"])
    scenario.voidedLater = ["alice"]
    let run = scenario.play()
    #expect(run.questions == ["steps.promote", "steps.promote"], "it waits for others: \(run.reports)")
    #expect(run.outcome == .succeeded)
    #expect(good.violations + run.violations == [])
  }

  @Test("one gate is for all items of a repetition, and names them; a group has one for all it holds")
  func blocks() throws {
    let each = ForEach(
      list: expression("['a', 'b']"), limit: 1, template: StepSketch.change("shift").step)
    let repetition = StepSketch("shift", .change, .forEach(each)) { Self.gated()(&$0) }
    let run = Self.scenario([repetition]).votes("steps.shift", [SimulatedVote("alice")]).play()
    #expect(run.outcome == .succeeded)
    #expect(run.questions == ["steps.shift"])
    #expect(run.simulator.state.gate(of: StepIndex(0))?.request.items == [.string("a"), .string("b")])
    let group = StepSketch("group", .change, .group(Group(steps: [StepSketch.change("inner").step]))) {
      Self.gated()(&$0)
    }
    let denied = Self.scenario([group]).votes("steps.group", [SimulatedVote("alice", approves: false)]).play()
    #expect(denied.starts.isEmpty)
    #expect(denied.failure(of: "group") == .denied)
  }

  @Test("where something else fails, or the operator ends the run, nobody is waited for")
  func withdrawn() {
    let run = Self.scenario([.change("promote", needs: [], Self.gated()), .observe("fail", needs: [])])
      .at("steps.fail", .exit(1, takes: 50)).play()
    #expect(run.outcome == .failed)
    #expect(run.starts == ["fail"])
    let paused = Self.scenario([.change("promote", Self.gated())]).event(.pauseRequested, after: 10).play()
    #expect(paused.end == .paused(.requested))
    #expect(paused.then(.rollback).outcome == .failed, "nothing had started")
    #expect(paused.violations == [])
  }
}
