/// The locks that a run takes together.
package struct LockSet: Hashable, Sendable {
  /// What the locks are called.
  package var names: [String]
  /// The environment they count in; empty for none.
  package var environment: String

  package init(names: [String], environment: String) {
    self.names = names
    self.environment = environment
  }
}
