import BelayTestSupport
import Expressions
import RunEngine
import RunbookParser
import Testing

@Suite("3 `on`, and the doubt that a lost connection leaves")
struct PlaceTests {
  private static func program(on place: Place) -> Program {
    var program = Program.words("do", "promote")
    program.place = place
    return program
  }

  private static func step(on place: Place, _ change: (inout PlannedStep) -> Void = { _ in }) -> StepSketch {
    StepSketch("promote", .change, .program(program(on: place))) { step in
      step.rollback = .actions([UndoAction(.program(.words("undo", "promote")))])
      change(&step)
    }
  }

  private static let pod: Place = {
    var pod = Place.Pod(target: template("deployment/${{ 'a' + 'pi' }}"))
    pod.namespace = .literal("shop")
    pod.container = .literal("app")
    pod.context = .literal("test")
    return .pod(pod)
  }()

  private static func template(_ source: String) -> Text {
    switch TemplateText.parse(source) {
    case .success(let template): .template(template)
    case .failure(let errors): preconditionFailure("\(errors)")
    }
  }

  private static func place(_ run: ScenarioRun) -> ResolvedPlace? {
    for case .performed(.start(let request), _, _) in run.simulator.entries {
      if case .program(let program) = request.action { return program.place }
    }
    return nil
  }

  @Test("a place is worked out, and stands in the record of the intent")
  func placesAreResolved() {
    let run = Scenario([Self.step(on: Self.pod)]).play()
    #expect(run.outcome == .succeeded)
    #expect(
      Self.place(run)
        == .pod(ResolvedPlace.Pod(target: "deployment/api", namespace: "shop", container: "app", context: "test")))
    #expect(run.violations == [])
    let other = Scenario([Self.step(on: .ssh(.literal("root@db1")))]).play()
    #expect(Self.place(other) == .ssh("root@db1"))
    #expect(other.violations == [])
  }

  @Test("a name that would be taken for an option starts nothing", arguments: ["-oProxyCommand=x", "", "a b"])
  func optionsAreRefused(name: String) {
    for place in [Place.ssh(Self.template("${{ '\(name)' }}")), .pod(.init(target: Self.template("${{ '\(name)' }}")))]
    {
      let run = Scenario([Self.step(on: place)]).play()
      #expect(run.outcome == .failed)
      #expect(run.starts.isEmpty)
    }
  }

  @Test("a change whose answer was lost is in doubt, and is undone")
  func lostChangesAreInDoubt() {
    let run = Scenario([Self.step(on: Self.pod)]).at("steps.promote", .unanswered).play()
    #expect(run.outcome == .rolledBack)
    guard case .failed(_, inDoubt: true)? = run.end(of: "promote") else {
      Issue.record("\(String(describing: run.end(of: "promote")))")
      return
    }
    #expect(run.violations == [])
  }

  @Test("it is repeated only where `applied` says no")
  func lostChangesAreSettledBeforeARetry() {
    let retried = Self.step(on: Self.pod) { step in
      step.retry = Retry(attempts: 2)
      step.applied = .asking()
    }
    let run = Scenario([retried]).at("steps.promote", .unanswered, .exit(0)).play()
    #expect(run.outcome == .succeeded)
    #expect(run.probes.first == "steps.promote.applied")
    #expect(run.starts == ["promote", "promote"])
    let done = Scenario([retried]).at("steps.promote", Behaviour(.unanswered, effectAfter: 0)).play()
    #expect(done.outcome == .succeeded)
    #expect(done.starts == ["promote"])
  }

  @Test("an undo whose answer was lost is settled by its verification")
  func lostUndosAreSettled() {
    let steps = [
      StepSketch.change("promote") { step in
        var undo = UndoAction(.program(Self.program(on: Self.pod)))
        undo.verify = [.asking()]
        step.rollback = .actions([undo])
      },
      StepSketch.change("repoint"),
    ]
    let run = Scenario(steps).at("steps.repoint", .exit(1))
      .at("steps.promote.rollback", Behaviour(.unanswered, effectAfter: 0)).play()
    #expect(run.undo(of: "promote") == .undone)
    #expect(run.outcome == .rolledBack)
  }
}
