/// A lock and the run that holds it.
package struct HeldLock: Hashable, Sendable {
  /// What the lock is called.
  package let name: String
  /// The environment it counts in; empty for none.
  package let environment: String
  /// The run that holds it.
  package let run: String
}
