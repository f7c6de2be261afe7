import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("Tunnels")
struct TunnelTests {
  private static let source = """
    tunnels:
      metrics: {service: svc/prometheus, namespace: monitoring, port: 9090}
      database: {ssh: jump, to: "db:5432"}
    preconditions:
      - {exec: [look, "${{ tunnels.metrics.url }}"]}
    steps:
      - {id: first, exec: [first, "${{ tunnels.database.address }}"], rollback: {exec: [undo]}, repeatable: true}
      - {id: second, exec: [second], rollback: {exec: [undo]}, repeatable: true}
    finally:
      - {id: tell, exec: [tell, "${{ tunnels.metrics.port }}"], effect: observe}
    """

  private static let scenario = Scenario(runbook: source)

  private static func course(_ run: ScenarioRun) -> [String] {
    run.simulator.entries.compactMap { entry in
      switch entry {
      case .performed(.open(let id, _), _, _): "open \(id.slot)"
      case .performed(.stop(let id), _, _): "stop \(id.slot)"
      case .performed(.start(let request), _, _): words(request.action)
      case .performed(.probe(let request), _, _): words(request.action)
      default: nil
      }
    }
  }

  private static func words(_ action: ResolvedAction) -> String {
    if case .program(let program) = action { program.arguments.joined(separator: " ") } else { "?" }
  }

  @Test("are open before the preconditions, known to expressions, and closed last")
  func order() {
    let run = Self.scenario.play()
    #expect(run.outcome == .succeeded)
    #expect(
      Self.course(run) == [
        "open tunnel.0", "open tunnel.1", "look http://127.0.0.1:40001", "first 127.0.0.1:40002", "second",
        "tell 40001", "stop tunnel.0", "stop tunnel.1",
      ])
    #expect(run.violations.isEmpty)
  }

  @Test("one that cannot be opened leaves the run unmet, with nothing started")
  func closed() {
    for behaviour in [Behaviour.refused, .exit(1, takes: 5)] {
      let run = Self.scenario.at("tunnels.database", behaviour).play()
      #expect(run.outcome == .unmet)
      #expect(run.starts == ["tell"])
      #expect(run.violations.isEmpty)
    }
  }

  @Test("one that is lost is opened again, at the port it had if that is free")
  func lost() {
    let run = Self.scenario.at("tunnels.metrics", .exit(1, takes: 100), .refused, .hangs())
      .at("steps.first", .exit(0, takes: 20_000)).play()
    #expect(run.outcome == .succeeded)
    let opened = run.simulator.entries.compactMap { entry -> ResolvedTunnel? in
      if case .performed(.open(let id, let tunnel), _, _) = entry, id.slot == .tunnel(0) { tunnel } else { nil }
    }
    #expect(opened.map(\.port) == [nil, 40_001, 40_001])
    #expect(run.violations.isEmpty)
  }

  @Test("each engine opens them anew before it takes up what was left")
  func resumed() {
    let run = Self.scenario.dies(.beforeEnd("first")).play()
    run.then(.resume)
    #expect(run.outcome == .succeeded)
    let course = Self.course(run)
    #expect(course.filter { $0.hasPrefix("open") }.count == 4)
    // Its arguments were worked out before its first attempt.
    #expect(course.filter { $0 == "first 127.0.0.1:40002" }.count == 2)
    #expect(run.violations.isEmpty)
  }

  @Test("a run whose tunnel does not come back is paused, untouched, until it does")
  func unreachable() {
    let run = Self.scenario.dies(.beforeEnd("first")).play()
    run.now("tunnels.metrics", .refused)
    run.then(.resume)
    #expect(run.end == .paused(.unreachable))
    #expect(run.starts == ["first"])
    run.now("tunnels.metrics", .hangs())
    run.then(.resume)
    #expect(run.outcome == .succeeded)
    #expect(run.violations.isEmpty)
  }

  @Test("a rollback goes on without one that does not come back")
  func rollback() {
    let run = Self.scenario.play()
    run.now("tunnels.metrics", .refused)
    run.then(.rollback)
    #expect(run.outcome == .rolledBack)
    #expect(run.starts.suffix(2) == ["undo second", "undo first"])
    #expect(run.violations.isEmpty)
  }

  @Test("a way back that was asked for is what the next engine goes on with, though this one died over the tunnels")
  func rollbackOwed() {
    let run = Self.scenario.dies(.beforeEnd("second")).play()
    run.now("tunnels.metrics", .hangs())
    run.then(.rollback, events: [(.terminated, 2)])
    #expect(run.end == .paused(.terminated))
    run.then(.resume)
    #expect(run.outcome == .rolledBack)
    #expect(run.starts.filter { $0 == "second" }.count == 1, "nothing goes forward any more")
    #expect(run.violations.isEmpty)
  }

  @Test("TERM closes them, also while they are being opened")
  func terminated() {
    for after: Int64 in [2, 200] {
      let run = Self.scenario.at("steps.first", .exit(0, takes: 500)).event(.terminated, after: after).play()
      #expect(run.end == .paused(.terminated))
      run.then(.resume)
      #expect(run.violations.isEmpty, "\(run.violations)")
    }
  }

  @Test("an interrupt while they are opened ends the run before it began")
  func interrupted() {
    let run = Self.scenario.event(.operatorInterrupted, after: 2).play()
    #expect(run.outcome == .failed)
    #expect(run.starts.isEmpty)
    #expect(run.failure(of: "tell") == .failed, "there is no port to tell")
    #expect(run.violations.isEmpty)
  }
}
