import CanonicalJSON
import Rehearsal
import RunEngine
import RunbookParser

/// A run held against the plan of today, as text or JSON.
package struct ReplayReport {
  private let words: RunWords

  package init(colour: Bool) { self.words = RunWords(colour: colour) }

  /// The report for people.
  ///
  /// - Parameter omissions: What happened in the run and cannot be replayed.
  package func lines(
    _ comparison: ReplayComparison, _ past: RunState, _ today: RehearsalResult, omissions: [String] = []
  ) -> [String] {
    let plan = today.state.plan
    var lines = [
      words.paint("Run \(past.run.id)", .bold) + "  \(past.plan.name) \(past.plan.version), held against "
        + (comparison.isSamePlan ? "the same plan" : "\(plan.name) \(plan.version) of today")
    ]
    for omission in omissions { lines.append(line("!", .yellow, "", "not replayed: \(omission)")) }
    for difference in comparison.differences { lines += self.lines(difference) }
    if comparison.differences.isEmpty { lines.append(words.paint("nothing would be done differently", .green)) }
    return lines
  }

  private func lines(_ difference: ReplayComparison.Difference) -> [String] {
    switch difference {
    case .gone(let deed): [line("-", .red, deed.address, "would not be done: \(Self.describe(deed))")]
    case .new(let deed): [line("+", .green, deed.address, "would be done: \(Self.describe(deed))")]
    case .changed(let was, let now):
      [
        line("~", .yellow, was.address, "was: \(Self.describe(was))"),
        line(" ", .dim, "", "now: \(Self.describe(now))"),
      ]
    case .moved(let deed): [line("↕", .yellow, deed.address, "comes at another place")]
    case .status(let address, let was, let now):
      [line("~", .yellow, address, "was \(was.rawValue), now \(now.rawValue)")]
    case .outcome(let was, let now):
      [line("~", .yellow, "run", "ended as \(was.rawValue), would end as \(now.rawValue)")]
    case .unknown(let reason): [line("?", .yellow, "", reason)]
    }
  }

  private func line(_ sign: String, _ style: RunWords.Style, _ name: String, _ text: String) -> String {
    let padded = name.count < 24 ? name + String(repeating: " ", count: 24 - name.count) : name + " "
    return "  \(words.paint(sign, style)) \(padded) \(RunWords.marked(text))"
  }

  private static func describe(_ deed: ReplayComparison.Deed) -> String {
    guard case .program(let program) = deed.action else { return RunWords.describe(deed.action, planned: nil) }
    // What differs may stand anywhere in it.
    let directory = program.directory.map { ", in \($0)" } ?? ""
    let place = program.place.map { " on \($0.description)" } ?? ""
    return RunWords.commandLine(program.arguments) + place + directory
  }

  /// The report for programs.
  package static func json(
    _ comparison: ReplayComparison, _ past: RunState, _ today: RehearsalResult, omissions: [String] = []
  ) -> JSON {
    .object([
      .init("run", .string(past.run.id)), .init("runbook", .string(past.plan.name)),
      .init("plan", .string(past.plan.digest)), .init("today", .string(today.state.plan.digest)),
      .init("same-plan", .bool(comparison.isSamePlan)),
      .init("not-replayed", .strings(omissions)), .init("differences", .array(comparison.differences.map(json))),
    ])
  }

  private static func json(_ difference: ReplayComparison.Difference) -> JSON {
    func members(_ kind: String, _ address: String?, _ more: [(String, String)]) -> JSON {
      .object(
        [.init("kind", .string(kind))] + (address.map { [.init("address", .string($0))] } ?? [])
          + more.map { .init($0.0, .string($0.1)) })
    }
    switch difference {
    case .gone(let deed): return members("gone", deed.address, [("was", describe(deed))])
    case .new(let deed): return members("new", deed.address, [("now", describe(deed))])
    case .changed(let was, let now):
      return members("changed", was.address, [("was", describe(was)), ("now", describe(now))])
    case .moved(let deed): return members("moved", deed.address, [])
    case .status(let address, let was, let now):
      return members("status", address, [("was", was.rawValue), ("now", now.rawValue)])
    case .outcome(let was, let now): return members("outcome", nil, [("was", was.rawValue), ("now", now.rawValue)])
    case .unknown(let reason): return members("unknown", nil, [("reason", reason)])
    }
  }
}
