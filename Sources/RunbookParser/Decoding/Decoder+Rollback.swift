import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// How a step is undone, as its effect demands.
  func rollback(of head: StepHead, index: Int, effect: Effect, isFinally: Bool) -> Rollback {
    if isFinally, effect == .irreversible {
      report(
        .finallyChanges, "a step of `finally` cannot be irreversible", head.idSpan,
        notes: ["it observes, or changes something that stays: `rollback: none` with `because: …`"])
    }
    guard let node = head.node["rollback"] else {
      if effect == .change { reportMissing(head) }
      return .nothing
    }
    let keySpan = head.node.mapping?.first { $0.key == "rollback" }?.keySpan ?? node.span
    if effect == .observe {
      report(
        .needlessRollback, "the step only observes: there is nothing to undo", keySpan,
        notes: ["say `effect: change` if it changes something, else leave `rollback` out"])
      return .nothing
    }
    if effect == .irreversible {
      report(
        .needlessRollback, "the step is a point of no return: it cannot have a way back", keySpan,
        notes: ["say `effect: change` if there is one"])
      return .nothing
    }
    if isFinally, !isNone(node, head) {
      report(
        .finallyChanges, "a step of `finally` is never undone: its rollback is `none`", keySpan,
        notes: ["`finally` runs last, after any rollback"])
    }
    if isNone(node, head) { return none(node, head) }
    if node.sequence != nil {
      return .actions(elements(node, "`rollback`").compactMap { undo($0, index: index) })
    }
    return .actions(undo(node, index: index).map { [$0] } ?? [])
  }

  private func isNone(_ node: YAMLNode, _ head: StepHead) -> Bool {
    node.scalar?.text == "none" || (node["none"] != nil) || (node.mapping != nil && node["because"] != nil)
  }

  /// `rollback: none` with `because` beside it, or `rollback: {because: …}`.
  private func none(_ node: YAMLNode, _ head: StepHead) -> Rollback {
    let holder = node.mapping != nil ? node : head.node
    let because = holder["because"].flatMap { plainText($0, "`because`") }
    let mendedBy = holder["mended-by"].flatMap { plainText($0, "`mended-by`") }
    if because == nil, holder["because"] == nil {
      report(
        .missingRollback, "`rollback: none` needs a reason", node.span,
        notes: ["add `because: …` beside it, and `mended-by: RUNBOOK` where another runbook mends it"])
    }
    return .none(because: because ?? "", mendedBy: mendedBy)
  }

  private func reportMissing(_ head: StepHead) {
    let action = head.node.mapping?.first { KeyTable.actions.contains($0.key) }
    report(
      .missingRollback, "the step `\(head.id)` changes something and does not say how it is undone",
      action?.keySpan ?? head.idSpan,
      notes: [
        "say how: `rollback: {exec: […]}`", "or that it stays: `rollback: none` with `because: …`",
        "or that there is no way back: `effect: irreversible`", "or that it changes nothing: `effect: observe`",
      ])
  }

  private func undo(_ node: YAMLNode, index: Int) -> UndoAction? {
    guard let node = mapping(node, .undo) else { return nil }
    let place = ExpressionPlace(.undo(index))
    guard let action = action(node, in: place, "the way back") else { return nil }
    switch action.action {
    case .program, .http, .manual: break
    default:
      report(
        .badValue, "a way back is `exec`, `run`, `http` or `manual`, not `\(action.key)`", action.keySpan)
      return nil
    }
    var undo = UndoAction(action.action)
    undo.when = expression(node["when"], in: place, "`when`", expecting: .bool)
    undo.expect = expression(node["expect"], in: place.with(action.result), "`expect`", expecting: .bool)
    let said = duration(node["timeout"], "`timeout`")
    if case .manual = action.action { undo.timeout = said } else { undo.timeout = said ?? defaultTimeout }
    undo.action = action.action.bounded(by: &undo.timeout)
    undo.retry = retry(node["retry"], in: place.with(action.result))
    if case .manual = action.action, let pair = node.mapping?.first(where: { $0.key == "retry" }) {
      report(
        .badValue, "`retry` means nothing for `manual`", pair.keySpan,
        notes: ["it waits for a person, who is asked once"])
    }
    undo.verify = checks(node["verify"], in: place, "`verify`")
    undo.repeatable = flag(node["repeatable"], "`repeatable`") ?? false
    if let policy = node["on-failure"], let text = plainText(policy, "`on-failure`") {
      if text == "continue" {
        undo.continuesOnFailure = true
      } else {
        report(.badValue, "`on-failure` of a way back is `continue`, not `\(text)`", policy.span)
      }
    }
    if let retry = undo.retry, retry.attempts > 1, !undo.repeatable {
      report(
        .unsafeRetry, "a way back that is retried needs `repeatable: true`",
        node.mapping?.first { $0.key == "retry" }?.keySpan ?? node.span,
        notes: ["a failed attempt may have undone half; `repeatable` says that going over it again is safe"])
    }
    return undo
  }

  /// What an effect asks for besides a way back.
  func checkContract(_ step: PlannedStep, _ head: StepHead, _ effect: Effect) {
    func key(_ name: String) -> ByteSpan {
      head.node.mapping?.first { $0.key == name }?.keySpan ?? head.idSpan
    }
    if effect != .observe, let retry = step.retry, retry.attempts > 1, step.applied == nil, !step.repeatable {
      report(
        .unsafeRetry, "`retry` on a change needs `applied` or `repeatable: true`", key("retry"),
        notes: [
          "`applied: CHECK` tells whether the action took effect",
          "`repeatable: true` says that doing it twice is as doing it once",
        ])
    }
    if effect == .observe {
      for name in ["applied", "repeatable", "dry-run"] where head.node[name] != nil {
        report(
          .badValue, "`\(name)` means nothing on a step that only observes", key(name),
          notes: ["observing steps are simply repeated, and really done in a dry run"])
      }
    } else if step.applied == nil, !step.repeatable, !Self.isDoneByPeople(step.action) {
      report(
        .undecidableDoubt,
        "if the engine dies during `\(step.id)`, only a person can say whether it took effect", head.idSpan,
        severity: .warning,
        notes: ["add `applied: CHECK`, or `repeatable: true` if doing it twice is as doing it once"])
    }
    if head.node["because"] != nil || head.node["mended-by"] != nil, head.node["rollback"]?.scalar?.text != "none" {
      report(.badValue, "`because` and `mended-by` belong to `rollback: none`", key("because"))
    }
  }

  private static func isDoneByPeople(_ action: Action) -> Bool {
    if case .manual = action { return true }
    return false
  }
}
