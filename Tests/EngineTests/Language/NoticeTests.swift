import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("What people are told of a run")
struct NoticeTests {
  private static let project = [
    "belay": "project: 1\nname: p\nchannels:\n  ops: {command: [tell]}\n  web: {webhook: {url: \"http://hook/\"}}\n"
  ]

  private static func scenario(
    _ moments: String, _ steps: String = "  - {id: a, exec: [a], rollback: {exec: [undo]}, repeatable: true}",
    message: String = "${{ run.event }} ${{ run.outcome }} ${{ run.failed }}"
  ) -> Scenario {
    Scenario(
      runbook: "notify: [{when: [\(moments)], channel: ops, message: \"\(message)\"}]\nsteps:\n\(steps)\n",
      project: project)
  }

  /// What was sent, and what was started besides, in order.
  private static func course(_ run: ScenarioRun) -> [String] {
    run.simulator.entries.compactMap { entry in
      guard case .performed(.start(let request), _, _) = entry, case .program(let program) = request.action else {
        return nil
      }
      guard case .notice = request.id.slot else { return program.arguments.joined(separator: " ") }
      guard case .text(let message)? = program.input else { return "?" }
      return "» " + message.split(separator: " ").joined(separator: " ")
    }
  }

  private static let all = "started, gate, failed, rolling-back, ended"

  @Test("is said at each event that somebody wants to know of, and how it stands")
  func moments() {
    let good = Self.scenario(Self.all).play()
    #expect(Self.course(good) == ["» started", "a", "» ended succeeded"])
    let bad = Self.scenario(
      Self.all,
      "  - {id: a, exec: [a], rollback: {exec: [undo]}, repeatable: true}\n  - {id: b, exec: [b], effect: observe}"
    ).at("steps.b", .exit(1)).play()
    #expect(
      Self.course(bad) == ["» started", "a", "b", "» failed b", "» rolling-back b", "undo", "» ended rolled-back b"])
    for run in [good, bad] { #expect(run.violations.isEmpty) }
  }

  @Test("a gate is told of where a person is waited for, and also where there is none")
  func gates() {
    let steps = "  - {id: ask, manual: look, effect: observe}\n  - {id: sure, exec: [x], effect: observe, confirm: go}"
    let attended = Self.scenario("gate", steps).withPerson().play()
    #expect(Self.course(attended) == ["» gate", "» gate", "x"])
    let alone = Self.scenario("gate", steps).play()
    #expect(alone.end == .paused(.personNeeded))
    #expect(Self.course(alone) == ["» gate"])
    #expect(attended.violations.isEmpty && alone.violations.isEmpty)
  }

  @Test("what does not arrive is tried three times, and never makes the run fail")
  func retried() {
    let run = Self.scenario("started").at("notify.0", .exit(1)).play()
    #expect(run.outcome == .succeeded)
    #expect(Self.course(run).filter { $0.hasPrefix("»") }.count == 3)
    let refused = Self.scenario("started").at("notify.0", .refused).play()
    #expect(refused.outcome == .succeeded)
    let hanging = Self.scenario("ended").at("notify.0", .hangs(), .exit(0)).play()
    #expect(hanging.outcome == .succeeded)
    #expect(hanging.took > 30_000, "an attempt is bounded")
    for run in [run, refused, hanging] { #expect(run.violations.isEmpty) }
  }

  @Test("what an engine did not get through the next one sends again")
  func again() {
    let run = Self.scenario("ended").at("notify.0", .exit(0, takes: 1000)).event(.terminated, after: 500).play()
    #expect(run.end == .paused(.terminated))
    run.then(.resume)
    #expect(run.outcome == .succeeded)
    #expect(Self.course(run) == ["a", "» ended succeeded", "» ended succeeded"])
    #expect(run.violations.isEmpty)
  }

  @Test("a run that is rolled back later is told of again")
  func rolledBackLater() {
    let run = Self.scenario("rolling-back, ended").play()
    run.then(.rollback)
    #expect(Self.course(run) == ["a", "» ended succeeded", "» rolling-back", "undo", "» ended rolled-back"])
  }
}
