import RunbookParser

/// A message about the run that has not arrived yet.
package struct OpenNotice: Hashable, Sendable {
  /// Where it is.
  package enum Stage: Hashable, Sendable {
    /// Its intent is recorded next.
    case announced
    /// It is under way; `late` once it took too long.
    case sending(late: Bool)
    /// The next attempt waits for its time.
    case pausing
  }

  /// Which notice of the plan it is.
  package let place: Int
  /// What delivers it.
  package let action: ResolvedAction
  /// The attempt, counted from 1.
  package let attempt: Int
  /// Where it is.
  package var stage: Stage = .announced
}
