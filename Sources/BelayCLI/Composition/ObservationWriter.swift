import CanonicalJSON
import Presentation
import RunbookExecutor

/// Shows what a dry run observed otherwise than an earlier run.
struct ObservationWriter {
  let options: EngineOptions

  /// Writes it as the rest of the run is written.
  func write(_ comparison: ObservationComparison, against earlier: String) {
    if options.json {
      let differences = comparison.differences.map { difference in
        JSON.object([
          .init("address", .string(difference.address)), .init("was", Self.json(difference.was)),
          .init("now", Self.json(difference.now)),
        ])
      }
      let line = JSON.object([
        .init("type", "observations.compared"), .init("against", .string(earlier)),
        .init("same-plan", .bool(comparison.isSamePlan)), .init("compared", .int(Int64(comparison.compared))),
        .init("differences", .array(differences)),
      ])
      Terminal.standardOutput.write(JSON.displayable(line.lineText()) + "\n")
      return
    }
    if options.quiet, comparison.differences.isEmpty { return }
    let words = RunWords(colour: Terminal.standardOutput.wantsColour)
    var lines = ["", words.paint("Against run \(earlier)", .bold) + (comparison.isSamePlan ? "" : ", of another plan")]
    for difference in comparison.differences {
      lines.append("  \(words.paint("~", .yellow)) \(RunWords.harmless(difference.address))")
      lines.append("      was: " + Self.text(difference.was))
      lines.append("      now: " + Self.text(difference.now))
    }
    if comparison.differences.isEmpty {
      lines.append("  nothing is observed otherwise (\(comparison.compared) observations)")
    }
    Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
  }

  private static func text(_ observation: ObservationComparison.Observation?) -> String {
    guard let observation else { return "not looked at" }
    return ([observation.end] + observation.written.map { RunWords.marked($0.trimmingSuffix { $0.isNewline }) })
      .joined(separator: "\n      │ ")
  }

  private static func json(_ observation: ObservationComparison.Observation?) -> JSON {
    guard let observation else { return .null }
    return .object([.init("end", .string(observation.end)), .init("written", .strings(observation.written))])
  }
}

extension String {
  /// The text without what it ends with that matches.
  fileprivate func trimmingSuffix(while matches: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, matches(last) { text.removeLast() }
    return String(text)
  }
}
