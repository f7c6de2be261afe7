import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.8 People")
struct PeopleTests {
  private static let decision = Decision(
    question: .literal("which?"), options: [.init(id: "one"), .init(id: "two", endsRun: true)])

  private static let needsPerson: [StepSketch] = [
    .change("confirm") { $0.confirm = Confirmation(message: .literal("go?")) }, .manual("manual"),
    StepSketch("tick", .observe, .checklist([.tick(.init(text: .literal("ready")))])),
    StepSketch("decide", .observe, .decide(decision)),
  ]

  @Test("unattended, whatever needs a person leaves the run interrupted", arguments: needsPerson.indices)
  func unattended(place: Int) {
    let run = Scenario([Self.needsPerson[place], .observe("after")]).play()
    #expect(run.end == .paused(.personNeeded))
    #expect(run.starts.isEmpty)
    #expect(run.then(.resume, attended: true).outcome == .succeeded)
    #expect(run.violations == [])
  }

  @Test("what a check's person gives can be expected, read and passed on")
  func fieldsOfChecks() {
    let source = """
      steps:
        - id: look
          check:
            manual: {text: Look, fields: {n: int}}
            expect: result.fields.n > 1
            outputs: {who: {type: string, value: result.by}}
          outputs: {twice: {type: int, value: result.fields.n * 2}, who: {type: string, value: result.outputs.who}}
        - {id: after, assert: "steps.look.outputs.twice == 4 && steps.look.outputs.who != ''"}

      """
    func play(_ n: Int64) -> ScenarioRun {
      Scenario(runbook: source).withPerson()
        .person("steps.look.items.0", PersonBehaviour(.yes(fields: [NamedValue(name: "n", value: .int(n))]))).play()
    }
    #expect(play(2).outcome == .succeeded)
    #expect(play(1).failure(of: "look") == .failed)
  }

  @Test("on a way back that nobody is there for, what a person would undo is held back, and so is what it needs")
  func heldBack() {
    let source = """
      on-failure: rollback
      steps:
        - {id: base, exec: [do], repeatable: true, rollback: {exec: [undo], repeatable: true}}
        - {id: other, needs: [], exec: [do], repeatable: true, rollback: {exec: [undo], repeatable: true}}
        - {id: asked, needs: [base], exec: [do], repeatable: true, rollback: {manual: Take it back}}
        - {id: fails, needs: [asked, other], effect: observe, exec: [fail]}

      """
    let run = Scenario(runbook: source).at("steps.fails", .exit(1)).play()
    #expect(run.outcome == .rollbackIncomplete)
    #expect(run.starts.filter { $0.hasPrefix("undo") } == ["undo other"])
    #expect(run.fate("asked") == .heldBack("a person is needed, and there is none"))
    #expect(run.fate("base") == .heldBack("asked needs it and is not undone"))
    #expect(run.fate("other") == .undone)
    let later = run.then(.rollback, attended: true)
    #expect(later.outcome == .rolledBack)
    #expect(run.violations + later.violations == [])
  }

  @Test("steps in flight come to their end before the run is left")
  func inFlight() {
    let run = Scenario([.change("slow", needs: []), .manual("ask", needs: []), .observe("later", needs: ["slow"])])
      .at("steps.slow", .exit(0, takes: 500)).play()
    #expect(run.end == .paused(.personNeeded))
    #expect(run.status("slow") == .succeeded)
    #expect(run.starts == ["slow"])
  }

  @Test("a `decide` that a `when` settles asks nobody")
  func rules() {
    var decision = Self.decision
    decision.options[0].when = expression("1 == 1")
    let run = Scenario([StepSketch("decide", .observe, .decide(decision)), .observe("after")]).play()
    #expect(run.outcome == .succeeded)
    #expect(run.questions.isEmpty)
  }

  @Test("an option that ends the run finishes it there")
  func ends() {
    let run = Scenario([StepSketch("decide", .observe, .decide(Self.decision)), .change("after")])
      .person("steps.decide", .choice("two")).play()
    #expect(run.outcome == .succeeded)
    #expect(run.starts.isEmpty)
  }

  @Test("a written `ask` leaves the run interrupted, and the next person is asked")
  func writtenAsk() {
    let run = Scenario([.change("a"), .observe("fail")]) { $0.onFailure = .ask }.at("steps.fail", .exit(1)).play()
    #expect(run.end == .paused(.personNeeded))
    run.then(.resume, attended: true)
    #expect(run.outcome == .rolledBack)
  }

  @Test("without a word on failures, a person at a terminal is asked, and off it the run rolls back")
  func defaultPolicy() {
    let scenario = Scenario([.change("a"), .observe("fail")]).at("steps.fail", .exit(1))
    #expect(scenario.play().outcome == .rolledBack)
    let attended = scenario.person("run", .choice("stop")).play()
    #expect(attended.questions == ["run"])
    #expect(attended.outcome == .stopped)
  }

  @Test("a `manual` has its `within`, engine or no engine")
  func within() {
    let scenario = Scenario([.manual("look", within: 5000)]) { $0.onFailure = .stop }.person("steps.look", nil)
    #expect(scenario.play().failure(of: "look") == .denied)
    let across = Scenario([.manual("look", within: 5000)]) { $0.onFailure = .stop }.play()
      .then(.resume, attended: false, after: 10_000)
    #expect(across.end == .ended(.denied))
    #expect(across.failure(of: "look") == .denied)
  }

  @Test("a person who says no to a `manual` fails its step")
  func refusal() {
    let run = Scenario([.manual("look")]) { $0.onFailure = .stop }.person("steps.look", .no).play()
    #expect(run.failure(of: "look") == .failed)
  }

  @Test("every item of a checklist is asked at once, and one that is not so fails it")
  func checklists() {
    let items: [ChecklistItem] = [
      .tick(.init(text: .literal("one"))), .tick(.init(text: .literal("two"))), .check(.asking()),
    ]
    let scenario = Scenario([StepSketch("list", .observe, .checklist(items))]) { $0.onFailure = .stop }
    let run = scenario.withPerson().play()
    #expect(run.outcome == .succeeded)
    #expect(run.took == 1000)
    #expect(scenario.person("steps.list.items.1", .no).play().failure(of: "list") == .failed)
    #expect(scenario.withPerson().at("steps.list.items.2", .exit(1)).play().failure(of: "list") == .failed)
  }

  @Test("in a rollback, what needs a person and has none has failed")
  func inARollback() {
    let undo = UndoAction(.manual(Manual(text: .literal("undo it by hand"))))
    let scenario = Scenario([.change("a"), .change("b") { $0.rollback = .actions([undo]) }, .observe("fail")]) {
      $0.onFailure = .rollback
    }.at("steps.fail", .exit(1))
    let alone = scenario.play()
    #expect(alone.outcome == .rollbackIncomplete)
    #expect(alone.isApplied("a"))
    let helped = scenario.withPerson().play()
    #expect(helped.outcome == .rolledBack)
    #expect(!helped.isApplied("b"))
  }

  // MARK: Roles

  private static let policy = Policy(
    people: [Policy.Person(name: "alice", login: "alice"), Policy.Person(name: "bob", login: "bob.builder")],
    roles: [Policy.Role(name: "operator", people: ["alice"]), Policy.Role(name: "lead", people: ["bob"])])

  private static func tick(_ text: String, from role: String? = nil) -> ChecklistItem {
    var tick = ChecklistItem.Tick(text: .literal(text))
    tick.from = role.map { [$0] } ?? []
    return .tick(tick)
  }

  @Test("`from` says whose answer counts: who is not of the role leaves the run interrupted")
  func roles() {
    let run = Scenario([.manual("look", from: ["lead"]), .observe("after")]) { $0.policy = Self.policy }
      .withPerson().play()
    #expect(run.end == .paused(.personNeeded))
    #expect(run.then(.resume).end == .paused(.personNeeded), "alice has not become one of them")
    #expect(run.then(.resume, as: "bob.builder").outcome == .succeeded)
    #expect(run.starts == ["after"])
    #expect(run.violations == [])
  }

  @Test("each role ticks its items of one checklist, and what was ticked stays ticked")
  func sharedChecklist() {
    let items = [Self.tick("told", from: "operator"), Self.tick("agreed", from: "lead"), Self.tick("anybody")]
    let run = Scenario([StepSketch("list", .observe, .checklist(items))]) { $0.policy = Self.policy }
      .withPerson().play()
    #expect(run.end == .paused(.personNeeded))
    #expect(run.questions == ["steps.list.items.0", "steps.list.items.1", "steps.list.items.2"])
    run.then(.resume, as: "bob.builder")
    #expect(run.questions.suffix(1) == ["steps.list.items.1"], "the others are not asked again")
    #expect(run.outcome == .succeeded)
  }

  @Test("an item that was said not to be so stays so, whoever goes on")
  func refusedItem() {
    let items = [Self.tick("told", from: "operator"), Self.tick("agreed", from: "lead")]
    let run = Scenario([StepSketch("list", .observe, .checklist(items))]) {
      $0.policy = Self.policy
      $0.onFailure = .stop
    }.withPerson().person("steps.list.items.0", .no).play()
    #expect(run.end == .paused(.personNeeded))
    #expect(run.then(.resume, as: "bob.builder").failure(of: "list") == .failed)
  }

  @Test("an answer of somebody who may not give it is worth nothing")
  func foreignAnswer() throws {
    var plan = RunPlan.of([.manual("look", from: ["lead"])])
    plan.policy = Self.policy
    var state = RunState(RunStart(id: "abcdefghijkl", operatorName: "alice", plan: plan), at: 0)
    var queue: [RunEvent] = [.engineStarted(EngineStart(epoch: 1, purpose: .run, attended: true))]
    var question: EffectID?
    while let event = queue.first {
      queue.removeFirst()
      for effect in try state.apply(event, at: 1) {
        switch effect {
        case .record(let decision): queue.append(decision)
        case .ask(let id, _): question = id
        default: break
        }
      }
    }
    let id = try #require(question)
    _ = try state.apply(.answered(id, .yes(fields: []), by: "alice", evidence: .observed), at: 2)
    #expect(state.steps[0].status != .succeeded)
    #expect(state.pause?.reason == .personNeeded)
  }

  @Test("in `finally` and on the way back nobody is waited for who is not there")
  func rolesAtTheEnd() {
    let last = Scenario([.observe("a")], finally: [.manual("sign", from: ["lead"])]) { $0.policy = Self.policy }
      .withPerson().play()
    #expect(last.failure(of: "sign") == .denied)
    var manual = Manual(text: .literal("undo it by hand"))
    manual.from = ["lead"]
    let back = Scenario([.change("a") { $0.rollback = .actions([UndoAction(.manual(manual))]) }, .observe("fail")]) {
      $0.policy = Self.policy
      $0.onFailure = .rollback
    }.withPerson().at("steps.fail", .exit(1)).play()
    #expect(back.outcome == .rollbackIncomplete)
  }
}
