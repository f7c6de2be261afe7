import BelayTestSupport
import Expressions
import Journal
import RunEngine
import RunbookParser
import Testing

@Suite("Zones of time")
struct ZoneTests {
  private static let plan = Scenario(
    runbook: """
      steps:
        - {id: a, effect: observe, exec: [echo, "${{ strftime(run.started, '%H', 'Asia/Kolkata') }}"]}
        - {id: b, effect: observe, when: "run.started.getHours('UTC') >= 0 && run.started.getHours('Europe/Berlin') >= 0", exec: [b]}
        - id: c
          steps:
            - {id: d, effect: observe, exec: [d], expect: "strftime(run.now, '%H', '+02:00') != ''"}
      """
  ).plan

  @Test("a plan names the zones that its expressions do, and neither UTC nor offsets")
  func named() {
    #expect(Self.plan.zones == ["Asia/Kolkata", "Europe/Berlin"])
  }

  @Test("what was read of them when the run began is in its first record, and is what expressions see")
  func invariant3_recorded() throws {
    let file = try #require(TestFile.bytes("/usr/share/zoneinfo/Asia/Kolkata"))
    let start = RunStart(
      id: "abcdefghijkl", operatorName: "alice", plan: Self.plan, zones: [ZoneRecord(name: "Asia/Kolkata", file: file)])
    let state = RunState(start, at: 1_768_187_640_000)
    let body = RunEventCodec.encode(.runStarted(start), in: state)
    #expect(try RunEventCodec.decode(body, in: nil, load: { _ in [] }) == .runStarted(start))
    let time = expression("strftime(timestamp('2026-01-12T03:14:00Z'), '%H:%M', 'Asia/Kolkata')")
    #expect(try state.evaluate(time) == .string("08:44"))
    #expect(throws: EvaluationError.self) {
      try state.evaluate(expression("strftime(run.started, '%H', 'Europe/Berlin')"))
    }
  }
}
