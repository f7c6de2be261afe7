import RunEngine
import RunbookExecutor

/// What the process exits with (docs/language/runs.md, "Outcomes").
enum ExitStatus: Int32, Error {
  /// All went well.
  case success = 0
  /// A step failed, or everything was rolled back.
  case failed = 1
  /// A wrong runbook or command line.
  case usage = 2
  /// Changes are left in place.
  case residue = 3
  /// A person said no.
  case denied = 4
  /// A precondition was not met, or a lock is held.
  case unmet = 5
  /// The operator ended the run.
  case aborted = 6
  /// The run is not over and can be resumed.
  case interrupted = 7
  /// A fault of the program, or a store that cannot be used.
  case fault = 70

  /// The status for how an engine's work ended.
  static func status(
    for end: LoopEnd, of mode: RunMode, state: RunState?, requestedRollback: Bool
  ) -> ExitStatus {
    switch end {
    case .ended where mode == .dryRun: state.map(statusOfDryRun) ?? .fault
    case .ended(let outcome):
      status(for: outcome, isClean: state?.residue.isClean ?? false, requestedRollback: requestedRollback)
    case .paused, .journalFailed, .superseded: .interrupted
    case .fault: .fault
    }
  }

  /// A dry run has done its work where it could be done, whatever it showed (docs/decisions/0005-exit-of-a-dry-run.md).
  private static func statusOfDryRun(_ state: RunState) -> ExitStatus {
    if state.failure?.failure.cause == .operator || state.finallyAborted { return .interrupted }
    return state.isUnmet ? .unmet : .success
  }

  private static func status(for outcome: RunOutcome, isClean: Bool, requestedRollback: Bool) -> ExitStatus {
    // `belay rollback` has done what it was asked for where nothing is left to undo, whatever the run had come to.
    if requestedRollback, isClean, outcome != .rollbackIncomplete { return .success }
    return switch outcome {
    case .succeeded: .success
    case .rolledBack, .failed: .failed
    case .unmet: .unmet
    case .denied: .denied
    case .stopped, .rollbackIncomplete: .residue
    case .aborted: isClean ? .aborted : .residue
    }
  }
}
