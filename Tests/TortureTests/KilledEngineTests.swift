import BelayTestSupport
import Testing

/// An engine is killed at every commit, and another goes on.
@Suite(.enabled(if: Strace.isWanted, "strace is missing"))
struct KilledEngineTests {
  /// An engine that reaches its end although this many instants were tried is not killed at all.
  private static let mostInstants = 1_000
  /// After so many failures the rest of a sweep says nothing new.
  private static let mostFailures = 3

  @Test(arguments: Runbook.all, KillPoints.all)
  func invariant4_aKilledRunEndsAsIfItHadNotBeen(_ runbook: Runbook, _ points: KillPoints) throws {
    try sweep(runbook, points) { _ in .resume }
  }

  @Test(arguments: [Runbook.success, .branches, .doubt], [KillPoints.commits, .eachCommit, .lostCommits])
  func invariant4_aKilledRunCanBeRolledBack(_ runbook: Runbook, _ points: KillPoints) throws {
    try sweep(runbook, points) { _ in .rollback }
  }

  @Test(arguments: [Runbook.rollback, .branches, .failingRollback])
  func invariant4_aResumeMayBeKilledToo(_ runbook: Runbook) throws {
    try sweep(runbook, .eachCommit) { .resumeTwice(killedAt: 1 + $0 % 5) }
  }

  @Test(arguments: Runbook.all)
  func anUnharmedRunEndsAsItsRunbookSays(_ runbook: Runbook) {
    let world = World()
    let result = world.belay("run", world.write(runbook))
    #expect(result.status == runbook.status, "\(result)")
    let problems = world.problemsAtTheEnd(of: runbook, outcome: runbook.outcome, kills: 0)
    #expect(problems.isEmpty, "\(problems)\n\(world.oracle)")
    #expect(world.oracle.started.count == runbook.steps.count)
  }

  /// Kills an engine at each instant, each time in a world of its own, until one reaches its end.
  private func sweep(_ runbook: Runbook, _ points: KillPoints, _ recovery: (Int) -> Recovery) throws {
    try Strace.require()
    var kills = 0
    var failures = 0
    for instant in Swift.stride(from: 1, to: Self.mostInstants, by: points.stride) {
      let world = World()
      let path = world.write(runbook)
      let result = world.belay("run", path, under: points.killing(at: instant))
      guard result.status == 137 else {
        #expect(result.status == runbook.status, "\(result)")
        #expect(kills >= points.atLeast, "only \(kills) instants to be killed at")
        return
      }
      kills += 1
      let recovery = recovery(instant)
      let problems = world.problems(recovering: runbook, by: recovery)
      #expect(
        problems.isEmpty,
        "killed before \(points.call) \(instant), then \(recovery): \(problems)\n\(world.oracle)")
      failures += problems.isEmpty ? 0 : 1
      if failures == Self.mostFailures { return }
    }
    Issue.record("the engine never reached its end")
  }
}
