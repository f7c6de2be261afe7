import CanonicalJSON
import Diagnostics
import RunbookParser

/// A rule's page, as the reference holds it and `belay explain` shows it.
package struct RulePage {
  private let rule: RuleDescription

  /// The page of a rule.
  package init(_ rule: RuleDescription) { self.rule = rule }

  // MARK: Formats

  /// The page in Markdown.
  package func markdown() -> String {
    var text = "# \(rule.code): \(rule.title)\n\n*\(kind)*\n\n\(rule.explanation)\n"
    for (example, heading) in examples {
      text += "\n## \(heading)\n\n\(introduction(example).map { $0 + "\n\n" } ?? "")```yaml\n\(example.text)```\n"
      if let said = said(of: example) { text += "\n```text\n\(said)```\n" }
    }
    return text
  }

  /// The page for a terminal.
  package func text(colour: Bool) -> String {
    let words = RunWords(colour: colour)
    var text = words.paint("\(rule.code): \(rule.title)", .bold) + " (\(rule.severity.rawValue))\n\n"
    text += rule.explanation + "\n"
    for (example, heading) in examples {
      text += "\n" + words.paint(heading, .bold) + (introduction(example).map { ", " + $0 } ?? "") + "\n\n"
      text += Self.indented(example.text)
      if let said = said(of: example, colour: colour) { text += "\n" + Self.indented(said) }
    }
    return text
  }

  /// The page for programs.
  package func json() -> JSON {
    func object(_ example: RuleDescription.Example) -> JSON {
      var members: [JSON.Member] = [.init("text", .string(example.text))]
      if let introduction = introduction(example) { members.append(.init("given", .string(introduction))) }
      if let said = said(of: example) { members.append(.init("says", .string(said))) }
      return .object(members)
    }
    return .object(
      Self.summary(rule) + [
        .init("explanation", .string(rule.explanation)), .init("bad", .array(rule.bad.map(object))),
        .init("good", .array(rule.good.map(object))),
      ])
  }

  // MARK: The list

  /// Every rule in a line of its own, for a terminal.
  package static func list() -> String {
    let rows = RuleDescription.all.map { [$0.code.rawValue, $0.severity.rawValue, $0.title] }
    return TextTable.lines([["CODE", "SEVERITY", "TITLE"]] + rows).joined(separator: "\n") + "\n"
  }

  /// Every rule, for programs.
  package static func listJSON() -> JSON { .array(RuleDescription.all.map { .object(summary($0)) }) }

  /// The first page of the reference, in Markdown.
  package static func index() -> String {
    var text = "# Diagnostics\n\nWhat `belay validate` finds, by code. `belay explain CODE` shows the same pages.\n\n"
    text += "| code | severity | finds |\n|---|---|---|\n"
    for rule in RuleDescription.all {
      let title = rule.title.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
      text += "| [\(rule.code)](\(rule.code).md) | \(rule.severity.rawValue) | \(title) |\n"
    }
    return text
  }

  // MARK: Parts

  private static func summary(_ rule: RuleDescription) -> [JSON.Member] {
    [
      .init("code", .string(rule.code.rawValue)), .init("severity", .string(rule.severity.rawValue)),
      .init("title", .string(rule.title)),
    ]
  }

  private var kind: String {
    if rule.bad.allSatisfy({ $0.asked == .formatter }) { return "An error: the file is not formatted." }
    return rule.severity == .error ? "An error: the runbook cannot be used." : "A warning: the runbook can be used."
  }

  private var examples: [(RuleDescription.Example, String)] {
    rule.bad.map { ($0, "Wrong") } + rule.good.map { ($0, "Right") }
  }

  private func introduction(_ example: RuleDescription.Example) -> String? {
    switch example.asked {
    case .shellCheck: return "with `--shellcheck`:"
    case .formatter: return "to `belay fmt`:"
    case .compiler: break
    }
    var given: [String] = example.inputs.sorted { $0.key < $1.key }.map { "-i \($0.key)=\($0.value)" }
    if let environment = example.request?.environment { given.append("--environment \(environment)") }
    if given.isEmpty { return example.request == nil ? nil : "planned without any input:" }
    return "planned with `\(given.joined(separator: " "))`:"
  }

  /// What is said of an example; nil where that is nothing, or the compiler is not who says it.
  private func said(of example: RuleDescription.Example, colour: Bool = false) -> String? {
    guard case .compiler = example.asked else { return nil }
    let diagnostics = example.diagnostics()
    return diagnostics.isEmpty ? nil : DiagnosticTextRenderer(colour: colour).render(diagnostics)
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    " + $0 }
      .joined(separator: "\n")
  }
}
