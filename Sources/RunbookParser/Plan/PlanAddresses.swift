/// What has an address in a plan: `steps.promote.verify.0`, `preconditions.standby-ready` and the like.
///
/// The repetitions of a `for-each` are not numbered before a run: `steps.shift[1]` is found as `steps.shift`.
package struct PlanAddresses {
  /// What an address names.
  package enum Target {
    /// A required program.
    case tool
    /// A tunnel.
    case tunnel
    /// What people are told of the run.
    case notice
    /// A decision about the run as a whole.
    case run
    /// A step: its action, its gate, its confirmation.
    case step(PlannedStep)
    /// A check.
    case check(Check)
    /// An item of a checklist that a person ticks.
    case tick
    /// An action of a step's way back.
    case undo(UndoAction)
  }

  private var targets: [String: Target] = [:]
  /// The addresses of steps that are repeated: a number in brackets may follow.
  private var repeated: Set<String> = []
  /// The addresses of steps that hold others, and do nothing themselves.
  private var holders: Set<String> = []
  /// All addresses, in the order of the plan.
  package private(set) var all: [String] = []

  /// The addresses of a plan.
  package init(_ plan: RunPlan) {
    add("run", .run)
    for tool in plan.tools { add("tools.\(tool.name)", .tool) }
    for tunnel in plan.tunnels { add("tunnels.\(tunnel.name)", .tunnel) }
    for place in plan.notices.indices { add("notify.\(place)", .notice) }
    add(plan.preconditions.map(\.check), "preconditions")
    for step in plan.steps { add(step, "steps.") }
    for step in plan.finally { add(step, "finally.") }
  }

  /// What an address names; nil where the plan has nothing of the kind.
  package subscript(address: String) -> Target? {
    guard let target = targets[Self.withoutNumbers(address)] else { return nil }
    // A number stands only behind a step that is repeated.
    var before = ""
    for piece in address.split(separator: "[", omittingEmptySubsequences: false) {
      guard !before.isEmpty else {
        before = String(piece)
        continue
      }
      guard let close = piece.firstIndex(of: "]"), Int(piece[..<close]) != nil, repeated.contains(before) else {
        return nil
      }
      before += piece[piece.index(after: close)...]
    }
    return address.contains("]") && !address.contains("[") ? nil : target
  }

  /// Whether an address names a step that holds others, all its repetitions among them.
  package func holdsOthers(_ address: String) -> Bool { !address.hasSuffix("]") && holders.contains(address) }

  /// An address without the numbers of repetitions.
  package static func withoutNumbers(_ address: String) -> String {
    guard address.utf8.contains(UInt8(ascii: "[")) else { return address }
    var result = ""
    var isInside = false
    for character in address {
      switch character {
      case "[": isInside = true
      case "]": isInside = false
      default: if !isInside { result.append(character) }
      }
    }
    return result
  }

  private mutating func add(_ address: String, _ target: Target) {
    if targets.updateValue(target, forKey: address) == nil { all.append(address) }
  }

  private mutating func add(_ checks: [Check], _ prefix: String) {
    for (place, check) in checks.enumerated() { add("\(prefix).\(check.id ?? String(place))", .check(check)) }
  }

  private mutating func add(_ root: PlannedStep, _ prefix: String) {
    var open = [(step: root, prefix: prefix)]
    while let (step, prefix) = open.popLast() {
      let base = prefix + step.id
      switch step.action {
      case .forEach(let each):
        // What is done is said of each item, which has the step's own name; people are asked once for all of them.
        var template = each.template
        template.id = step.id
        template.approval = template.approval ?? step.approval
        template.confirm = template.confirm ?? step.confirm
        repeated.insert(base)
        holders.insert(base)
        addParts(of: step, base)
        open.append((template, prefix))
        continue
      case .group, .call:
        holders.insert(base)
        for inner in step.action.blocks.joined().reversed() { open.append((inner, base + "/")) }
      default: break
      }
      add(base, .step(step))
      addParts(of: step, base)
    }
  }

  private mutating func addParts(of step: PlannedStep, _ base: String) {
    var preconditions = step.preconditions.map(\.check)
    if case .call(let call) = step.action { preconditions += call.preconditions.map(\.check) }
    add(preconditions, "\(base).preconditions")
    if let ready = step.ready { add("\(base).ready", .check(ready)) }
    if case .checklist(let items) = step.action {
      for (place, item) in items.enumerated() {
        switch item {
        case .tick(let tick): add("\(base).items.\(tick.id ?? String(place))", .tick)
        case .check(let check): add("\(base).items.\(check.id ?? String(place))", .check(check))
        }
      }
    }
    if let applied = step.applied { add("\(base).applied", .check(applied)) }
    add(step.verify, "\(base).verify")
    guard case .actions(let actions) = step.rollback else { return }
    for (place, action) in actions.enumerated() {
      add(place == 0 ? "\(base).rollback" : "\(base).rollback.\(place)", .undo(action))
      add(action.verify, actions.count == 1 ? "\(base).rollback.verify" : "\(base).rollback.\(place).verify")
    }
  }
}
