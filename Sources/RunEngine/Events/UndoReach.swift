/// Which steps are undone where a run as a whole is not.
package enum UndoReach: Hashable, Sendable {
  /// A step, and what stands inside it.
  case within(StepIndex)
  /// The steps that are undone when all went well.
  case temporary
}
