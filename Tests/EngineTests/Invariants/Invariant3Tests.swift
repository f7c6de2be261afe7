import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("Invariant 3: folding a journal gives the state the live run had")
struct Invariant3Tests {
  @Test("Invariant 3: after every batch of random runs, through records and back")
  func invariant3_foldingGivesTheLiveState() async {
    let broken = await RandomSweep.findings.breaking("invariant 3")
    #expect(broken.isEmpty, "\(broken)")
  }

  @Test("Invariant 3: the random runs leave records of every kind")
  func invariant3_everyKindOfRecordIsFolded() async {
    let kinds: Set<String> = [
      "engine.started", "tunnel.opened", "action.started", "action.refused", "action.ended", "check.ended",
      "timer.fired",
      "person.answered", "person.missing", "operator.interrupted", "engine.terminated", "engine.detached",
      "operator.paused",
      "run.abandoned", "step.expanded", "undo.started", "intent", "person.asked", "step.ended",
      "run.failing", "rollback.started", "undo.ended", "run.paused", "run.ended",
    ]
    let missing = kinds.subtracting(await RandomSweep.findings.recordTypes)
    #expect(missing.isEmpty)
  }

  @Test("Invariant 3: a fold from the first record is the live state, outputs included")
  func invariant3_aFoldFromTheStartKnowsOutputs() throws {
    let run = Scenario([
      .observe("look") { step in
        step.outputs = [
          OutputDeclaration(name: "lines", type: .int(min: nil, max: nil), value: expression("size(result.lines)"))
        ]
      },
      .change("act") { $0.when = expression("steps.look.outputs.lines == 2") },
    ]).at("steps.look", .exit(0, text: "one\ntwo\n")).play()
    #expect(run.outcome == .succeeded)
    let folded = try run.simulator.fold()
    #expect(folded == run.simulator.state)
    #expect(folded.steps[0].outputs == [NamedValue(name: "lines", value: .int(2))])
  }
}
