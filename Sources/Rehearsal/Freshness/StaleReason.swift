import Journal

/// Why a scenario should be played, or a runbook looked at, again.
package enum StaleReason: Hashable, Sendable {
  /// Nobody has written a scenario for the runbook.
  case noScenario
  /// It was never played here.
  case neverPlayed
  /// It did not come as it should when it was last played.
  case failed
  /// The plan, or the scenario, is another one than it was then.
  case changed
  /// It was played longer ago than it may be.
  case aged
  /// The runbook was run, and its plan is another one now.
  case changedSinceRun
  /// The file has mistakes, or the runbook has.
  case broken

  /// Why a scenario should be played again; nil where it need not.
  ///
  /// - Parameters:
  ///   - last: How it was last played.
  ///   - plan: The digest of its plan today; nil where there is none.
  ///   - scenario: The SHA-256 of its file today.
  ///   - age: How long ago it may have been played, in milliseconds.
  package static func of(
    _ last: RehearsalMemory.Playing?, plan: String?, scenario: String, now: Int64, age: Int64
  ) -> StaleReason? {
    guard let plan else { return .broken }
    guard let last else { return .neverPlayed }
    if last.plan != plan || last.scenario != scenario { return .changed }
    if !last.hasPassed { return .failed }
    return now - last.time > age ? .aged : nil
  }
}

/// Something that should be played again, and why.
package struct StaleEntry: Hashable, Sendable {
  /// The runbook.
  package var runbook: String
  /// The scenario; nil for the runbook as a whole.
  package var scenario: String?
  /// The scenario's file.
  package var file: String?
  /// When it was last played, or run, in milliseconds since the epoch.
  package var last: Int64?
  /// Why.
  package var reason: StaleReason

  package init(
    runbook: String, scenario: String? = nil, file: String? = nil, last: Int64? = nil, reason: StaleReason
  ) {
    self.runbook = runbook
    self.scenario = scenario
    self.file = file
    self.last = last
    self.reason = reason
  }
}
