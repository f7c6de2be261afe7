import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.9 Background")
struct BackgroundTests {
  /// `forward` is kept for `use` and `again`; `last` needs neither.
  private static let source = """
    steps:
      - {id: before, exec: [before], rollback: {exec: [undo]}, repeatable: true}
      - {id: forward, background: true, exec: [forward], ready: {exec: [ready], every: 1s, within: 10s}}
      - {id: use, exec: [use], rollback: {exec: [undo]}, repeatable: true}
      - {id: again, exec: [again], rollback: {exec: [undo]}, repeatable: true}
      - {id: last, needs: [again], exec: [last], rollback: {exec: [undo]}, repeatable: true}
    """

  private static func scenario(_ change: (String) -> String = { $0 }) -> Scenario {
    Scenario(runbook: change(source)).at("steps.forward", .hangs())
  }

  /// What happened to the programs, in order: `+forward` for a start, `-forward` for an end.
  private static func course(_ run: ScenarioRun) -> [String] {
    run.simulator.entries.compactMap { entry in
      switch entry {
      case .performed(.start(let request), _, _): "+" + name(request.id, run)
      case .committed(.actionEnded(let id, _), _, _) where id.slot == .action || id.isUndo: "-" + name(id, run)
      default: nil
      }
    }
  }

  private static func name(_ id: EffectID, _ run: ScenarioRun) -> String {
    guard let step = id.step else { return "run" }
    return (id.isUndo ? "undo " : "") + run.simulator.state.path(of: step)
  }

  @Test("a step has succeeded once its program is ready, which goes on until nobody needs it")
  func kept() {
    let run = Self.scenario { $0.replacing("needs: [again], ", with: "needs: [before], ") }
      .at("steps.forward.ready", .exit(1), .exit(1), .exit(0)).at("steps.last", .exit(0, takes: 60_000)).play()
    #expect(run.outcome == .succeeded)
    #expect(run.probes.filter { $0 == "steps.forward.ready" }.count == 3)
    #expect(
      Self.course(run) == [
        "+before", "-before", "+forward", "+last", "+use", "-use", "+again", "-again", "-forward", "-last",
      ])
    #expect(run.violations.isEmpty)
  }

  @Test("its program is no slot's: the others get all there are")
  func slots() {
    let run = Self.scenario { "max-parallel: 1\n" + $0 }.play()
    #expect(run.outcome == .succeeded)
  }

  @Test("a program that ends before it is ready, or is not ready in time, fails its step, and is not left behind")
  func neverReady() {
    let ended = Self.scenario().at("steps.forward", .exit(3)).at("steps.forward.ready", .exit(1)).play()
    #expect(ended.failure(of: "forward") == .failed)
    #expect(ended.outcome == .rolledBack)
    #expect(ended.intents == ["before", "forward", "undo before"])
    let late = Self.scenario().at("steps.forward.ready", .exit(1)).play()
    #expect(late.failure(of: "forward") == .failed)
    #expect(Self.course(late) == ["+before", "-before", "+forward", "-forward", "+undo before", "-undo before"])
    let refused = Self.scenario().at("steps.forward", .refused).at("steps.forward.ready", .exit(1)).play()
    #expect(refused.failure(of: "forward") == .failed)
    for run in [ended, late, refused] { #expect(run.violations.isEmpty) }
  }

  @Test("dying while it is needed, it fails those in flight")
  func dies() {
    let run = Self.scenario().at("steps.forward", .exit(1, takes: 500), .hangs())
      .at("steps.use", .hangs(effect: true)).play()
    #expect(run.failure(of: "use") == .failed)
    #expect(run.outcome == .rolledBack)
    #expect(
      Self.course(run) == [
        "+before", "-before", "+forward", "+use", "-forward", "-use", "+forward", "+undo use", "-undo use", "-forward",
        "+undo before", "-undo before",
      ])
    #expect(run.violations.isEmpty)
  }

  @Test("what begins after it died gets it started again")
  func startedAgain() {
    let run = Self.scenario { $0.replacing("{id: use, exec", with: "{id: use, on-failure: continue, exec") }
      .at("steps.forward", .exit(1, takes: 500), .hangs()).at("steps.use", .hangs()).play()
    #expect(run.failure(of: "use") == .failed)
    #expect(run.status("last") == .succeeded)
    #expect(run.outcome == .failed, "a step failed under `continue`")
    #expect(run.starts.filter { $0 == "forward" }.count == 2)
    #expect(run.violations.isEmpty)
  }

  @Test("it is started again before an action whose gate was open when it died")
  func gate() {
    let run = Self.scenario { $0.replacing("{id: use, exec", with: "{id: use, confirm: go, exec") }
      .person("steps.use", .yes).at("steps.forward", .exit(1, takes: 500), .hangs()).play()
    #expect(run.outcome == .succeeded)
    #expect(run.starts == ["before", "forward", "forward", "use", "again", "last"])
    #expect(run.questions == ["steps.use"])
    #expect(run.violations.isEmpty)
  }

  @Test("it is there again, and ready, before the undo of a step that needs it")
  func undo() {
    let run = Self.scenario().at("steps.last", .exit(1)).play()
    #expect(
      Self.course(run) == [
        "+before", "-before", "+forward", "+use", "-use", "+again", "-again", "+last", "-last", "+undo last",
        "-undo last", "+undo again", "-undo again", "+undo use", "-undo use", "-forward", "+undo before",
        "-undo before",
      ])
    let requested = Self.scenario().play()
    requested.then(.rollback)
    #expect(requested.outcome == .rolledBack)
    #expect(
      Self.course(requested).suffix(10)
        == [
          "-forward", "+forward", "+undo last", "-undo last", "+undo again", "-undo again", "+undo use", "-undo use",
          "-forward", "+undo before",
        ].suffix(10) || Self.course(requested).filter { $0 == "+forward" }.count == 2)
    #expect(run.violations.isEmpty && requested.violations.isEmpty)
  }

  @Test("an undo whose program does not come back has failed, and holds back what its step needs")
  func undoWithout() {
    let run = Self.scenario().at("steps.forward", .hangs(), .refused).at("steps.forward.ready", .exit(0), .exit(1))
      .play()
    #expect(run.outcome == .succeeded)
    run.then(.rollback)
    #expect(run.outcome == .rollbackIncomplete)
    guard case .failed = run.undo(of: "last") else {
      Issue.record("\(String(describing: run.undo(of: "last")))")
      return
    }
    guard case .heldBack = run.undo(of: "before") else {
      Issue.record("\(String(describing: run.undo(of: "before")))")
      return
    }
    #expect(run.violations.isEmpty)
  }

  @Test("an engine that takes the run over starts it again first")
  func resumed() {
    let run = Self.scenario().dies(.beforeEnd("use")).play()
    run.then(.resume)
    #expect(run.outcome == .succeeded)
    #expect(run.starts == ["before", "forward", "use", "forward", "use", "again", "last"])
    #expect(run.violations.isEmpty)
  }

  @Test("an engine that takes over while nobody needs it any more does not")
  func resumedLater() {
    let run = Self.scenario { $0.replacing("needs: [again]", with: "needs: [before]") }
      .at("steps.last", .exit(0, takes: 60_000), .exit(0)).dies(.beforeEnd("last")).play()
    run.then(.resume)
    #expect(run.outcome == .succeeded)
    #expect(run.starts.filter { $0 == "forward" }.count == 1)
  }

  @Test("TERM ends it, a pause does once what is in flight has ended, and the next engine goes on")
  func paused() {
    for event in [RunEvent.terminated, .pauseRequested, .detached] {
      let run = Self.scenario().at("steps.use", .exit(0, takes: 2000), .exit(0)).event(event, after: 500).play()
      guard case .paused? = run.end else {
        Issue.record("\(event): \(String(describing: run.end))")
        continue
      }
      #expect(Self.course(run).filter { $0 == "-forward" }.count == 1, "\(event)")
      run.then(.resume)
      #expect(run.outcome == .succeeded, "\(event)")
      #expect(run.violations.isEmpty, "\(event): \(run.violations)")
    }
  }

  @Test("an interrupt while the next engine starts it again comes before anything else")
  func interruptedWhileStarting() {
    let run = Self.scenario().at("steps.use", .hangs(effect: true)).dies(.beforeEnd("use")).event(
      .terminated, after: 500
    )
    .play()
    run.then(.resume)
    run.now("steps.forward.ready", .exit(1), .exit(1), .exit(1), .exit(1), .exit(0))
    run.then(.resume, events: [(.operatorInterrupted, 2500)])
    #expect(run.outcome == .rolledBack)
    #expect(run.cause == .operator)
    #expect(run.violations.isEmpty)
  }

  @Test("in a group it is kept for the group alone, and for what stands inside the steps that need it")
  func groups() {
    let run = Scenario(
      runbook: """
        steps:
          - id: outer
            steps:
              - {id: forward, background: true, exec: [forward], ready: {exec: [ready]}}
              - id: inner
                steps:
                  - {id: use, exec: [use], effect: observe}
          - {id: after, exec: [after], effect: observe}
        """
    ).at("steps.outer/forward", .hangs()).play()
    #expect(run.outcome == .succeeded)
    #expect(run.starts == ["outer/forward", "outer/inner/use", "after"])
    #expect(run.violations.isEmpty)
  }

  @Test("a dry run keeps it really, for what it observes is looked at really")
  func evidence() {
    let plan = Self.scenario().plan
    #expect(plan.steps[1].effect == .observe)
    #expect(plan.steps[1].ready?.within == 10_000)
  }
}

extension EffectID {
  fileprivate var isUndo: Bool { if case .undo = slot { true } else { false } }
}
