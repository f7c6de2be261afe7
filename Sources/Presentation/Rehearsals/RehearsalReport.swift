import CanonicalJSON
import Journal
import Rehearsal
import RunEngine
import RunbookParser

/// What came of rehearsals, as text, JSON or JUnit XML.
package struct RehearsalReport {
  /// A rehearsal, where it stands, and the lines that tell its story.
  package struct Entry {
    /// The file; nil where nobody wrote one.
    package var file: String?
    /// What came of it.
    package var result: RehearsalResult
    /// The story, a line for each thing that matters.
    package var story: [String]

    package init(file: String?, result: RehearsalResult, story: [String]) {
      self.file = file
      self.result = result
      self.story = story
    }
  }

  private let words: RunWords

  package init(colour: Bool) { self.words = RunWords(colour: colour) }

  // MARK: For people

  /// One rehearsal with its story; of several a line each, and the story of those that failed.
  package func lines(_ entries: [Entry]) -> [String] {
    if entries.count == 1, let entry = entries.first { return whole(entry) }
    var lines: [String] = []
    for entry in entries where !entry.result.hasPassed { lines += whole(entry) + [""] }
    lines += entries.map(line)
    let failed = entries.count { !$0.result.hasPassed }
    let style: RunWords.Style = failed == 0 ? .green : .red
    let count = "\(entries.count) rehearsals"
    lines.append(words.paint(failed == 0 ? "\(count) passed" : "\(failed) of \(count) failed", style))
    return lines
  }

  private func line(_ entry: Entry) -> String {
    let result = entry.result
    let sign = result.hasPassed ? words.paint("✓", .green) : words.paint("✗", .red)
    let plan = result.state.plan
    let place = entry.file.map { "  " + words.paint(RunWords.harmless($0), .dim) } ?? ""
    return "\(sign) \(plan.name): \(RunWords.harmless(result.scenario.name))  "
      + "\(result.outcome.rawValue) in \(RunWords.length(result.elapsed))\(place)"
  }

  private func whole(_ entry: Entry) -> [String] {
    let result = entry.result
    let plan = result.state.plan
    let environment = plan.environment.map { " in \($0)" } ?? ""
    var lines = [
      words.paint("Rehearsal: \(RunWords.harmless(result.scenario.name))", .bold)
        + "  \(plan.name) \(plan.version)\(environment)"
    ]
    lines += entry.story
    lines.append("")
    if result.problems.isEmpty || result.state.isTerminal {
      lines += RunSummary(colour: words.colour).lines(ofRehearsal: result.state, standstill: result.standstill)
    }
    for problem in result.problems { lines.append(words.paint("✗ ", .red) + RunWords.marked(problem)) }
    for failure in result.failures { lines.append(words.paint("✗ ", .red) + RunWords.marked(failure)) }
    let verdict = result.hasPassed ? words.paint("passed", .green) : words.paint("failed", .red)
    lines.append("\(verdict) after \(RunWords.length(result.elapsed)) of simulated time")
    return lines
  }

  // MARK: For programs

  /// All of it as JSON.
  package static func json(_ entries: [Entry]) -> JSON {
    .object([
      .init("passed", .bool(entries.allSatisfy(\.result.hasPassed))), .init("rehearsals", .array(entries.map(json))),
    ])
  }

  private static func json(_ entry: Entry) -> JSON {
    let result = entry.result
    let plan = result.state.plan
    var members: [JSON.Member] = [
      .init("runbook", .string(plan.name)), .init("version", .string(plan.version)),
      .init("name", .string(result.scenario.name)), .init("plan", .string(plan.digest)),
      .init("passed", .bool(result.hasPassed)), .init("outcome", .string(result.outcome.rawValue)),
      .init("evidence", .string(Evidence.scripted.rawValue)), .init("ms", .int(result.elapsed)),
      .init("engines", .int(Int64(result.engines))), .init("order", .strings(result.order.map(\.name))),
      .init("residue", .strings(result.residue)), .init("failures", .strings(result.failures)),
      .init("problems", .strings(result.problems)),
    ]
    if let file = entry.file { members.insert(.init("file", .string(file)), at: 0) }
    if let environment = plan.environment { members.append(.init("environment", .string(environment))) }
    members.append(
      .init(
        "statuses",
        .object(
          result.state.stepsInOrder.map {
            .init(RunEventCodec.address($0, result.state), .string(result.state.status(of: $0).rawValue))
          })))
    members.append(.init("events", .array(result.events.map { json($0, result.state) })))
    return .object(members)
  }

  private static func json(_ event: RehearsedEvent, _ state: RunState) -> JSON {
    let body = RunEventCodec.encode(event.event, in: state)
    var members: [JSON.Member] = [
      .init("ms", .int(event.time - state.startedAt)), .init("type", .string(body.type)), .init("data", body.data),
    ]
    if let step = body.step { members.append(.init("step", .string(step))) }
    if let actor = body.actor { members.append(.init("actor", .string(actor))) }
    if event.isUsual { members.append(.init("default", .bool(true))) }
    return .object(members)
  }

  /// All of it as JUnit XML: a suite for each runbook, a case for each rehearsal.
  package static func junit(_ entries: [Entry]) -> String {
    var names: [String] = []
    for entry in entries where !names.contains(entry.result.state.plan.name) {
      names.append(entry.result.state.plan.name)
    }
    let failed = entries.count { !$0.result.hasPassed }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\"belay rehearse\" tests=\"\(entries.count)\" failures=\"\(failed)\" errors=\"0\">\n"
    for name in names {
      let own = entries.filter { $0.result.state.plan.name == name }
      let failures = own.count { !$0.result.hasPassed }
      text += "  <testsuite name=\"\(XMLText.attribute(name))\" tests=\"\(own.count)\" failures=\"\(failures)\""
      text += " errors=\"0\">\n" + own.map(junit).joined() + "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func junit(_ entry: Entry) -> String {
    let result = entry.result
    let name = XMLText.attribute(result.scenario.name)
    // Seconds; nobody waited for them.
    let milliseconds = String(result.elapsed % 1000 + 1000).dropFirst()
    let time = "\(result.elapsed / 1000).\(milliseconds)"
    let head =
      "    <testcase classname=\"\(XMLText.attribute(result.state.plan.name))\" name=\"\(name)\" time=\"\(time)\""
    if result.hasPassed { return head + "/>\n" }
    let reasons = result.problems + result.failures
    let story = (entry.story + reasons).joined(separator: "\n")
    return head
      + ">\n      <failure type=\"rehearsal\" message=\"\(XMLText.attribute(reasons.joined(separator: "; ")))\">"
      + XMLText.content(story) + "</failure>\n    </testcase>\n"
  }
}
