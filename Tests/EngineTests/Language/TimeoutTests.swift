import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.7 Timeouts of what is no attempt of a program or a request")
struct TimeoutTests {
  private static func run(_ step: String, head: String = "") -> Scenario {
    Scenario(runbook: "\(head)on-failure: stop\nsteps:\n  - \(step)\n")
  }

  @Test("a step that polls a check ends when its time is over, and so does what it asks just then")
  func check() {
    let step = "{id: poll, check: {exec: [look], every: 1s, within: 1h}, timeout: 10s}"
    let run = Self.run(step).at("steps.poll.items.0", .exit(1)).play()
    #expect(run.failure(of: "poll") == .failed)
    #expect(run.message(of: "poll") == "not over within 10s")
    #expect(run.took < 12_000)
    #expect(run.violations == [])
    let hanging = Self.run(step).at("steps.poll.items.0", .hangs()).play()
    #expect(hanging.message(of: "poll") == "not over within 10s")
    #expect(hanging.violations == [])
    let good = Self.run(step).at("steps.poll.items.0", .exit(1), .exit(0)).play()
    #expect(good.outcome == .succeeded)
  }

  @Test("a person who does something, decides or ticks has no longer than the step")
  func people() {
    for (step, cause) in [
      ("{id: x, effect: observe, manual: {text: Look, within: 1h}, timeout: 10s}", FailureCause.denied),
      ("{id: x, effect: observe, manual: {text: Look, within: 10s}, timeout: 1h}", .denied),
      ("{id: x, decide: {question: How?, options: [{id: one}, {id: two}]}, timeout: 10s}", .denied),
      ("{id: x, checklist: [ready, {exec: [look], within: 1h}], timeout: 10s}", .failed),
    ] {
      let run = Self.run(step).at("steps.x.items.1", .hangs()).person("steps.x", nil).person("steps.x.items.0", nil)
        .person("steps.x.confirm", nil).play()
      #expect(run.failure(of: "x") == cause, "\(step): \(run.ends)")
      #expect(run.took < 12_000, "\(step)")
      #expect(run.violations == [])
    }
  }

  @Test("a person who is asked by a check has no longer than the check says")
  func manualChecks() {
    for bound in ["{manual: Is it so?, timeout: 10s}", "{manual: {text: Is it so?, within: 10s}}"] {
      let scenario = Self.run("{id: x, effect: observe, exec: [look]}", head: "preconditions: [\(bound)]\n")
      let run = scenario.person("preconditions.0", nil).play()
      #expect(run.outcome == .unmet, "\(bound): \(run.ends)")
      #expect(run.took < 12_000)
      #expect(run.violations == [])
      #expect(scenario.withPerson().play().outcome == .succeeded)
    }
  }

  @Test("a person who undoes something by hand has no longer than the way back says")
  func undos() {
    let run = Scenario(
      runbook: """
        on-failure: rollback
        steps:
          - {id: a, exec: [do], repeatable: true, rollback: {manual: Take it back, timeout: 10s}}
          - {id: b, effect: observe, exec: [fail]}

        """
    ).at("steps.b", .exit(1)).person("steps.a.rollback", nil).play()
    #expect(run.outcome == .rollbackIncomplete)
    #expect(run.took < 12_000)
    #expect(run.violations == [])
  }

  @Test("`defaults.timeout` is for programs and requests alone")
  func defaults() {
    let run = Self.run("{id: x, effect: observe, manual: Look}", head: "defaults: {timeout: 1s}\n")
      .person("steps.x", PersonBehaviour(.yes(fields: []), after: 3_600_000)).play()
    #expect(run.outcome == .succeeded)
  }

  @Test("a check that an engine left begins anew with the next, and so does its time")
  func resumed() {
    let run = Self.run("{id: poll, check: {exec: [look], every: 1s, within: 1h}, timeout: 10s}")
      .at("steps.poll.items.0", .exit(1)).event(.terminated, after: 5000).play()
    run.then(.resume)
    #expect(run.message(of: "poll") == "not over within 10s")
    #expect(run.took > 15_000)
    #expect(run.violations == [])
  }
}
