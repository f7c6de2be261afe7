import RunbookParser

extension ActionEnd {
  /// Whether an action that ended so may have taken effect or not: a program was ended by a signal, or the connection to
  /// where it ran was lost, so that nobody knows how it ended.
  func leavesDoubt(of action: Action) -> Bool {
    switch ending {
    case .signalled: true
    case .unanswered: if case .program = action { true } else { false }
    case .exited, .answered, .cancelled, .assumed: false
    }
  }
}
