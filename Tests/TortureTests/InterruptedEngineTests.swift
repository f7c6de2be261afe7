import BelayTestSupport
import Glibc
import Testing

/// Engines that are told to stop, and engines that meet another.
@Suite struct InterruptedEngineTests {
  /// Two steps, of which the second stays in flight.
  private static func lasting(_ guard: Runbook.Guard) -> Runbook {
    Runbook(
      name: "lasting",
      steps: [Runbook.Step(id: "a", guard: .applied), Runbook.Step(id: "b", verb: "last", guard: `guard`)],
      left: ["a", "b"])
  }

  @Test func TERMLeavesTheStepInDoubtAndAResumeFinishes() throws {
    let world = World()
    let runbook = Self.lasting(.applied)
    let engine = world.start(["run", world.write(runbook)])
    let program = try #require(world.awaited("changed", "b"))
    engine.signal(SIGTERM)
    let result = engine.end()
    #expect(result.status == 7, "\(result)")
    #expect(!RunProcesses.isAlive(program))
    #expect(world.lastRun()?.status == "interrupted")
    #expect(world.fates["b"] == "in-doubt", "\(world.fates)")
    #expect(world.oracle.undone.isEmpty)
    #expect(!world.oracle.entries.contains { $0.verb == "told" })
    let resumed = world.belay("resume", "last")
    #expect(resumed.status == 0, "\(resumed)")
    #expect(world.oracle.starts(of: "b") == 1)
    #expect(world.problemsAtTheEnd(of: runbook, outcome: "succeeded", kills: 1) == [])
  }

  @Test func invariant4_withoutAnAnswerAResumeStaysInterrupted() throws {
    let world = World()
    let runbook = Self.lasting(.nothing)
    let engine = world.start(["run", world.write(runbook)])
    _ = try #require(world.awaited("changed", "b"))
    engine.signal(SIGTERM)
    #expect(engine.end().status == 7)
    for _ in 1...2 {
      let resumed = world.belay("resume", "last")
      #expect(resumed.status == 7, "\(resumed)")
    }
    #expect(world.oracle.starts(of: "b") == 1)
    #expect(world.problemsAtTheEnd(of: runbook, outcome: "interrupted", kills: 0) == [])
    let undone = world.belay("rollback", "last")
    #expect(undone.status == 0, "\(undone)")
    #expect(world.oracle.undone == ["b", "a"])
    #expect(world.markers(of: runbook.ids).isEmpty)
  }

  @Test func INTOffATerminalRollsBackOnBehalfOfTheOperator() throws {
    let world = World()
    var runbook = Self.lasting(.applied)
    let engine = world.start(["run", world.write(runbook)])
    _ = try #require(world.awaited("changed", "b"))
    engine.signal(SIGINT)
    let result = engine.end()
    #expect(result.status == 1, "\(result)")
    #expect(world.shown()["failure"]?["cause"]?.string == "operator")
    #expect(world.oracle.undone == ["b", "a"])
    runbook.left = []
    #expect(world.problemsAtTheEnd(of: runbook, outcome: "rolled-back", kills: 0) == [])
  }

  @Test func TERMInARollbackLeavesItToAResume() throws {
    let world = World()
    var runbook = Self.lasting(.applied)
    runbook.steps[1].verb = "do"
    runbook.steps[1].undo = .lasts
    runbook.steps[1].fails = true
    runbook.left = []
    let engine = world.start(["run", world.write(runbook)])
    _ = try #require(world.awaited("undo", "b"))
    engine.signal(SIGTERM)
    let result = engine.end()
    #expect(result.status == 7, "\(result)")
    #expect(world.oracle.undone == ["b"])
    let resumed = world.belay("resume", "last")
    #expect(resumed.status == 1, "\(resumed)")
    #expect(world.problemsAtTheEnd(of: runbook, outcome: "rolled-back", kills: 1) == [])
  }

  @Test func aSecondEngineIsRefusedAndToldOfTheFirst() throws {
    let world = World()
    let path = world.write(Self.lasting(.applied))
    let engine = world.start(["run", path])
    _ = try #require(world.awaited("changed", "b"))
    let run = try #require(world.lastRun())
    #expect(run.status == "running")
    for command in [["resume", "last"], ["rollback", "last"], ["abandon", "last", "--reason", "impatience"]] {
      let refused = world.start(command).end()
      #expect(refused.status == 5, "\(command): \(refused)")
      #expect(refused.errors.contains(run.id) && refused.errors.contains("\(engine.pid)"), "\(command): \(refused)")
    }
    let another = world.belay("run", path)
    #expect(another.status == 5, "\(another)")
    #expect(another.errors.contains(run.id), "\(another)")
    #expect(world.oracle.starts(of: "b") == 1 && world.oracle.undone.isEmpty)
    engine.signal(SIGTERM)
    #expect(engine.end().status == 7)
    #expect(world.belay("resume", "last").status == 0)
  }

  @Test func ofTwoEnginesThatResumeAtOnceOneDoes() throws {
    let world = World()
    let runbook = Self.lasting(.applied)
    let engine = world.start(["run", world.write(runbook)])
    _ = try #require(world.awaited("changed", "b"))
    engine.signal(SIGKILL)
    #expect(engine.end().status == 137)
    let statuses = (1...4).map { _ in world.start(["resume", "last"]) }.map { $0.end().status }
    // One that comes when the run is over is told so.
    #expect(statuses.count { $0 == 0 } == 1, "\(statuses)")
    #expect(statuses.allSatisfy { [0, 2, 5].contains($0) }, "\(statuses)")
    #expect(world.problemsAtTheEnd(of: runbook, outcome: "succeeded", kills: 0) == [])
  }
}
