extension ActionEnd {
  /// Whether an action that ended so may have taken effect or not: a program was ended by a signal, or what was sent may
  /// have reached the other side, and nobody knows what became of it there.
  var leavesDoubt: Bool {
    switch ending {
    case .signalled: true
    case .unanswered: mayHaveReached
    case .exited, .answered, .cancelled, .assumed, .refuted: false
    }
  }
}
