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
    guard let node = head.node["rollback"], effect == .change else { return .nothing }
    let keySpan = head.node.mapping?.first { $0.key == "rollback" }?.keySpan ?? node.span
    if isFinally, !Self.isNone(node) {
      report(
        .finallyChanges, "a step of `finally` is never undone: its rollback is `none`", keySpan,
        notes: ["`finally` runs last, after any rollback"])
    }
    if Self.isNone(node) { return none(node, head, in: ExpressionPlace(isFinally ? .finally(index) : .step(index))) }
    if node.sequence != nil {
      return .actions(elements(node, "`rollback`").compactMap { undo($0, index: index, isFinally: isFinally) })
    }
    return .actions(undo(node, index: index, isFinally: isFinally).map { [$0] } ?? [])
  }

  /// Whether what stands under `rollback` says that the change stays.
  static func isNone(_ node: YAMLNode) -> Bool {
    node.scalar?.text == "none" || node["because"] != nil
  }

  /// `rollback: none` with `because` beside it, or `rollback: {because: …}`.
  private func none(_ node: YAMLNode, _ head: StepHead, in place: ExpressionPlace) -> Rollback {
    let holder = node.mapping != nil ? node : head.node
    let because = holder["because"].flatMap { shownText($0, "`because`", in: place) }
    let mendedBy = holder["mended-by"].flatMap { plainText($0, "`mended-by`") }
    if let mendedBy, let span = holder["mended-by"]?.span { lookFor(mendedBy, span) }
    return .none(because: because ?? "", mendedBy: mendedBy)
  }

  private func undo(_ node: YAMLNode, index: Int, isFinally: Bool) -> UndoAction? {
    guard let node = mapping(node, .undo) else { return nil }
    // A way back in `finally` is a mistake, and is read all the same.
    let place = ExpressionPlace(isFinally ? .finally(index) : .undo(index))
    let when = expression(node["when"], in: place, "`when`", expecting: .bool)
    return under(when) { undo(node, when, in: place) }
  }

  private func undo(_ node: YAMLNode, _ when: Expression?, in place: ExpressionPlace) -> UndoAction? {
    guard let action = action(node, in: place) else { return nil }
    var undo = UndoAction(action.action)
    undo.when = when
    undo.expect = expression(node["expect"], in: place.with(action.result), "`expect`", expecting: .bool)
    let said = duration(node["timeout"], "`timeout`")
    if case .manual = action.action { undo.timeout = said } else { undo.timeout = said ?? defaultTimeout }
    undo.action = action.action.bounded(by: &undo.timeout)
    undo.retry = retry(node["retry"], in: place.with(action.result))
    undo.verify = checks(node["verify"], in: place, "`verify`")
    undo.repeatable = flag(node["repeatable"], "`repeatable`") ?? false
    undo.continuesOnFailure = node["on-failure"] != nil
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
    if effect != .observe, step.applied == nil, !step.repeatable, !Self.isDoneByPeople(step.action) {
      report(
        .undecidableDoubt,
        "if the engine dies during `\(step.id)`, only a person can say whether it took effect", head.idSpan,
        severity: .warning,
        notes: ["add `applied: CHECK`, or `repeatable: true` if doing it twice is as doing it once"])
    }
  }

  private static func isDoneByPeople(_ action: Action) -> Bool {
    if case .manual = action { return true }
    return false
  }
}
