import CanonicalJSON
import Rehearsal
import RunbookParser

/// How long a run is likely to take: part of `belay plan`.
package struct EstimateText: Sendable {
  /// How many names of steps without data are listed.
  private static let nameLimit = 8

  private let words: RunWords

  package init(colour: Bool) { words = RunWords(colour: colour) }

  /// The lines; none where nothing is known and nobody asks for an objective.
  package func lines(_ estimate: PlanEstimate) -> [String] {
    guard estimate.objective != nil || estimate.path.contains(where: { $0.spread != nil }) else { return [] }
    var lines = ["", words.paint("Expected time", .bold)]
    if estimate.path.contains(where: { $0.spread != nil }) {
      let known = "\(estimate.runs) \(estimate.runs == 1 ? "run" : "runs")"
      var text = "\(RunWords.length(estimate.expected)), nine of ten within \(RunWords.length(estimate.ninetieth))"
      if let objective = estimate.objective {
        let comparison = estimate.isTooLong ? words.paint("longer than", .red) : "of"
        text += "; \(comparison) the recovery objective of \(DurationText.render(objective))"
      }
      lines.append("  \(text) (\(known))")
      lines.append("  " + words.paint("critical path:", .dim) + " " + path(estimate.path))
    } else if let objective = estimate.objective {
      lines.append("  unknown, of the recovery objective of \(DurationText.render(objective)): no past run has data")
    }
    if !estimate.unknown.isEmpty {
      let more = estimate.unknown.count - Self.nameLimit
      let names = estimate.unknown.prefix(Self.nameLimit).joined(separator: ", ")
      lines.append("  " + words.paint("no data of:", .dim) + " \(names)" + (more > 0 ? " and \(more) more" : ""))
    }
    return lines
  }

  /// How long a step usually takes.
  package static func line(_ spread: PastDurations.Spread) -> String {
    "\(RunWords.length(spread.median)), nine of ten within \(RunWords.length(spread.ninetieth)) (\(spread.count) times)"
  }

  private func path(_ legs: [PlanEstimate.Leg]) -> String {
    let all = legs.map { leg in
      leg.step + " " + words.paint(leg.spread.map { RunWords.length($0.median) } ?? "?", .dim)
    }
    guard all.count > 12 else { return all.joined(separator: " → ") }
    return all.prefix(6).joined(separator: " → ") + " → … \(all.count - 12) more … → "
      + all.suffix(6).joined(separator: " → ")
  }

  /// The estimate for programs; times in milliseconds.
  package static func json(_ estimate: PlanEstimate) -> JSON {
    var members: [JSON.Member] = [
      .init("expected", .int(estimate.expected)), .init("p90", .int(estimate.ninetieth)),
      .init("runs", .int(Int64(estimate.runs))),
      .init(
        "critical-path",
        .array(
          estimate.path.map { leg in
            var members: [JSON.Member] = [.init("step", .string(leg.step))]
            if let spread = leg.spread {
              members += [
                .init("median", .int(spread.median)), .init("p90", .int(spread.ninetieth)),
                .init("count", .int(Int64(spread.count))),
              ]
            }
            return .object(members)
          })), .init("no-data", .strings(estimate.unknown)),
    ]
    if let objective = estimate.objective { members.append(.init("objective", .int(objective))) }
    return .object(members)
  }
}
