import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.10 What a called runbook says of its time and of how much goes on at once")
struct CallBoundTests {
  private static let callee = """
    belay: 1
    name: callee
    version: 1.0.0
    timeout: 10s
    steps:
      - {id: quick, exec: [quick], repeatable: true, rollback: {exec: [unquick], repeatable: true}}
      - {id: slow, exec: [slow], timeout: 1h, repeatable: true, rollback: {exec: [unslow], repeatable: true}}
      - {id: never, effect: observe, exec: [never]}
    finally:
      - {id: bye, effect: observe, exec: [bye]}
    """

  private static func run(_ call: String = "", head: String = "", callee: String = callee) -> Scenario {
    Scenario(
      runbook: """
        \(head)
        steps:
          - {id: before, exec: [before], repeatable: true, rollback: {exec: [unbefore], repeatable: true}}
          - {id: call, runbook: {name: callee}\(call)}
          - {id: after, effect: observe, exec: [after]}
        """, project: ["callee": callee])
  }

  @Test("its time ends what of it is in flight, and its failure does what the caller says: the whole run goes back")
  func rollback() {
    let run = Self.run(head: "on-failure: rollback").at("steps.call/slow", .hangs()).play()
    #expect(
      run.starts == [
        "before", "call/quick", "call/slow", "undo call/slow", "undo call/quick", "undo before", "call/bye",
      ])
    #expect(run.failure(of: "call") == .deadline)
    #expect(run.message(of: "call") == "the runbook callee was not over within 10s")
    #expect(run.outcome == .rolledBack)
    #expect(run.took < 15_000)
    #expect(run.violations == [])
  }

  @Test("a program that it requires, and that hangs when it is asked for its version, is not awaited for ever")
  func requiredTool() {
    let callee = Self.callee.replacing("timeout: 10s", with: "requires: {tools: {kubectl: '>=1.20'}}")
    let run = Self.run(head: "on-failure: stop", callee: callee).at("steps.call.preconditions.0", .hangs()).play()
    #expect(!run.starts.contains("call/quick"))
    #expect(run.message(of: "call")?.contains("no answer within 15s") == true, "\(run.message(of: "call") ?? "")")
    #expect(run.took < 20_000)
    #expect(run.violations == [])
  }

  @Test("what the called runbook itself says of failures comes first")
  func ownPolicy() {
    let callee = Self.callee.replacing("timeout: 10s", with: "timeout: 10s\non-failure: stop")
    let run = Self.run(", on-failure: rollback", callee: callee).at("steps.call/slow", .exit(0, takes: 20_000)).play()
    #expect(
      run.starts == ["before", "call/quick", "call/slow", "call/bye"], "what is in flight runs to its end under `stop`")
    #expect(run.status("call/slow") == .succeeded)
    #expect(run.failure(of: "call") == .deadline)
    #expect(run.outcome == .stopped)
    #expect(run.violations == [])
  }

  @Test("where the run goes on without it, what is in flight is ended, its `finally` runs, and the rest follows")
  func goingOn() {
    let run = Self.run(", on-failure: continue").at("steps.call/slow", .hangs()).play()
    #expect(run.starts == ["before", "call/quick", "call/slow", "call/bye", "after"])
    #expect(run.failure(of: "call/slow") == .deadline)
    #expect(run.failure(of: "call") == .deadline)
    #expect(run.status("call/never") == .notRun)
    #expect(run.outcome == .failed)
    #expect(run.violations == [])
  }

  @Test(
    "`{undo: step, then: continue}` undoes the call first, also where its own verification fails",
    arguments: [true, false])
  func undoneAlone(isLate: Bool) {
    let scenario = Self.run(", on-failure: {undo: step, then: continue}, verify: [{exec: [look]}]")
    let run = (isLate ? scenario.at("steps.call/slow", .hangs()) : scenario.at("steps.call.verify.0", .exit(1))).play()
    let undone = ["undo call/slow", "undo call/quick"]
    #expect(run.starts.filter { $0.hasPrefix("undo") } == undone)
    #expect(run.starts.contains("after"))
    #expect(run.failure(of: "call") == (isLate ? .failed : .unverified))
    #expect(run.outcome == .failed)
    #expect(run.violations == [])
  }

  @Test("an engine that takes the run up counts what the ones before it lived, and nothing in between")
  func acrossEngines() {
    let scenario = Self.run(", on-failure: continue")
      .at("steps.call/quick", .exit(0, takes: 7_000)).at("steps.call/slow", .exit(0, takes: 7_000)).dies(
        .afterEnd("call/quick"))
    let run = scenario.play()
    run.then(.resume, after: 3_600_000)
    #expect(run.failure(of: "call/slow") == .deadline)
    #expect(run.failure(of: "call") == .deadline)
    #expect(run.violations == [])
    let short = Self.run(", on-failure: continue")
      .at("steps.call/quick", .exit(0, takes: 2_000)).at("steps.call/slow", .exit(0, takes: 7_000)).dies(
        .afterEnd("call/quick"))
    #expect(short.play().then(.resume, after: 3_600_000).outcome == .succeeded)
  }

  @Test("its `finally` has the time it takes, and a call in a `finally` has a time of its own")
  func finally() {
    let late = Self.run().at("steps.call/bye", .exit(0, takes: 60_000)).play()
    #expect(late.outcome == .succeeded)
    let run = Scenario(
      runbook: """
        steps: [{id: work, effect: observe, exec: [work]}]
        finally:
          - {id: call, runbook: {name: callee}}
          - {id: last, effect: observe, exec: [last]}
        """,
      project: [
        "callee": """
        belay: 1
        name: callee
        version: 1.0.0
        timeout: 10s
        steps: [{id: slow, effect: observe, exec: [slow], timeout: 1h}]
        """
      ]
    ).at("steps.call/slow", .hangs()).play()
    #expect(run.failure(of: "call") == .deadline)
    #expect(run.starts.last == "last")
    #expect(run.outcome == .failed)
    #expect(late.violations + run.violations == [])
  }

  @Test(
    "a background program of it is ended with it, not kept for steps that never begin",
    arguments: ["continue", "{undo: step, then: continue}"])
  func backgroundPrograms(policy: String) throws {
    let callee = """
      belay: 1
      name: callee
      version: 1.0.0
      timeout: 10s
      steps:
        - {id: serve, effect: observe, background: true, ready: {exec: [ready]}, exec: [serve]}
        - {id: slow, needs: [serve], effect: observe, exec: [slow], timeout: 1h}
        - {id: never, needs: [slow], effect: observe, exec: [never]}
      """
    let run = Self.run(", on-failure: \(policy)", callee: callee).at("steps.call/serve", .hangs())
      .at("steps.call/slow", .hangs()).play()
    #expect(run.starts.last == "after")
    let entries = run.simulator.entries
    func path(_ step: StepIndex?) -> String { step.map { run.simulator.state.path(of: $0) } ?? "" }
    let stopped = try #require(
      entries.firstIndex { entry in
        guard case .performed(.stop(let id), _, _) = entry, id.slot == .action else { return false }
        return path(id.step) == "call/serve"
      })
    let after = try #require(
      entries.firstIndex { entry in
        guard case .committed(.stepEnded(let step, _, _, _), _, _) = entry else { return false }
        return path(step) == "after"
      })
    #expect(stopped < after)
    #expect(run.violations == [])
  }

  @Test("no more of its actions are in flight at once than it says; others go on beside it")
  func slots() {
    let callee = """
      belay: 1
      name: callee
      version: 1.0.0
      max-parallel: 2
      steps:
      \((1...6).map { "  - {id: s\($0), effect: observe, needs: [], exec: [s\($0)]}" }.joined(separator: "\n"))
      """
    let source = """
      max-parallel: 5
      steps:
        - {id: call, needs: [], runbook: {name: callee}}
        - {id: other, effect: observe, needs: [], exec: [other]}
        - {id: another, effect: observe, needs: [], exec: [another]}
      """
    var scenario = Scenario(runbook: source, project: ["callee": callee])
    for step in 1...6 { scenario = scenario.at("steps.call/s\(step)", .exit(0, takes: 1000)) }
    scenario = scenario.at("steps.other", .exit(0, takes: 1000)).at("steps.another", .exit(0, takes: 1000))
    let run = scenario.play()
    #expect(run.outcome == .succeeded)
    #expect(run.took >= 3000 && run.took < 3500, "three rounds of two: \(run.took) ms")
    #expect(run.starts.prefix(4).sorted() == ["another", "call/s1", "call/s2", "other"])
    #expect(run.violations == [])
  }

  @Test("a step that fails before it starts keeps no other from its place")
  func failedBeforeStart() {
    let callee = """
      belay: 1
      name: callee
      version: 1.0.0
      max-parallel: 1
      steps:
        - {id: a, effect: observe, needs: [], exec: [a]}
        - {id: b, effect: observe, needs: [], exec: [b, "${{ 1 / (size(run.id) - size(run.id)) }}"], on-failure: continue}
        - {id: c, effect: observe, needs: [], exec: [c]}
      """
    let run = Scenario(runbook: "steps: [{id: call, runbook: {name: callee}}]", project: ["callee": callee]).play()
    #expect(run.starts == ["call/a", "call/c"])
    #expect(run.violations == [])
  }
}
