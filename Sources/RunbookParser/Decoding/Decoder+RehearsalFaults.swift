import Diagnostics
import YAMLSyntax

/// What goes wrong in a rehearsal.
extension Decoder {
  func refuse(
    _ kind: RehearsalScenario.Fault.Kind, of target: PlanAddresses.Target, _ address: String, _ node: YAMLNode
  ) {
    let span = node["kind"]?.span ?? node.span
    func none(_ message: String) { report(.unknownAddress, message, span) }
    switch (kind, target) {
    case (.verifyFails, .step(let step)): if step.verify.isEmpty { none("`\(address)` is not verified") }
    case (.verifyFails, .check): break
    case (.verifyFails, _): none("`\(address)` is not verified")
    case (.rollbackFails, .step(let step)): if !step.rollback.hasActions { none("`\(address)` has no way back") }
    case (.rollbackFails, .undo): break
    case (.rollbackFails, _): none("`\(address)` has no way back")
    case (.exit, .tool), (.exit, .tunnel), (.exit, .check), (.timeout, .check): break
    case (_, .step(let step)): refuse(kind, of: step.action, none)
    case (_, .undo(let undo)): refuse(kind, of: undo.action, none)
    default: none("`\(address)` is no action")
    }
  }

  /// Refuses what cannot happen to an action of a kind.
  private func refuse(_ kind: RehearsalScenario.Fault.Kind, of action: Action, _ none: (String) -> Void) {
    if Self.isPerformed(action) { return }
    switch (kind, action) {
    case (.exit, .check), (.timeout, .check), (.crashBefore, _), (.journalFull, _):
      if action.holdsOthers { none("what holds others does nothing itself: name what stands inside") }
    default: none("`\(kind.rawValue)` cannot happen to what Belay does itself, or a person")
    }
  }

  /// Whether an action is done outside: by a program or a server.
  private static func isPerformed(_ action: Action) -> Bool {
    switch action {
    case .program, .http, .prometheus, .notify: true
    case .manual, .decide, .checklist, .wait, .assert, .check, .forEach, .group, .call: false
    }
  }
}
