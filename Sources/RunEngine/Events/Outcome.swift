/// How a run ended.
package enum RunOutcome: String, Hashable, Sendable, CaseIterable {
  /// All steps succeeded or were skipped.
  case succeeded
  /// Everything that had started is undone.
  case rolledBack = "rolled-back"
  /// A step failed with nothing to undo, or under `continue`.
  case failed
  /// A precondition said no before anything was changed.
  case unmet
  /// A person said no before anything was changed.
  case denied
  /// Ended by policy with changes left in place.
  case stopped
  /// An undo failed or was held back.
  case rollbackIncomplete = "rollback-incomplete"
  /// Ended by the operator short of a rollback.
  case aborted
}

/// Why a step or a run failed.
package enum FailureCause: String, Hashable, Sendable, CaseIterable {
  /// An action did not succeed.
  case failed
  /// A verification did not hold.
  case unverified
  /// A precondition did not hold.
  case unmet
  /// A person said no, or nobody said anything in time.
  case denied
  /// The run took too long.
  case deadline
  /// The operator ended it.
  case `operator`
  /// It was in flight when something else failed.
  case stopped
}

/// A failure and its reason.
package struct Failure: Hashable, Sendable {
  /// The kind of failure.
  package var cause: FailureCause
  /// The reason for people, one sentence without a final stop.
  package var message: String

  package init(_ cause: FailureCause, _ message: String) {
    self.cause = cause
    self.message = message
  }
}

/// How a step ended on the way forward.
package enum StepEnd: Hashable, Sendable {
  /// Its action and its verification succeeded, or it was done already.
  case succeeded
  /// It was left out.
  case skipped(String)
  /// It did not succeed; `inDoubt` where nobody knows whether its action took effect.
  case failed(Failure, inDoubt: Bool)
}

/// How a step ended on the way back.
package enum UndoEnd: Hashable, Sendable {
  /// Undone and verified.
  case undone
  /// There was nothing to undo; the reason says why.
  case spared(String)
  /// Left by declaration; the reason says why.
  case left(String)
  /// The undo did not succeed.
  case failed(String, inDoubt: Bool)
  /// Not tried, because of what failed before.
  case heldBack(String)
}

/// Why an engine stopped working on a run that is not over.
package enum PauseReason: String, Hashable, Sendable, CaseIterable {
  /// A person is needed and there is none.
  case personNeeded = "person-needed"
  /// The engine was told to end.
  case terminated
  /// The terminal was lost.
  case detached
  /// The operator wanted it.
  case requested
  /// What was to be gone on with needs a tunnel that cannot be opened.
  case unreachable
}
