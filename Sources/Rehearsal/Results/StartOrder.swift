import RunEngine
import RunbookParser

/// The steps and ways back in the order of their first intents.
package struct StartOrder: Sendable {
  /// A step that began, or was begun to be undone.
  package struct Start: Hashable, Sendable {
    /// Its name with the steps around it; `undo` goes before it on the way back.
    package var name: String
    /// Whether something is changed by it.
    package var changes: Bool
  }

  /// What began, in order.
  package private(set) var starts: [Start] = []
  private var begun: Set<Start> = []

  /// Takes the next event.
  mutating func note(_ event: RunEvent, _ state: RunState) {
    guard case .intended(let id, _, _) = event, let step = id.step else { return }
    var isUndo = false
    if case .undo = id.slot { isUndo = true } else if id.slot != .action { return }
    let start = Start(
      name: (isUndo ? "undo " : "") + state.path(of: step), changes: state.effect(of: step) != .observe)
    if begun.isEmpty { begun.reserveCapacity(state.steps.count) }
    if begun.insert(start).inserted { starts.append(start) }
  }
}
