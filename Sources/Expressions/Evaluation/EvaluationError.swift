/// Why an expression has no value.
public struct EvaluationError: Error, Sendable, Hashable {
  /// What went wrong, in one sentence without a final stop.
  public let message: String
  /// Whether something asked for is not there; `has()` and `.?` take that for an answer.
  public let isMissing: Bool

  /// An error.
  public init(_ message: String) {
    self.message = message
    self.isMissing = false
  }

  private init(missing message: String) {
    self.message = message
    self.isMissing = true
  }

  /// An error because something asked for is not there.
  public static func missing(_ message: String) -> EvaluationError { EvaluationError(missing: message) }
}
