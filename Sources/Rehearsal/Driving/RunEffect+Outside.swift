import RunEngine

extension RunEffect {
  /// Whether what comes of it is told by the world or by people.
  var comesFromOutside: Bool {
    switch self {
    case .start, .probe, .open, .ask: true
    case .record, .stop, .timer, .close, .verify, .withdraw, .report: false
    }
  }
}
