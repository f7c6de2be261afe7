import BelayTestSupport
import Rehearsal
import RunEngine
import RunbookParser
import Testing

/// How long a run is likely to take, by past ones.
@Suite struct EstimateTests {
  /// A plan whose steps take what past runs say, in seconds: for each run a rehearsal with these times, taken for real.
  private static func past(_ keys: String, _ runs: [[String: Int]]) -> (PastDurations, RunPlan) {
    let main = Rehearsing(keys)
    var past = PastDurations()
    var plan: RunPlan?
    for times in runs {
      let answers = times.map { "  steps.\($0.key): {takes: \($0.value)s}" }.sorted().joined(separator: "\n")
      let result = main.play("answers:\n" + answers)
      past.add(result.events.map { ($0.time, observed($0.event)) }, of: result.state)
      plan = result.state.plan
    }
    return (past, plan ?? main.play("").state.plan)
  }

  private static func observed(_ event: RunEvent) -> RunEvent {
    guard case .stepEnded(let step, let end, let outputs, _) = event else { return event }
    return .stepEnded(step, end, outputs: outputs, evidence: .observed)
  }

  private static let diamond = """
    objectives: {rto: 1m}
    steps:
      - {id: first, effect: observe, exec: [a]}
      - {id: left, needs: [first], effect: observe, exec: [b]}
      - {id: right, needs: [first], effect: observe, exec: [c]}
      - {id: pause, needs: [left, right], wait: 5s}
      - {id: last, effect: observe, exec: [d]}
    """

  @Test("the median and what nine of ten are within, by rank")
  func spread() {
    let (past, _) = Self.past(Self.diamond, (1...10).map { ["first": $0] })
    let first = past.spread(of: "steps.first")
    #expect(first?.median == 5_000)
    #expect(first?.ninetieth == 9_000)
    #expect(first?.count == 10)
    let (few, _) = Self.past(Self.diamond, [["first": 4], ["first": 2], ["first": 3]])
    #expect(few.spread(of: "steps.first")?.median == 3_000)
    #expect(few.spread(of: "steps.first")?.ninetieth == 4_000)
    #expect(few.spread(of: "steps.none") == nil)
  }

  @Test("the critical path is the longest way through the graph")
  func path() {
    let (past, plan) = Self.past(
      Self.diamond,
      [["first": 1, "left": 20, "right": 3, "last": 2], ["first": 1, "left": 20, "right": 3, "last": 2]])
    let estimate = PlanEstimate(plan, past)
    #expect(estimate.path.map(\.step) == ["first", "left", "pause", "last"])
    #expect(estimate.expected == 28_000)
    #expect(estimate.unknown.isEmpty)
    #expect(!estimate.isTooLong)
    let (slow, _) = Self.past(Self.diamond, [["first": 1, "left": 20, "right": 58, "last": 2]])
    #expect(PlanEstimate(plan, slow).path.map(\.step) == ["first", "right", "pause", "last"])
    #expect(PlanEstimate(plan, slow).isTooLong)
  }

  @Test("preconditions count, what people take does not, and what was left out is no gap")
  func around() {
    let keys = """
      preconditions: [{exec: [look]}]
      steps:
        - {id: change, exec: [change], confirm: Sure?, preconditions: [{exec: [look]}], rollback: {exec: [undo]}}
        - {id: rare, when: 1 > 2, effect: observe, exec: [look]}
      """
    let main = Rehearsing(keys)
    let result = main.play(
      """
      answers: {preconditions.0: {takes: 7s}, steps.change.preconditions.0: {takes: 2s}, steps.change: {takes: 3s}}
      people: {steps.change: {confirm: true, after: 10m}}
      """)
    var past = PastDurations()
    past.add(result.events.map { ($0.time, Self.observed($0.event)) }, of: result.state)
    let estimate = PlanEstimate(result.state.plan, past)
    #expect(past.spread(of: "steps.change")?.median == 7_000)
    #expect(estimate.path.map(\.step) == ["preconditions", "change", "rare"])
    #expect(estimate.expected == 14_000)
    #expect(estimate.unknown.isEmpty)
  }

  @Test("what was never measured is named, and stands on the path")
  func unknown() {
    let (_, plan) = Self.past(Self.diamond, [])
    let nothing = PlanEstimate(plan, PastDurations())
    #expect(nothing.unknown == ["first", "left", "right", "last"])
    #expect(nothing.path.map(\.step) == ["first", "right", "pause", "last"])
    #expect(nothing.expected == 5_000)
  }

  @Test("repetitions and the step around them are told apart, and failures are not counted")
  func repetitions() {
    let keys = """
      steps:
        - {id: shift, for-each: "['a', 'b']", effect: observe, exec: [a]}
        - {id: fails, on-failure: continue, effect: observe, exec: [b]}
      """
    let main = Rehearsing(keys)
    let result = main.play("answers: {steps.shift: {takes: 3s}, steps.fails: {exit: 1}}")
    var past = PastDurations()
    past.add(result.events.map { ($0.time, Self.observed($0.event)) }, of: result.state)
    #expect(past.spread(of: "steps.shift")?.median == 6_000)
    #expect(past.spread(of: "steps.shift[]")?.count == 2)
    #expect(past.spread(of: "steps.fails") == nil)
    // A rehearsal measures nothing.
    var scripted = PastDurations()
    scripted.add(result.events.map { ($0.time, $0.event) }, of: result.state)
    #expect(scripted.spread(of: "steps.shift") == nil)
  }
}
