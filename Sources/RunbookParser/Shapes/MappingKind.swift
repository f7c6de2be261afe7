/// The kinds of mappings of the language. What each may hold stands in `fields`, and how its keys depend on each other in
/// `rules`.
enum MappingKind: String, Sendable, CaseIterable {
  case runbook, library, project, inventory, rehearsal
  case answer, sample, saying, fault, expectation
  case requires, tool, defaults, objectives, tunnel
  case runNotice = "run-notice"
  case projectDefaults = "project-defaults"
  case prometheusDefaults = "prometheus-defaults"
  case environment, person, freeze, exception, keys, channel, slack
  case startRule = "start-rule"
  case approvalRule = "approval-rule"
  case pagerDuty = "pagerduty"
  case input, value, output, field
  case secretSource = "secret-source"
  case step, undo, kept
  case dryRun = "dry-run"
  case check, precondition
  case innerCheck = "inner-check"
  case namedCheck = "named-check"
  case runPrecondition = "run-precondition"
  case http, probe, prometheus, manual, decide, option, tick, notice, call
  case place, retry, confirm, approval
  case scopedFailure = "scoped-failure"

  /// The keys, and what the mapping is called.
  var table: KeyTable {
    switch self {
    case .runbook: .runbook
    case .library: .library
    case .project: .project
    case .inventory: .inventory
    case .rehearsal: .rehearsal
    case .answer: .answer
    case .sample: .sample
    case .saying: .saying
    case .fault: .fault
    case .expectation: .expectation
    case .requires: .requires
    case .tool: .tool
    case .defaults: .defaults
    case .objectives: .objectives
    case .tunnel: .tunnel
    case .runNotice: .runNotice
    case .projectDefaults: .projectDefaults
    case .prometheusDefaults: .prometheusDefaults
    case .environment: .environment
    case .person: .person
    case .freeze: .freeze
    case .keys: .keys
    case .startRule: .startRule
    case .approvalRule: .approvalRule
    case .exception: .exception
    case .channel: .channel
    case .slack: .slack
    case .pagerDuty: .pagerDuty
    case .input: .input
    case .value: .value
    case .output: .output
    case .field: .field
    case .secretSource: .secretSource
    case .step: .step
    case .undo: .undo
    case .kept: .kept
    case .dryRun: .dryRun
    case .check: .check
    case .precondition, .runPrecondition: .precondition
    case .innerCheck: .innerCheck
    case .namedCheck: .namedCheck
    case .http, .probe: .http
    case .prometheus: .prometheus
    case .manual: .manual
    case .decide: .decide
    case .option: .option
    case .tick: .tick
    case .notice: .notice
    case .call: .call
    case .place: .place
    case .retry: .retry
    case .confirm: .confirm
    case .approval: .approval
    case .scopedFailure: .scopedFailure
    }
  }

  /// What stands under a key that the table knows.
  func shape(of key: String) -> Shape { Self.fields[self]?[key] ?? .anything }

  /// What a mapping of the kind is held to.
  var layout: MappingLayout { Self.layouts[self] ?? MappingLayout(self) }
  private static let layouts = Dictionary(uniqueKeysWithValues: allCases.map { ($0, MappingLayout($0)) })

  /// The keys of which there is one.
  var choices: [String] {
    for case .one(let keys, _) in rules { return keys }
    return []
  }

  /// The keys that must be there.
  var required: [String] {
    switch self {
    case .runbook: ["belay", "name", "steps"]
    case .library: ["library", "name"]
    case .project: ["project"]
    case .inventory: ["platform", "fields"]
    case .rehearsal: ["rehearsal", "runbook", "name"]
    case .sample: ["value"]
    case .fault: ["at", "kind"]
    case .runNotice: ["when", "channel", "message"]
    case .slack: ["url"]
    case .freeze: ["from", "until"]
    case .keys: ["allowed-signers"]
    case .startRule, .approval: ["from"]
    case .pagerDuty: ["routing-key"]
    case .input: ["type"]
    case .value, .output: ["type", "value"]
    case .step: ["id"]
    case .kept: ["because"]
    case .http, .probe: ["url"]
    case .prometheus: ["query"]
    case .manual, .tick: ["text"]
    case .decide: ["question", "options"]
    case .option: ["id"]
    case .notice: ["channel", "message"]
    case .call: ["name"]
    case .retry: ["attempts"]
    case .scopedFailure: ["undo"]
    case .requires, .tool, .defaults, .objectives, .tunnel, .projectDefaults, .prometheusDefaults, .environment,
      .person, .exception, .approvalRule, .channel, .field, .secretSource, .undo, .dryRun, .check, .precondition,
      .innerCheck, .namedCheck,
      .runPrecondition, .place, .confirm, .answer, .saying, .expectation:
      []
    }
  }

  /// How the keys depend on each other.
  var rules: [KeyRule] { Self.rulesByKind[self] ?? [] }
}

/// What a mapping is held to, key by key, in the form that is quickest to look into.
final class MappingLayout: Sendable {
  /// What may stand under each key, and what the key asks of the others.
  let entries: [String: (shape: Shape, rules: [KeyRule])]
  let required: [String]
  /// What is asked whichever keys are there.
  let standing: [KeyRule]

  init(_ kind: MappingKind) {
    var entries: [String: (shape: Shape, rules: [KeyRule])] = [:]
    for key in kind.table.keys { entries[key] = (kind.shape(of: key), kind.rules.filter { $0.isBrought(by: key) }) }
    self.entries = entries
    required = kind.required
    standing = kind.rules.filter { rule in
      switch rule {
      case .one, .some, .givenNeeds, .contract: true
      case .notBoth, .beside, .besideText, .needs, .given: false
      }
    }
  }
}

/// The kinds of files.
package enum FileKind: String, Sendable, CaseIterable {
  case runbook, library, project, inventory, rehearsal

  /// The first key, which has the language's version.
  package var firstKey: String {
    switch self {
    case .runbook: "belay"
    case .library: "library"
    case .project: "project"
    case .inventory: "platform"
    case .rehearsal: "rehearsal"
    }
  }

  var mapping: MappingKind {
    switch self {
    case .runbook: .runbook
    case .library: .library
    case .project: .project
    case .inventory: .inventory
    case .rehearsal: .rehearsal
    }
  }
}
