import RunEngine
import RunbookExecutor
import Synchronization

/// Whether Ctrl-C opens a menu: not where it has a meaning of its own, which is told then, as in a rollback and in `finally`.
final class InterruptMenu: RunObserver, Sendable {
  /// What an interrupt does.
  enum Effect {
    /// It opens the menu.
    case opens
    /// It closes the menu and counts by itself.
    case closes
    /// It counts by itself.
    case counts
  }

  private struct State {
    var isOffered = true
    var isOpen = false
  }

  private let state = Mutex(State())

  func committed(_ records: [CommittedEvent], state: RunState) {
    let isOffered: Bool =
      switch state.phase {
      case .failing, .rollingBack, .finishing, .ended: false
      case .new, .tools, .preconditions, .askingPrecondition, .forward, .askingPolicy: true
      }
    self.state.withLock { $0.isOffered = isOffered }
  }

  func reported(_ message: String) {}

  /// Takes an interrupt.
  func interrupt() -> Effect {
    state.withLock { state in
      if state.isOpen {
        state.isOpen = false
        return .closes
      }
      guard state.isOffered else { return .counts }
      state.isOpen = true
      return .opens
    }
  }

  /// The menu was answered.
  func close() { state.withLock { $0.isOpen = false } }
}
