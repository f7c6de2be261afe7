import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.13 Outcomes")
struct OutcomeTests {
  /// What leads to what.
  private static let table: [(scenario: Scenario, outcome: RunOutcome, cause: FailureCause?)] = [
    (Scenario([.change("a"), .observe("b") { $0.when = expression("false") }]), .succeeded, nil),
    (Scenario([.change("a"), .observe("fail")]).at("steps.fail", .exit(1)), .rolledBack, .failed),
    (Scenario([.observe("fail")]).at("steps.fail", .exit(1)), .failed, .failed),
    (
      Scenario([.change("a"), .observe("fail") { $0.onFailure = .continue }]).at("steps.fail", .exit(1)), .failed, nil
    ),
    (
      Scenario([.change("a")]) { $0.preconditions = [Precondition(check: .asking())] }
        .at("preconditions.0", .exit(1)), .unmet, .unmet
    ),
    (
      Scenario([.change("a")]) { $0.tools = [ToolRequirement(name: "psql")] }.at("tools.psql", .refused), .unmet,
      .unmet
    ),
    (
      Scenario([.change("a") { $0.confirm = Confirmation(message: .literal("go?")) }]) { $0.onFailure = .rollback }
        .person("steps.a", .no), .denied, .denied
    ),
    (
      Scenario([.change("a"), .change("b") { $0.preconditions = [Precondition(check: .asking())] }])
        .at("steps.b.preconditions.0", .exit(1)), .rolledBack, .unmet
    ),
    (
      Scenario([.change("a"), .observe("fail")]) { $0.onFailure = .stop }.at("steps.fail", .exit(1)), .stopped, .failed
    ),
    (Scenario([.observe("fail")]) { $0.onFailure = .stop }.at("steps.fail", .exit(1)), .failed, .failed),
    (
      Scenario([.change("a"), .observe("fail")]).at("steps.fail", .exit(1)).at("steps.a.rollback", .exit(1)),
      .rollbackIncomplete, .failed
    ),
    (
      Scenario([.change("a"), .observe("slow")]) { $0.timeout = 100 }.at("steps.slow", .hangs()), .rolledBack, .deadline
    ),
    (
      Scenario([.change("a"), .observe("slow")]).at("steps.slow", .hangs()).event(.operatorInterrupted, after: 100),
      .rolledBack, .operator
    ),
  ]

  @Test("a run's outcome and its cause", arguments: table.indices)
  func outcomes(place: Int) {
    let (scenario, outcome, cause) = Self.table[place]
    let run = scenario.play()
    #expect(run.outcome == outcome)
    #expect(run.cause == cause)
    #expect(run.violations == [])
  }

  @Test("tools are looked up and preconditions asked before anything runs, on resume too")
  func beforeAnything() {
    let scenario = Scenario([.change("a")]) {
      $0.tools = [ToolRequirement(name: "psql"), ToolRequirement(name: "kubectl")]
      $0.preconditions = [Precondition(check: .asking())]
    }
    let run = scenario.play()
    #expect(run.probes == ["tools.psql", "tools.kubectl", "preconditions.0"])
    let unmet = scenario.at("tools.psql", .exit(1)).at("tools.kubectl", .refused).play()
    #expect(unmet.simulator.state.unmet.count == 2, "all that is missing is said at once")
    #expect(unmet.starts.isEmpty)
  }

  @Test("a run that is given up is `aborted`, and its residue says what is in place")
  func aborted() {
    let run = Scenario([.change("a"), .manual("ask")]).play().abandon()
    #expect(run.outcome == .aborted)
    #expect(run.fate("a") == .applied)
    #expect(!run.simulator.state.residue.isClean)
    #expect(run.violations == [])
  }

  @Test("the residue names what is applied, undone, held back and in doubt")
  func residue() {
    let run = Scenario([
      .change("a", needs: []), .change("b", needs: ["a"]), .change("c", needs: []),
      .change("d", needs: ["b", "c"]) { $0.timeout = 100 },
    ]) { $0.onFailure = .rollback }
    .at("steps.d", .hangs()).at("steps.b.rollback", .exit(1)).play()
    #expect(run.fate("d") == .undone)
    #expect(run.fate("c") == .undone)
    guard case .undoFailed? = run.fate("b"), case .heldBack? = run.fate("a") else {
      Issue.record("\(run.simulator.state.residue)")
      return
    }
  }

  @Test("an operator's outputs: an output of the run that cannot be worked out fails it")
  func outputs() {
    let run = Scenario([.observe("a")]) {
      $0.outputs = [
        OutputDeclaration(name: "x", type: .int(min: nil, max: nil), value: expression("steps.a.outputs.nothing"))
      ]
    }.play()
    #expect(run.outcome == .failed)
  }

  private static func frozen(_ steps: [StepSketch], from: Int64 = -1000, until: Int64 = 60_000) -> Scenario {
    Scenario(steps) {
      let start: Int64 = 1_768_187_640_000
      $0.policy = Policy(freezes: [Policy.Freeze(name: "year-end", from: start + from, until: start + until)])
    }
  }

  @Test("while a freeze is on nothing that changes anything begins")
  func freeze() {
    let run = Self.frozen([.observe("look"), .change("a")]).play()
    #expect(run.outcome == .unmet)
    #expect(run.cause == .unmet)
    #expect(run.starts.isEmpty)
    #expect(run.violations == [])
    #expect(Self.frozen([.observe("look")]).play().outcome == .succeeded)
    #expect(Self.frozen([.change("a")], from: 1, until: 1000).play().outcome == .succeeded, "it comes too late")
    #expect(Self.frozen([.change("a")], from: -1000, until: 0).play().outcome == .succeeded, "it is over")
  }

  @Test("what has begun before a freeze goes on, and is undone in it")
  func freezeComes() {
    let run = Self.frozen([.change("a"), .manual("ask"), .change("b")], from: 5).play()
    #expect(run.end == .paused(.personNeeded))
    #expect(run.then(.resume, attended: true).starts == ["a", "b"])
    #expect(run.then(.rollback).outcome == .rolledBack)
  }

  @Test("`frozen()` asks the time of what is going on")
  func frozenInExpressions() {
    let steps: [StepSketch] = [
      .observe("first") { $0.when = expression("frozen()") }, .observe("wait"),
      .observe("second") { $0.when = expression("!frozen()") },
    ]
    let run = Self.frozen(steps, until: 500).at("steps.wait", .exit(0, takes: 1000)).play()
    #expect(run.starts == ["first", "wait", "second"])
  }

  @Test("the words that expressions may be compared with are those that statuses and outcomes have")
  func words() {
    #expect(ExpressionWords.statuses == StepStatus.allCases.map(\.rawValue))
    #expect(ExpressionWords.outcomes == RunOutcome.allCases.map(\.rawValue))
  }
}
