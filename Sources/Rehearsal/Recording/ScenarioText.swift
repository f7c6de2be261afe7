import CanonicalJSON
import Diagnostics
import Expressions
import RunEngine
import RunbookParser

/// A scenario as a file, in a layout that formatting brings into its own.
package enum ScenarioText {
  /// The file's text.
  ///
  /// - Parameters:
  ///   - plan: What it is of; its inputs and environment are the scenario's.
  ///   - addresses: The order of the answers; what is not among them follows by name.
  ///   - remarks: Lines for the head of the file.
  package static func write(
    _ scenario: RehearsalScenario, of plan: RunPlan, addresses: [String] = [], remarks: [String] = []
  ) -> String {
    var lines = remarks.map { "# " + $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
    lines += ["rehearsal: 1", "runbook: \(plan.name)", "name: \(text(scenario.name))"]
    let inputs = plan.inputs.compactMap { input -> String? in
      guard case .value(let value) = input.content else { return nil }
      return "  \(input.name): \(flow(value.json))"
    }
    if !inputs.isEmpty { lines += ["inputs:"] + inputs }
    if let environment = plan.environment { lines.append("environment: \(environment)") }
    if let clock = scenario.clock {
      lines.append("clock: \(Value.timestamp(Timestamp(milliseconds: clock)).rendered)")
    }
    let order = addresses.filter { scenario.answers[$0] != nil }
    let others = scenario.answers.keys.filter { !order.contains($0) }.sorted()
    lines += section("answers", (order + others).map { ($0, (scenario.answers[$0] ?? []).map(answer)) })
    lines += section(
      "people", scenario.people.keys.sorted().map { ($0, (scenario.people[$0] ?? []).map(saying)) })
    if !scenario.faults.isEmpty {
      lines.append("faults:")
      lines += scenario.faults.map { "  - {at: \(text($0.address)), kind: \($0.kind.rawValue)}" }
    }
    if !scenario.then.isEmpty { lines.append("then: \(flow(.strings(scenario.then.map(\.rawValue))))") }
    let expected = expectation(scenario.expectation)
    if !expected.isEmpty { lines += ["expect:"] + expected.map { "  " + $0 } }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The part of a run's scenario that a plan is made from: the runbook may have lost what was answered then.
  package static func head(of run: RunState) -> SourceText {
    var scenario = RehearsalScenario(runbook: run.plan.name, name: "run \(run.run.id)")
    scenario.clock = run.startedAt
    return SourceText(name: scenario.name, text: write(scenario, of: run.plan))
  }

  private static func section(_ name: String, _ entries: [(address: String, values: [JSON])]) -> [String] {
    if entries.isEmpty { return [] }
    return [name + ":"]
      + entries.flatMap { address, values -> [String] in
        let key = "  \(text(address)):"
        if values.isEmpty { return [key + " []"] }
        if values.count == 1 { return [key + " " + flow(values[0])] }
        return [key] + values.map { "    - " + flow($0) }
      }
  }

  // MARK: Parts

  private static func answer(_ answer: RehearsalScenario.Answer) -> JSON {
    var members: [JSON.Member] = []
    var isProgram = true
    switch answer.ending {
    case .success: break
    case .exit(let status): members.append(.init("exit", .int(Int64(status))))
    case .signal(let signal): members.append(.init("signal", .int(Int64(signal))))
    case .status(let status):
      isProgram = false
      members.append(.init("status", .int(Int64(status))))
    case .error(let reason): members.append(.init("error", .string(reason)))
    case .holds(let holds): members.append(.init("holds", .bool(holds)))
    }
    if !answer.headers.isEmpty {
      members.append(.init("headers", .object(answer.headers.map { .init($0.name, .string($0.value)) })))
    }
    if let text = answer.text { members.append(.init(isProgram ? "stdout" : "body", .string(text))) }
    if !answer.errors.isEmpty { members.append(.init("stderr", .string(answer.errors))) }
    if !answer.outputs.isEmpty {
      members.append(.init("outputs", .object(answer.outputs.map { .init($0.name, $0.value.json) })))
    }
    if let applied = answer.applied { members.append(.init("applied", .bool(applied))) }
    if let takes = answer.takes { members.append(.init("takes", .string(DurationText.render(takes)))) }
    if let until = answer.until { members.append(.init("until", .string(DurationText.render(until)))) }
    return .object(members)
  }

  private static func saying(_ saying: RehearsalScenario.Saying) -> JSON {
    var members: [JSON.Member] = []
    switch saying.words {
    case .vote(let person, let approves): members.append(.init(approves ? "approve" : "deny", .string(person)))
    case .confirm(let yes): members.append(.init("confirm", .bool(yes)))
    case .choose(let choice): members.append(.init("choose", .string(choice)))
    case .tick(let tick): members.append(.init("tick", tick.map { .bool($0) } ?? .string("not-applicable")))
    case .fields(let fields): members.append(.init("fields", .object(fields.map { .init($0.name, $0.value.json) })))
    }
    if let by = saying.by { members.append(.init("by", .string(by))) }
    if !saying.reason.isEmpty { members.append(.init("reason", .string(saying.reason))) }
    if let after = saying.after { members.append(.init("after", .string(DurationText.render(after)))) }
    return .object(members)
  }

  private static func expectation(_ expectation: RehearsalScenario.Expectation) -> [String] {
    var lines: [String] = []
    if let outcome = expectation.outcome { lines.append("outcome: \(outcome.rawValue)") }
    if let order = expectation.order { lines.append("order: \(flow(.strings(order)))") }
    if !expectation.never.isEmpty { lines.append("never: \(flow(.strings(expectation.never)))") }
    if !expectation.statuses.isEmpty {
      lines.append("statuses:")
      lines += expectation.statuses.map { "  \(text($0.address)): \($0.status.rawValue)" }
    }
    if let within = expectation.within { lines.append("within: \(DurationText.render(within))") }
    if let residue = expectation.residue { lines.append("residue: \(flow(.strings(residue)))") }
    return lines
  }

  // MARK: YAML

  private static func flow(_ json: JSON) -> String {
    switch json {
    case .array(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { text($0.key) + ": " + flow($0.value) }.joined(separator: ", ") + "}"
    case .string(let value): text(value)
    default: json.lineText()
    }
  }

  /// A text: plain where nothing else could be read in it, else as JSON writes it, which YAML reads.
  private static func text(_ value: String) -> String {
    if isWords(value) || isDuration(value) { return value }
    let quoted = JSON.string(value.replacing("\u{0}", with: "\u{FFFD}")).lineText()
    var escaped = String.UnicodeScalarView()
    for scalar in quoted.unicodeScalars {
      switch scalar.value {
      // YAML has no place for some of them, and breaks lines at others.
      case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16)
        let zeros = String(repeating: "0", count: 4 - digits.count)
        escaped.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  /// Words that begin with a letter, with one blank between two of them.
  private static func isWords(_ value: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
    let words = value.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard value.utf8.first.map(isLetter) == true else { return false }
    let arePlain = words.allSatisfy { word in
      !word.isEmpty && word.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || "-_./".utf8.contains($0) }
        && word.first != UInt8(ascii: "-")
    }
    return arePlain && !["true", "false", "null", "yes", "no", "on", "off"].contains(value.lowercased())
  }

  private static func isDuration(_ value: String) -> Bool {
    value.utf8.first.map { $0 >= 0x30 && $0 <= 0x39 } == true && value.utf8.last.map { $0 > 0x39 } == true
      && DurationText.parse(value) != nil
  }
}
