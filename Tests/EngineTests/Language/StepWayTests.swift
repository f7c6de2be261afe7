import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.2 A step's way")
struct StepWayTests {
  @Test("when → preconditions → confirmation → preconditions again → action → verify")
  func theWholeWay() {
    let run = Scenario([
      .change("promote") {
        $0.when = expression("1 == 1")
        $0.preconditions = [Precondition(check: .asking())]
        $0.confirm = Confirmation(message: .literal("go?"))
        $0.verify = [.asking()]
      }
    ]).withPerson().play()
    #expect(run.outcome == .succeeded)
    #expect(
      run.probes == ["steps.promote.preconditions.0", "steps.promote.preconditions.0", "steps.promote.verify.0"])
    #expect(run.questions == ["steps.promote"])
    #expect(run.starts == ["promote"])
  }

  @Test("a false `when` skips the step, and nothing of it is asked")
  func skipped() {
    let run = Scenario([
      .change("promote") {
        $0.when = expression("1 == 2")
        $0.preconditions = [Precondition(check: .asking())]
      }, .observe("after"),
    ]).play()
    #expect(run.status("promote") == .skipped)
    #expect(run.probes.isEmpty)
    #expect(run.starts == ["after"])
    #expect(run.outcome == .succeeded)
  }

  @Test("an expression that errs fails its step unstarted; it is never taken for false")
  func erringWhen() {
    let run = Scenario([.change("promote") { $0.when = expression("1 / 0 == 1") }]).play()
    #expect(run.failure(of: "promote") == .failed)
    #expect(run.starts.isEmpty)
    #expect(run.outcome == .failed)
  }

  @Test(
    "an unmet precondition does what its `otherwise` says",
    arguments: [
      (Precondition.Otherwise.stop, StepStatus.failed), (.skip, .skipped), (.done, .succeeded), (.ask, .skipped),
    ])
  func otherwise(word: Precondition.Otherwise, status: StepStatus) {
    let run = Scenario([
      .change("promote") { $0.preconditions = [Precondition(check: .asking(), otherwise: word)] }
    ]).at("steps.promote.preconditions.0", .exit(1)).person("steps.promote.preconditions.0", .choice("skip")).play()
    #expect(run.status("promote") == status)
    #expect(run.starts.isEmpty)
    if word == .stop { #expect(run.failure(of: "promote") == .unmet) }
  }

  @Test(
    "a precondition that gives no answer fails its step: it is never taken for no",
    arguments: [
      Precondition.Otherwise.skip, .done, .ask,
    ])
  func noAnswer(word: Precondition.Otherwise) {
    let run = Scenario([
      .change("promote") { $0.preconditions = [Precondition(check: .asking(), otherwise: word)] }
    ]) { $0.onFailure = .stop }.at("steps.promote.preconditions.0", .signalled()).withPerson().play()
    #expect(run.failure(of: "promote") == .unmet)
    #expect(run.starts.isEmpty)
  }

  @Test("a precondition that stopped holding while a person was waited for is seen")
  func preconditionsAgain() {
    let run = Scenario([
      .change("promote") {
        $0.preconditions = [Precondition(check: .asking())]
        $0.confirm = Confirmation(message: .literal("go?"))
      }
    ]) { $0.onFailure = .stop }.at("steps.promote.preconditions.0", .exit(0), .exit(1)).withPerson().play()
    #expect(run.failure(of: "promote") == .unmet)
    #expect(run.starts.isEmpty)
  }

  @Test("a denied confirmation is a failure of its step, with the action not started")
  func denied() {
    let run = Scenario([.change("promote") { $0.confirm = Confirmation(message: .literal("go?")) }]) {
      $0.onFailure = .rollback
    }.person("steps.promote", .no).play()
    #expect(run.failure(of: "promote") == .denied)
    #expect(run.starts.isEmpty)
    #expect(run.outcome == .denied)
  }

  @Test("a step has succeeded only when its verification has")
  func unverified() {
    let run = Scenario([.change("promote") { $0.verify = [.asking(every: 100, within: 1000)] }, .observe("after")])
      .at("steps.promote.verify.0", .exit(1)).play()
    #expect(run.failure(of: "promote") == .unverified)
    #expect(run.starts == ["promote", "undo promote"])
    #expect(run.outcome == .rolledBack)
  }

  @Test("a verification is polled until it holds, and must go on holding")
  func holds() {
    let step = StepSketch.change("promote") { $0.verify = [.asking(every: 100, within: 1000, holds: 300)] }
    let steady = Scenario([step]).at("steps.promote.verify.0", .exit(1), .exit(1), .exit(0)).play()
    #expect(steady.outcome == .succeeded)
    #expect(steady.probes.count >= 6)
    let lost = Scenario([step]).at("steps.promote.verify.0", .exit(0), .exit(0), .exit(1)).play()
    #expect(lost.failure(of: "promote") == .unverified)
    let tolerated = Scenario([
      .change("promote") { $0.verify = [.asking(every: 100, within: 1000, holds: 300, tolerate: 1)] }
    ]).at("steps.promote.verify.0", .exit(0), .exit(1), .exit(0)).play()
    #expect(tolerated.outcome == .succeeded)
  }

  @Test("outputs that can be worked out are there, even of a failed `expect`")
  func outputsOfAFailure() {
    let output = OutputDeclaration(name: "text", type: .string(pattern: nil), value: expression("result.stdout"))
    let run = Scenario([.observe("look") { $0.outputs = [output] }]).at("steps.look", .exit(3, text: "why")).play()
    #expect(run.status("look") == .failed)
    #expect(run.simulator.state.steps[0].outputs == [NamedValue(name: "text", value: .string("why"))])
  }
}
