import BelayTestSupport
import CanonicalJSON
import Testing

/// The disk fails in the middle of a run: from then on nothing starts.
@Suite(.enabled(if: Strace.isWanted, "strace is missing"))
struct JournalFailureTests {
  /// A way in which a disk fails, from one call on.
  struct Fault: Sendable, CustomTestStringConvertible {
    var call: String
    var error: String
    var stride: Int
    /// What the message says.
    var says: String

    var testDescription: String { "\(error) from \(call)" }
  }

  private static let faults = [
    Fault(call: "fdatasync", error: "EIO", stride: 1, says: "journal"),
    Fault(call: "pwrite64", error: "ENOSPC", stride: 4, says: "no space is left"),
  ]

  @Test(arguments: [Runbook.success, .branches], faults)
  func invariant1_nothingStartsOnceTheJournalFailed(_ runbook: Runbook, _ fault: Fault) throws {
    try Strace.require()
    var failures = 0
    for instant in Swift.stride(from: 1, to: 1_000, by: fault.stride) {
      let world = World()
      let log = world.directory.path("calls")
      let result = world.belay(
        "run", world.write(runbook),
        under: Strace.tampering(
          "\(fault.call):error=\(fault.error):when=\(instant)+", tracing: "\(fault.call),execve", log: log))
      let calls = (world.directory.read("calls") ?? "").split(separator: "\n")
      guard let failed = calls.firstIndex(where: { $0.contains("(INJECTED)") }) else {
        #expect(result.status == runbook.status, "\(result)")
        #expect(failures > 5, "only \(failures) instants to fail at")
        return
      }
      failures += 1
      let problems = problems(world, runbook, result, fault, after: calls[failed...])
      #expect(problems.isEmpty, "\(fault.call) \(instant) failed: \(problems)\n\(world.oracle)")
    }
    Issue.record("the engine never reached its end unharmed")
  }

  private func problems(
    _ world: World, _ runbook: Runbook, _ result: CommandResult, _ fault: Fault, after calls: ArraySlice<Substring>
  ) -> [String] {
    var problems: [String] = []
    let started = calls.filter { $0.contains("/act\"") }
    if !started.isEmpty { problems.append("started after the failure: \(started)") }
    // What was in flight was awaited.
    for entry in world.oracle.entries where entry.verb == "start" {
      let ended = world.oracle.entries.contains { $0.verb == "done" && $0.pid == entry.pid }
      if !ended { problems.append("\(entry.step) was not awaited") }
    }
    let before = world.oracle
    guard let run = world.lastRun() else {
      if result.status != 70 || !before.entries.isEmpty { problems.append("\(result)") }
      return problems
    }
    switch result.status {
    case 7:
      if !result.errors.contains(fault.says) { problems.append("the message does not say why: \(result.errors)") }
    case 70 where before.entries.isEmpty: break
    // The last record was durable before the store was closed.
    case runbook.status where World.terminal.contains(run.status): break
    default: problems.append("\(result)")
    }
    return problems + world.problems(recovering: runbook, by: .resume)
  }

  @Test func invariant1_whatIsInFlightIsAwaitedAndItsResultPrinted() throws {
    try Strace.require()
    let world = World()
    let runbook = Runbook(
      name: "in-flight",
      steps: [
        Runbook.Step(id: "quick", guard: .applied, needs: []),
        Runbook.Step(id: "slow", verb: "linger", guard: .applied, needs: []),
        Runbook.Step(id: "next", guard: .applied, needs: ["quick"]),
      ],
      left: ["quick", "slow", "next"], settings: "max-parallel: 2")
    // The commit after the one that both starts stand in is the end of `quick`.
    let clean = World()
    let log = clean.directory.path("calls")
    let unharmed = clean.belay(
      "run", clean.write(runbook),
      under: ["strace", "-D", "-f", "-qq", "-o", log, "-e", "trace=fdatasync,execve"])
    #expect(unharmed.status == 0, "\(unharmed)")
    let calls = (clean.directory.read("calls") ?? "").split(separator: "\n")
    let first = try #require(calls.firstIndex { $0.contains("/act\"") })
    let instant = calls[..<first].count { $0.contains("fdatasync(") } + 1
    let result = world.belay(
      "run", world.write(runbook),
      under: SyncInterposer.failing(from: instant))
    #expect(result.status == 7, "\(result)")
    #expect(world.oracle.starts(of: "next") == 0)
    #expect(world.oracle.entries.contains { $0.verb == "done" && $0.step == "slow" })
    #expect((result.output + result.errors).contains("slow: exit status 0"), "\(result)")
    #expect(world.problems(recovering: runbook, by: .resume) == [])
  }
}
