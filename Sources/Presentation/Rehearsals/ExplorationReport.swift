import CanonicalJSON
import Rehearsal
import RunbookParser

/// What came of explorations, as text, JSON or JUnit XML.
package struct ExplorationReport {
  /// An exploration, where its scenario stands, and what was asked of it.
  package struct Entry {
    /// The file; nil where nobody wrote one.
    package var file: String?
    /// What came of it.
    package var exploration: Exploration
    /// How much must be covered, in per cent; nil where nothing must.
    package var minimum: Int?
    /// The files that the findings' scenarios were written to, in their order; empty where none were.
    package var findingFiles: [String]

    package init(file: String?, exploration: Exploration, minimum: Int?, findingFiles: [String]) {
      self.file = file
      self.exploration = exploration
      self.minimum = minimum
      self.findingFiles = findingFiles
    }

    /// What is not covered as it should be.
    var shortfalls: [String] {
      guard let minimum else { return [] }
      return [
        ("rollback coverage", exploration.rollbackCoverage), ("fault coverage", exploration.faultCoverage),
      ].filter { $0.1.percent < minimum }.map { "\($0.0) is \($0.1.percent) %, and must be \(minimum) %" }
    }

    /// Whether nothing was found, and as much was covered as should be.
    package var hasPassed: Bool {
      exploration.findings.isEmpty && exploration.unplayable.isEmpty && shortfalls.isEmpty
    }
  }

  private let words: RunWords

  package init(colour: Bool) { self.words = RunWords(colour: colour) }

  // MARK: For people

  /// Each exploration: what was tried, what it covers, what was found.
  package func lines(_ entries: [Entry]) -> [String] {
    var lines: [String] = []
    for entry in entries {
      if !lines.isEmpty { lines.append("") }
      lines += self.lines(entry)
    }
    return lines
  }

  private func lines(_ entry: Entry) -> [String] {
    let exploration = entry.exploration
    let place = entry.file.map { "  " + words.paint(RunWords.harmless($0), .dim) } ?? ""
    let environment = exploration.plan.environment.map { " in \($0)" } ?? ""
    var lines = [
      words.paint("Exploration of \(exploration.plan.name) \(exploration.plan.version)\(environment)", .bold) + place,
      "  " + Self.count(exploration.cases, "case") + ", " + Self.count(exploration.states, "state")
        + (exploration.merged == 0
          ? ""
          : "; \(Self.count(exploration.merged, "case")) led to a state that others had led to, and were not followed further"),
    ]
    if exploration.outcome != .succeeded, exploration.cases > 1 {
      lines.append(
        words.paint("  as it is           ", .yellow)
          + "\(exploration.outcome.rawValue), so that no rollback on request is tried")
    }
    lines += [
      coverage("rollback coverage", exploration.rollbackCoverage),
      coverage("fault coverage", exploration.faultCoverage),
    ]
    if let longest = exploration.longest, let objective = exploration.plan.objectives?.recoveryTime {
      lines.append(
        "  longest            \(DurationText.render(longest.elapsed)) of \(DurationText.render(objective))"
          + " when \(Self.when(longest.faults))")
    }
    if !exploration.isComplete {
      lines.append(words.paint("  " + Self.leftOut(exploration), .yellow))
    }
    for (place, finding) in exploration.findings.enumerated() {
      lines.append(
        words.paint("✗ ", .red) + words.paint(finding.key.kind.rawValue, .bold) + " "
          + RunWords.harmless(finding.key.address))
      lines.append("    " + RunWords.marked(finding.message))
      lines.append("    when " + Self.when(finding.faults))
      if place < entry.findingFiles.count {
        lines.append(
          "    " + words.paint("belay rehearse --scenario \(RunWords.harmless(entry.findingFiles[place]))", .dim))
      }
    }
    for problem in exploration.unplayable {
      let when = problem.faults.isEmpty ? "" : " when \(Self.when(problem.faults))"
      lines.append(words.paint("✗ ", .red) + "cannot be played\(when): " + RunWords.marked(problem.message))
    }
    for shortfall in entry.shortfalls { lines.append(words.paint("✗ ", .red) + shortfall) }
    if entry.hasPassed {
      lines.append(
        exploration.isComplete
          ? words.paint("nothing found", .green) : words.paint("nothing found in what was tried", .yellow))
    }
    return lines
  }

  private func coverage(_ name: String, _ coverage: Exploration.Coverage) -> String {
    let padded = name + String(repeating: " ", count: max(1, 19 - name.count))
    var line = "  \(padded)\(coverage.covered) of \(coverage.whole), \(coverage.percent) %"
    if !coverage.missing.isEmpty {
      let shown = coverage.missing.prefix(3).joined(separator: "; ")
      let more = coverage.missing.count > 3 ? "; and \(coverage.missing.count - 3) more" : ""
      line += words.paint(" (not come to: \(shown)\(more))", .dim)
    }
    return line
  }

  private static func leftOut(_ exploration: Exploration) -> String {
    var left: [String] = []
    if exploration.untried > 0 { left.append("\(count(exploration.untried, "fault")) not tried") }
    if exploration.leftOut > 0 {
      left.append("\(count(exploration.leftOut, "fault")) tried alone and with no second one")
    }
    return "the limit of cases was reached: " + left.joined(separator: ", ")
  }

  private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

  private static func when(_ faults: [ExploredFault]) -> String {
    faults.isEmpty ? "it is played as it is" : RunWords.harmless(faults.map(\.words).joined(separator: ", and "))
  }

  // MARK: For programs

  /// All of it as JSON.
  package static func json(_ entries: [Entry]) -> JSON {
    .object([
      .init("passed", .bool(entries.allSatisfy(\.hasPassed))), .init("explorations", .array(entries.map(json))),
    ])
  }

  private static func json(_ entry: Entry) -> JSON {
    let exploration = entry.exploration
    var members: [JSON.Member] = [
      .init("runbook", .string(exploration.plan.name)), .init("version", .string(exploration.plan.version)),
      .init("plan", .string(exploration.plan.digest)), .init("passed", .bool(entry.hasPassed)),
      .init("outcome", .string(exploration.outcome.rawValue)), .init("complete", .bool(exploration.isComplete)),
      .init("cases", .int(Int64(exploration.cases))),
      .init("merged", .int(Int64(exploration.merged))), .init("states", .int(Int64(exploration.states))),
      .init("untried", .int(Int64(exploration.untried))), .init("untried-pairs-of", .int(Int64(exploration.leftOut))),
      .init("rollback-coverage", json(exploration.rollbackCoverage)),
      .init("fault-coverage", json(exploration.faultCoverage)),
      .init("findings", .array(exploration.findings.map { json($0, of: exploration.plan) })),
      .init(
        "problems",
        .array(
          exploration.unplayable.map {
            .object([.init("message", .string($0.message)), .init("faults", json($0.faults))])
          })),
      .init("shortfalls", .strings(entry.shortfalls)),
    ]
    if let file = entry.file { members.insert(.init("file", .string(file)), at: 0) }
    if let environment = exploration.plan.environment { members.append(.init("environment", .string(environment))) }
    if let longest = exploration.longest {
      members.append(
        .init("longest", .object([.init("ms", .int(longest.elapsed)), .init("faults", json(longest.faults))])))
    }
    return .object(members)
  }

  private static func json(_ coverage: Exploration.Coverage) -> JSON {
    .object([
      .init("covered", .int(Int64(coverage.covered))), .init("of", .int(Int64(coverage.whole))),
      .init("percent", .int(Int64(coverage.percent))), .init("missing", .strings(coverage.missing)),
    ])
  }

  private static func json(_ faults: [ExploredFault]) -> JSON {
    .array(
      faults.map { .object([.init("kind", .string($0.kind.rawValue)), .init("at", .string($0.address))]) })
  }

  private static func json(_ finding: Finding, of plan: RunPlan) -> JSON {
    .object([
      .init("kind", .string(finding.key.kind.rawValue)), .init("address", .string(finding.key.address)),
      .init("message", .string(finding.message)), .init("faults", json(finding.faults)),
      .init("scenario", .string(ScenarioText.write(finding.scenario, of: plan))),
    ])
  }

  /// All of it as JUnit XML: a suite for each exploration, a case for each kind of finding.
  package static func junit(_ entries: [Entry]) -> String {
    let suites = entries.map(suite)
    let tests = suites.reduce(0) { $0 + $1.tests }
    let failures = suites.reduce(0) { $0 + $1.failures }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"belay rehearse --explore\" tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\">\n"
      + suites.map(\.text).joined() + "</testsuites>\n"
  }

  private static func suite(_ entry: Entry) -> (text: String, tests: Int, failures: Int) {
    let exploration = entry.exploration
    let name = XMLText.attribute(exploration.plan.name)
    var cases: [(name: String, problems: [String])] = Finding.Kind.allCases.map { kind in
      (
        kind.rawValue,
        exploration.findings.filter { $0.key.kind == kind }.map {
          "\($0.key.address): \($0.message) (when \(when($0.faults)))"
        }
      )
    }
    cases.append(
      ("every case can be played", exploration.unplayable.map { "\($0.message) (when \(when($0.faults)))" }))
    if entry.minimum != nil { cases.append(("coverage", entry.shortfalls)) }
    let failures = cases.count { !$0.problems.isEmpty }
    let left = exploration.isComplete ? 0 : 1
    let count = cases.count + left
    var text =
      "  <testsuite name=\"\(name)\" tests=\"\(count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(left)\">\n"
    for (title, problems) in cases {
      text += "    <testcase classname=\"\(name)\" name=\"\(XMLText.attribute(title))\""
      if problems.isEmpty {
        text += "/>\n"
      } else {
        text +=
          ">\n      <failure type=\"exploration\" message=\"\(XMLText.attribute(problems[0]))\">"
          + XMLText.content(problems.joined(separator: "\n")) + "</failure>\n    </testcase>\n"
      }
    }
    if left > 0 {
      text += "    <testcase classname=\"\(name)\" name=\"what is left\">\n      <skipped message=\""
      text += XMLText.attribute(leftOut(exploration)) + "\"/>\n    </testcase>\n"
    }
    return (text + "  </testsuite>\n", count, failures)
  }
}
