/// A key that a store's checkpoints are signed with.
package struct LogKey: Hashable, Sendable {
  /// Which key of the store it is, counted from 1; the last one signs.
  package let number: Int64
  /// What others check its signatures with.
  package let verifier: VerifierKey
  /// The folder of the private key; below the store where it does not begin with a slash.
  package let directory: String
}
