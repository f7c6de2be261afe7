import Diagnostics
import Expressions
import YAMLSyntax

/// What people say in a rehearsal.
extension Decoder {
  func saying(_ node: YAMLNode, _ target: PlanAddresses.Target?) -> RehearsalScenario.Saying? {
    guard let node = mapping(node, .saying) else { return nil }
    func said(_ key: String) -> String? { node[key].flatMap { plainText($0, "`\(key)`") } }
    let words: RehearsalScenario.Saying.Words
    if let person = said("approve") {
      words = .vote(person, approves: true)
    } else if let person = said("deny") {
      words = .vote(person, approves: false)
    } else if let confirmed = flag(node["confirm"], "`confirm`") {
      words = .confirm(confirmed)
    } else if let choice = said("choose") {
      words = .choose(choice)
    } else if let tick = said("tick") {
      words = .tick(tick == "not-applicable" ? nil : tick == "true")
    } else if let fields = node["fields"] {
      words = .fields(self.fields(fields, of: target))
    } else {
      return nil
    }
    if case .choose(let choice) = words, case .step(let step)? = target, case .decide(let decision) = step.action,
      !decision.options.contains(where: { $0.id == choice }), let node = node["choose"]
    {
      report(
        .unknownAddress, "there is no option `\(choice)`", node.span,
        notes: ["there are \(decision.options.map(\.id).joined(separator: ", "))"])
    }
    return RehearsalScenario.Saying(
      words, by: said("by"), reason: said("reason") ?? "", after: duration(node["after"], "`after`"))
  }

  /// Refuses what nobody is asked at an address, and people that the project does not have.
  func refuseUnasked(
    _ node: YAMLNode, _ target: PlanAddresses.Target, _ address: String, _ plan: RunPlan
  ) {
    guard let pair = node.mapping?.first(where: { Self.words.contains($0.key) }) else { return }
    let asked: [String]
    switch target {
    case .step(let step):
      var words = ["choose"]
      if step.approval != nil { words += ["approve", "deny"] }
      if step.confirm != nil { words.append("confirm") }
      switch step.action {
      case .manual: words += ["confirm", "fields"]
      case .check(let check): words += Self.isAsked(check) ? ["confirm"] : []
      default: break
      }
      asked = words
    case .undo(let undo): if case .manual = undo.action { asked = ["confirm", "fields", "choose"] } else { asked = [] }
    case .tick: asked = ["tick", "confirm", "fields"]
    case .check(let check): asked = Self.isAsked(check) ? ["confirm", "choose"] : ["choose"]
    case .run: asked = ["choose"]
    case .tool, .tunnel, .notice: asked = []
    }
    guard asked.contains(pair.key) else {
      var notes: [String] = []
      if case .step(let step) = target, case .checklist = step.action {
        notes.append("its items have addresses of their own: `\(address).items.0`")
      }
      return report(.unknownAddress, "nobody is asked for `\(pair.key)` at `\(address)`", pair.keySpan, notes: notes)
    }
    guard pair.key == "approve" || pair.key == "deny", let name = pair.value.scalar?.text, let policy = plan.policy,
      !policy.people.contains(where: { $0.name == name })
    else { return }
    reportUnknown(
      name, "person", among: policy.people.map(\.name), "people stand under `people` of belay.yaml", pair.value.span)
  }

  private static let words = ["approve", "deny", "confirm", "choose", "tick", "fields"]

  /// Whether a check, or one inside it, asks a person.
  private static func isAsked(_ check: Check) -> Bool {
    switch check.probe {
    case .manual: true
    case .any(let checks), .all(let checks): checks.contains(where: isAsked)
    case .not(let other): isAsked(other)
    default: false
    }
  }

  private func fields(_ node: YAMLNode, of target: PlanAddresses.Target?) -> [NamedValue] {
    var declared: [FieldDeclaration]?
    if case .step(let step)? = target, case .manual(let manual) = step.action { declared = manual.fields }
    if case .undo(let undo)? = target, case .manual(let manual) = undo.action { declared = manual.fields }
    return entries(node, "`fields`").compactMap { pair in
      guard let declared else { return NamedValue(name: pair.key, value: Value(Self.json(pair.value))) }
      guard let field = declared.first(where: { $0.name == pair.key }) else {
        report(.unknownAddress, "nobody is asked for `\(pair.key)`", pair.keySpan)
        return nil
      }
      return value(pair.value, of: field.type, "field `\(pair.key)`").map { NamedValue(name: pair.key, value: $0) }
    }
  }
}
