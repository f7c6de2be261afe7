import BelayTestSupport
import Glibc
import Testing

/// No program outlives its run, and none that a dead engine left is overlooked.
@Suite struct SurvivorTests {
  /// What a program starts in the background.
  enum Kind: String, CaseIterable, Sendable {
    /// Something in its session that writes to nobody.
    case quiet
    /// Something in its session that holds the pipe of the step's output.
    case pipe
    /// Something in its session that ignores TERM, as the program then does itself.
    case stubborn
    /// A daemon, in a session of its own.
    case daemon

    /// Whether it may outlive the run.
    var mayLive: Bool { self == .daemon }

    /// A step whose program leaves it behind (`leave`), or stays along with it (`stay`).
    func runbook(_ verb: String, timeout: String? = nil) -> Runbook {
      Runbook(
        name: rawValue, steps: [Runbook.Step(id: rawValue, verb: verb, guard: .applied, timeout: timeout)],
        left: [rawValue])
    }
  }

  @Test(arguments: Kind.allCases)
  func invariant10_whatAProgramLeavesBehindEndsWithIt(_ kind: Kind) throws {
    let world = World()
    let result = world.belay("run", world.write(kind.runbook("leave")))
    #expect(result.status == 0, "\(result)")
    try expectEnd(of: kind, in: world)
  }

  @Test(arguments: Kind.allCases)
  func invariant10_TERMEndsWhatIsInFlight(_ kind: Kind) throws {
    let world = World()
    let engine = world.start(["run", world.write(kind.runbook("stay"))])
    let program = try #require(world.awaited("changed", kind.rawValue))
    engine.signal(SIGTERM)
    let result = engine.end()
    #expect(result.status == 7, "\(result)")
    #expect(!RunProcesses.isAlive(program))
    try expectEnd(of: kind, in: world)
  }

  @Test func invariant10_aTimeoutEndsWhatIgnoresTERM() throws {
    let world = World()
    let result = world.belay("run", world.write(Kind.stubborn.runbook("stay", timeout: "200ms")))
    #expect(result.status == 1, "\(result)")
    #expect(world.oracle.undone == ["stubborn"])
    try expectEnd(of: .stubborn, in: world)
  }

  @Test(arguments: Kind.allCases)
  func invariant10_whatAKilledEngineLeftIsEndedBeforeAResumeDecides(_ kind: Kind) throws {
    let world = World()
    let runbook = kind.runbook("stay")
    let engine = world.start(["run", world.write(runbook)])
    let program = try #require(world.awaited("changed", kind.rawValue))
    engine.signal(SIGKILL)
    #expect(engine.end().status == 137)
    #expect(RunProcesses.isAlive(program))
    let resumed = world.belay("resume", "last")
    #expect(resumed.status == 0, "\(resumed)")
    #expect(!RunProcesses.isAlive(program))
    #expect(world.oracle.violations(of: runbook, kills: 0, intents: []) == [], "\(world.oracle)")
    try expectEnd(of: kind, in: world)
  }

  @Test(.enabled(if: Strace.isWanted, "strace is missing"), arguments: [Kind.quiet, .pipe])
  func invariant10_whatAKilledEngineHadNoTimeToNoteIsEndedToo(_ kind: Kind) throws {
    try Strace.require()
    let world = World()
    let runbook = kind.runbook("stay")
    // The poller is told of the wakeup first, and then of the program's output, when it runs and nobody else knows of it.
    let result = world.belay(
      "run", world.write(runbook), under: KillPoints(call: "epoll_ctl", children: false, atLeast: 2).killing(at: 2))
    #expect(result.status == 137, "\(result)")
    let program = try #require(world.awaited("changed", kind.rawValue))
    #expect(RunProcesses.isAlive(program))
    let resumed = world.belay("resume", "last")
    #expect(resumed.status == 0, "\(resumed)")
    #expect(!RunProcesses.isAlive(program))
    #expect(world.oracle.violations(of: runbook, kills: 0, intents: []) == [], "\(world.oracle)")
    try expectEnd(of: kind, in: world)
  }

  @Test(arguments: [Runbook.Guard.applied, .nothing])
  func invariant4_aStepOfFiveSecondsIsStartedOnceThoughItsEngineIsKilled(_ guard: Runbook.Guard) throws {
    let world = World()
    let runbook = Runbook(
      name: "five-seconds", steps: [Runbook.Step(id: "slow", verb: "last", guard: `guard`)], left: ["slow"])
    let engine = world.start(["run", world.write(runbook)])
    let program = try #require(world.awaited("changed", "slow"))
    engine.signal(SIGKILL)
    #expect(engine.end().status == 137)
    #expect(RunProcesses.isAlive(program))
    let resumed = world.belay("resume", "last")
    let isSettled = `guard` == .applied
    #expect(resumed.status == (isSettled ? 0 : 7), "\(resumed)")
    #expect(!RunProcesses.isAlive(program))
    #expect(world.oracle.starts(of: "slow") == 1)
    let problems = world.problemsAtTheEnd(
      of: runbook, outcome: isSettled ? "succeeded" : "interrupted", kills: 0)
    #expect(problems.isEmpty, "\(problems)\n\(world.oracle)")
  }

  @Test func invariant4_aRollbackEndsTheSurvivorBeforeItUndoes() throws {
    let world = World()
    var runbook = Runbook(
      name: "five-seconds", steps: [Runbook.Step(id: "slow", verb: "last", guard: .applied)])
    runbook.left = []
    let engine = world.start(["run", world.write(runbook)])
    let program = try #require(world.awaited("changed", "slow"))
    engine.signal(SIGKILL)
    #expect(engine.end().status == 137)
    let undone = world.belay("rollback", "last")
    #expect(undone.status == 0, "\(undone)")
    #expect(!RunProcesses.isAlive(program))
    #expect(world.oracle.undone == ["slow"])
    #expect(world.problemsAtTheEnd(of: runbook, outcome: nil, kills: 0) == [])
  }

  /// What was left behind has ended, save a daemon, which is ended here.
  private func expectEnd(of kind: Kind, in world: World) throws {
    let left = try #require(world.oracle.entries.last { $0.verb == "left" }?.pid)
    #expect(RunProcesses.isAlive(left) == kind.mayLive)
    if kind.mayLive { kill(left, SIGKILL) }
    let run = try #require(world.lastRun())
    #expect(Waiting.until(5) { !RunProcesses.isAlive(left) })
    #expect(RunProcesses.living(of: run.id) == [])
  }
}
