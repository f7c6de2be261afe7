import Diagnostics
import YAMLSyntax

/// What a step must say, and must not say, for what it does to the world.
extension Decoder {
  func holdToContract(_ node: YAMLNode) {
    guard let action = node.mapping?.first(where: { KeyTable.actions.contains($0.key) }),
      !KeyTable.blocks.contains(where: { node[$0] != nil })
    else { return }
    if let more = node["dry-run"]?["append"], node["exec"] == nil {
      report(.unknownKey, "`append` is for `exec`: it adds arguments", more.span)
    }
    guard node["effect"] != nil || node["manual"] == nil else {
      return report(
        .effectUnsaid, "`manual` needs `effect`: only its author knows what the person does", action.keySpan,
        notes: [
          "`effect: observe` if nothing is changed, `effect: change` with a `rollback`, or `effect: irreversible`"
        ])
    }
    let method = action.value["method"]?.scalar?.text
    let isBackground = node["background"]?.scalar?.text == "true"
    let said = isBackground ? nil : node["effect"].map { Effect(rawValue: $0.scalar?.text ?? "") }
    if let effect = said ?? (isBackground ? .observe : Effect.unsaid(of: action.key, method: method)) {
      holdRollback(node, action, effect)
    }
    holdReasons(node)
  }

  private func holdRollback(_ node: YAMLNode, _ action: YAMLPair, _ effect: Effect) {
    func key(_ name: String) -> ByteSpan? { node.mapping?.first { $0.key == name }?.keySpan }
    switch (effect, key("rollback")) {
    case (.change, nil):
      report(
        .missingRollback,
        "the step \(node["id"]?.scalar.map { "`\($0.text)` " } ?? "")changes something and does not say how it is undone",
        action.keySpan,
        notes: [
          "say how: `rollback: {exec: […]}`", "or that it stays: `rollback: none` with `because: …`",
          "or that there is no way back: `effect: irreversible`", "or that it changes nothing: `effect: observe`",
        ])
    case (.observe, let span?):
      report(
        .needlessRollback, "the step only observes: there is nothing to undo", span,
        notes: ["say `effect: change` if it changes something, else leave `rollback` out"])
    case (.irreversible, let span?):
      report(
        .needlessRollback, "the step is a point of no return: it cannot have a way back", span,
        notes: ["say `effect: change` if there is one"])
    case (.change, _?), (.observe, nil), (.irreversible, nil): break
    }
    if effect == .observe {
      for name in ["applied", "repeatable", "dry-run"] {
        guard let span = key(name) else { continue }
        report(
          .unknownKey, "`\(name)` means nothing on a step that only observes", span,
          notes: ["observing steps are simply repeated, and really done in a dry run"])
      }
    }
  }

  private func holdReasons(_ node: YAMLNode) {
    let rollback = node["rollback"]
    if let rollback, rollback.scalar?.text == "none", node["because"] == nil {
      report(
        .missingRollback, "`rollback: none` needs a reason", rollback.span,
        notes: ["add `because: …` beside it, and `mended-by: RUNBOOK` where another runbook mends it"])
    }
    if rollback?.scalar?.text != "none",
      let pair = node.mapping?.first(where: { $0.key == "because" || $0.key == "mended-by" })
    {
      report(.unknownKey, "`because` and `mended-by` belong to `rollback: none`", pair.keySpan)
    }
    if node["temporary"]?.scalar?.text == "true", rollback.map(Self.isNone) ?? true,
      let pair = node.mapping?.first(where: { $0.key == "temporary" })
    {
      report(.unknownKey, "`temporary` is for a change that has a way back", pair.keySpan)
    }
  }
}
