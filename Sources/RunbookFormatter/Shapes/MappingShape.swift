import RunbookParser

/// What stands at a place of a file: which keys it has, in which order, and what stands under them.
enum MappingShape {
  /// Nothing is known of it: the order of its keys stays.
  case free
  case runbook, library
  case requires, tool, tunnel, defaults, objectives, event, declaration, secretSource
  case step, check, namedCheck, undo, dryRun
  case http, prometheus, manual, decide, option, tick, call, notice, approval, confirm, retry, place, failurePolicy
  /// Names of the author's own, all with values of one shape; their order stays.
  indirect case names(MappingShape)

  /// The shape of a whole file by its first key; nil where it is of no kind that is known.
  static func file(beginningWith key: String) -> MappingShape? {
    switch key {
    case "belay": .runbook
    case "library": .library
    default: nil
    }
  }

  /// The order of the keys; nil where it stays.
  var order: [String]? {
    switch self {
    case .free, .names: nil
    case .runbook: KeyOrder.runbook
    case .library: KeyOrder.library
    case .requires: KeyOrder.requires
    case .tool: KeyOrder.tool
    case .tunnel: KeyOrder.tunnel
    case .defaults: KeyOrder.defaults
    case .objectives: KeyOrder.objectives
    case .event: KeyOrder.event
    case .declaration: KeyOrder.declaration
    case .secretSource: KeyOrder.secretSource
    case .step: KeyOrder.step
    case .check, .namedCheck: KeyOrder.check
    case .undo: KeyOrder.undo
    case .dryRun: KeyOrder.dryRun
    case .http: KeyOrder.http
    case .prometheus: KeyOrder.prometheus
    case .manual: KeyOrder.manual
    case .decide: KeyOrder.decide
    case .option: KeyOrder.option
    case .tick: KeyOrder.tick
    case .call: KeyOrder.call
    case .notice: KeyOrder.notice
    case .approval: KeyOrder.approval
    case .confirm: KeyOrder.confirm
    case .retry: KeyOrder.retry
    case .place: KeyOrder.place
    case .failurePolicy: KeyOrder.failurePolicy
    }
  }

  /// The shape of what stands under a key; a list has that of its elements.
  func child(_ key: String) -> MappingShape {
    switch (self, key) {
    case (.names(let shape), _): shape
    case (.runbook, "requires"): .requires
    case (.requires, "tools"): .names(.tool)
    case (.runbook, "inputs"), (.runbook, "values"), (.library, "values"), (.runbook, "outputs"), (.step, "outputs"),
      (.check, "outputs"), (.declaration, "fields"), (.manual, "fields"):
      .names(.declaration)
    case (.declaration, "of"): .declaration
    case (.declaration, "from"): .secretSource
    case (.runbook, "checks"), (.library, "checks"): .names(.namedCheck)
    // What it takes is declared there, while who uses a check gives values of any kind.
    case (.namedCheck, "with"): .names(.declaration)
    case (.namedCheck, _): MappingShape.check.child(key)
    case (.runbook, "tunnels"): .names(.tunnel)
    case (.runbook, "objectives"): .objectives
    case (.runbook, "defaults"): .defaults
    case (.runbook, "notify"): .event
    case (.runbook, "steps"), (.runbook, "finally"), (.step, "steps"): .step
    case (.runbook, "preconditions"), (.step, "preconditions"), (.step, "verify"), (.undo, "verify"),
      (.step, "applied"), (.step, "ready"), (.check, "any"), (.check, "all"), (.check, "not"):
      .check
    case (.step, "check"), (.undo, "check"), (.dryRun, "check"), (.check, "check"): .check
    case (.step, "rollback"): .undo
    case (.step, "dry-run"): .dryRun
    case (.step, "checklist"), (.undo, "checklist"), (.dryRun, "checklist"): .tick
    case (.step, "approval"): .approval
    case (.step, "confirm"): .confirm
    case (.step, "retry"), (.undo, "retry"): .retry
    case (.step, "on-failure"), (.undo, "on-failure"), (.runbook, "on-failure"): .failurePolicy
    case (.step, "runbook"), (.undo, "runbook"): .call
    case (.step, "notify"), (.undo, "notify"): .notice
    case (.decide, "options"): .option
    case (.step, "http"), (.check, "http"), (.undo, "http"), (.dryRun, "http"): .http
    case (.step, "prometheus"), (.check, "prometheus"), (.undo, "prometheus"), (.dryRun, "prometheus"),
      (.defaults, "prometheus"):
      .prometheus
    case (.step, "manual"), (.check, "manual"), (.undo, "manual"), (.dryRun, "manual"): .manual
    case (.step, "decide"), (.undo, "decide"), (.dryRun, "decide"): .decide
    case (.step, "on"), (.check, "on"), (.undo, "on"), (.dryRun, "on"), (.defaults, "on"): .place
    default: .free
    }
  }

  /// The shape of a mapping with these keys: an item of a checklist without a text is a check.
  func refined(by keys: [String]) -> MappingShape {
    if case .tick = self, !keys.contains("text") { return .check }
    return self
  }

  /// The places of keys in their order; as they stand, where one of them is not known.
  func places(of keys: [String]) -> [Int] {
    guard let order else { return Array(keys.indices) }
    var ranks: [Int] = []
    for key in keys {
      guard let rank = order.firstIndex(of: key) else { return Array(keys.indices) }
      ranks.append(rank)
    }
    return keys.indices.sorted { ranks[$0] < ranks[$1] }
  }
}
