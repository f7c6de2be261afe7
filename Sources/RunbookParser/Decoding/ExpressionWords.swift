/// The words that some names of an expression stand for.
package enum ExpressionWords {
  /// What `steps.ID.status` may be.
  package static let statuses = RehearsalScenario.Status.allCases.map(\.rawValue)
  /// What `run.outcome` may be.
  package static let outcomes = RehearsalScenario.Outcome.allCases.filter { $0 != .interrupted }.map(\.rawValue)
  /// What a call's `result.status` may be.
  package static let callStatuses = ["succeeded", "failed"]

  /// What a chain of names is called, and the words it may stand for; nil where it is no such.
  static func known(of segments: [String], in place: ExpressionPlace) -> (subject: String, words: [String])? {
    switch (segments[0], segments.count) {
    case ("steps", 3) where segments[2] == "status": ("the status of a step", statuses)
    // Before the run has come to its end there is none; `interrupted` is one that no expression sees.
    case ("run", 2) where segments[1] == "outcome": ("the outcome of a run", outcomes + ["interrupted", ""])
    case ("run", 2) where segments[1] == "event": ("the event of a run", RunMoment.allCases.map(\.rawValue))
    case ("result", 2) where segments[1] == "status":
      if case .call = place.result { ("the status of a call", callStatuses) } else { nil }
    default: nil
    }
  }
}
