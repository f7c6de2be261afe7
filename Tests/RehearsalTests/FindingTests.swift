import RunEngine
import RunbookParser
import Testing

@testable import Rehearsal

/// Each finding in a runbook that has it, and none in its mended twin. What is found is played from its own scenario, and
/// shows there.
@Suite struct FindingTests {
  @Test("residue: a way back that does nothing where its step failed and took effect all the same")
  func uncoveredResidue() {
    func twin(_ when: String) -> String {
      """
      steps:
        - id: change
          exec: [change]
          timeout: 1m
          effect: change
          applied: {exec: [look], timeout: 5s}
          rollback: {exec: [undo], timeout: 1m\(when)}
      """
    }
    check(
      .uncoveredResidue, at: "steps.change", defective: twin(", when: \"steps.change.status == 'succeeded'\""),
      mended: twin(", repeatable: true"), faults: ["fails-applied at steps.change"], besides: [.unsafeUndo])
  }

  @Test("an undo that runs though nothing was done, and is not said to be safe for that")
  func unsafeUndo() {
    func twin(_ safe: String) -> String {
      """
      steps:
        - id: change
          exec: [change]
          timeout: 1m
          effect: change
          verify: [{exec: [look], timeout: 5s}]
          rollback: {exec: [undo], timeout: 1m\(safe)}
      """
    }
    let mended = twin(", repeatable: true").replacing("effect:", with: "repeatable: true\n    effect:")
    check(
      .unsafeUndo, at: "steps.change.rollback",
      defective: twin("").replacing("effect:", with: "repeatable: true\n    effect:"),
      mended: mended, faults: ["fails at steps.change"])
  }

  @Test("a state from which nothing leads on: what hangs, and a gate to which nobody comes")
  func deadEnd() {
    func twin(_ bound: String) -> String {
      """
      steps:
        - id: look
          exec: [look]
          \(bound)
      """
    }
    check(
      .deadEnd, at: "steps.look", defective: twin("effect: observe"), mended: twin("effect: observe\n    timeout: 1m"),
      faults: ["timeout at steps.look"])
    func gate(_ within: String) -> String {
      """
      steps:
        - id: look
          exec: [look]
          effect: observe
          timeout: 1m
          approval: {from: [lead]\(within)}
      """
    }
    check(
      .deadEnd, at: "steps.look", defective: gate(""), mended: gate(", within: 1h"),
      faults: ["never-approved at steps.look"])
  }

  @Test("two undos in an order that needs forbid")
  func undoOrder() {
    func twin(_ policy: String) -> String {
      """
      on-failure: rollback
      steps:
        - id: first
          exec: [change]
          timeout: 1m
          effect: change
          applied: {exec: [look], timeout: 5s}
          rollback: {exec: [undo], timeout: 1m, repeatable: true}
        - id: second
          exec: [change]
          timeout: 1m
          effect: change
          applied: {exec: [look], timeout: 5s}
          rollback: {exec: [undo], timeout: 1m, repeatable: true\(policy)}
      """
    }
    check(
      .undoOrder, at: "steps.second", defective: twin(", on-failure: continue"), mended: twin(""),
      faults: ["fails at steps.second.rollback"])
  }

  @Test("an output that is missing on the way back, and a secret that may be")
  func missing() {
    func twin(_ argument: String) -> String {
      """
      steps:
        - id: first
          exec: [change]
          timeout: 1m
          effect: change
          applied: {exec: [look], timeout: 5s}
          outputs: {id: {type: string, value: result.stdout}}
          rollback: {exec: [undo], timeout: 1m, repeatable: true}
        - id: second
          exec: [change]
          timeout: 1m
          effect: change
          repeatable: true
          rollback: {exec: [undo, "\(argument)"], timeout: 1m, repeatable: true}
      """
    }
    // The outputs of a step are lost with the engine that saw it end.
    check(
      .missingOnWayBack, at: "steps.second", defective: twin("${{ steps.first.outputs.id }}"),
      mended: twin("${{ has(steps.first.outputs.id) ? steps.first.outputs.id : 'all' }}"),
      faults: ["crash-after at steps.first", "fails at steps.second"],
      scenario: "answers: {steps.first: {stdout: \"7\"}}", besides: [.personalDoubt])
    func secret(_ required: String) -> String {
      """
      inputs:
        key: {type: secret, from: {env: KEY}\(required)}
      steps:
        - id: change
          exec: [change]
          timeout: 1m
          effect: change
          applied: {exec: [look], timeout: 5s}
          rollback: {exec: [undo], env: {KEY: "${{ inputs.key }}"}, timeout: 1m, repeatable: true}
      """
    }
    check(
      .missingOnWayBack, at: "steps.change.rollback", defective: secret(", required: false"), mended: secret(""),
      faults: [])
  }

  @Test("a worst case that takes longer than the recovery time objective")
  func overObjective() {
    func twin(_ objective: String) -> String {
      """
      objectives: {rto: \(objective)}
      steps:
        - id: look
          exec: [look]
          effect: observe
          timeout: 10m
      """
    }
    check(
      .overObjective, at: "run", defective: twin("5m"), mended: twin("1h"), faults: ["timeout at steps.look"])
  }

  @Test("a point of no return without an approval")
  func unapproved() {
    func twin(_ gate: String) -> String {
      """
      steps:
        - id: wipe
          exec: [wipe]
          effect: irreversible
          timeout: 1m
          applied: {exec: [look], timeout: 5s}
          preconditions: [{exec: [look], timeout: 5s}]
          \(gate)
      """
    }
    check(
      .unapproved, at: "steps.wipe", defective: twin("confirm: Wipe?"),
      mended: twin("approval: {from: [lead], within: 1h}"), faults: [])
  }

  @Test("a doubt that only a person can settle, though `applied` could")
  func personalDoubt() {
    func twin(_ applied: String) -> String {
      """
      steps:
        - id: change
          exec: [change]
          timeout: 1m
          effect: change
          \(applied)
          rollback: {exec: [undo], timeout: 1m, repeatable: true}
      """
    }
    check(
      .personalDoubt, at: "steps.change", defective: twin("title: Change"),
      mended: twin("applied: {exec: [look], timeout: 5s}"), faults: ["crash-before at steps.change"])
  }

  @Test("a gate that opens on what was looked at before")
  func staleGate() {
    func twin(_ own: String) -> String {
      """
      preconditions: [{exec: [look], timeout: 5s}]
      steps:
        - id: change
          exec: [change]
          timeout: 1m
          effect: change
          applied: {exec: [look], timeout: 5s}
          approval: {from: [lead], within: 1h}
          \(own)
          rollback: {exec: [undo], timeout: 1m, repeatable: true}
      """
    }
    check(
      .staleGate, at: "steps.change", defective: twin("title: Change"),
      mended: twin("preconditions: [{exec: [look], timeout: 5s}]"), faults: [])
  }

  // MARK: Twins

  /// - Parameters:
  ///   - faults: What must go wrong for it to show, and no less.
  ///   - besides: What else is wrong with the defective one.
  private func check(
    _ kind: Finding.Kind, at address: String, defective: String, mended: String, faults: [String],
    scenario: String = "", besides: Set<Finding.Kind> = [],
    _ place: SourceLocation = #_sourceLocation
  ) {
    let wrong = explore(defective, scenario, place)
    let found = wrong.exploration.findings.filter { $0.key == Finding.Key(kind, address) }
    #expect(found.count == 1, "\(wrong.exploration.findings.map(\.key))", sourceLocation: place)
    #expect(
      Set(wrong.exploration.findings.map(\.key.kind)).subtracting(besides) == [kind],
      "\(wrong.exploration.findings.map(\.key))", sourceLocation: place)
    #expect(wrong.exploration.unplayable.map(\.message) == [], sourceLocation: place)
    if let finding = found.first {
      #expect(
        finding.faults.map { "\($0.kind.rawValue) at \($0.address)" } == faults, sourceLocation: place)
      replay(finding, of: defective, wrong.planned, place)
    }
    let right = explore(mended, scenario, place)
    #expect(right.exploration.findings.map(\.key) == [], sourceLocation: place)
    #expect(right.exploration.unplayable.map(\.message) == [], sourceLocation: place)
  }

  /// The finding's scenario as a file is played alone, and shows what was found.
  private func replay(
    _ finding: Finding, of runbook: String, _ planned: PlannedRehearsal, _ place: SourceLocation
  ) {
    let text = ScenarioText.write(finding.scenario, of: planned.plan)
    let main = Rehearsing(runbook, settings: Self.settings)
    let (read, diagnostics) = main.planned(file: text)
    guard let read else {
      Issue.record("\(text)\n\(diagnostics)", sourceLocation: place)
      return
    }
    var run = ExploredRun(read, zones: [], FaultPlaces(read.plan), withTimes: true, isWhole: true)
    while run.advance() != nil {}
    run.conclude()
    #expect(run.watch.found.map(\.key).contains(finding.key), "\(text)", sourceLocation: place)
    let result = RehearsedRun(read).play()
    #expect(!result.failures.contains { $0.contains("never happened") }, "\(text)", sourceLocation: place)
  }

  private static let settings = """
    name: p
    people: {ann: {login: ann}}
    roles: {lead: [ann]}
    """

  private func explore(
    _ runbook: String, _ scenario: String, _ place: SourceLocation
  ) -> (planned: PlannedRehearsal, exploration: Exploration) {
    let main = Rehearsing(runbook, settings: Self.settings)
    let planned = main.planned(scenario)
    let exploration = Explorer(planned).explore(pairs: true) { count, work in (0..<count).map(work) }
    return (planned, exploration)
  }
}
