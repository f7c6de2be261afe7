/// One mistake in an expression or a template.
public struct ExpressionProblem: Sendable, Hashable {
  /// What is wrong, in one sentence without a final stop.
  public var message: String
  /// Where, in bytes of UTF-8 of the source.
  public var range: Range<Int>
  /// What to do about it.
  public var notes: [String]
  /// What most likely was meant in place of the range; nil where nothing is near.
  public var suggestion: String?

  /// A mistake at a place.
  public init(_ message: String, range: Range<Int>, notes: [String] = [], suggestion: String? = nil) {
    self.message = message
    self.range = range
    self.notes = notes
    self.suggestion = suggestion
  }

  /// The same mistake in a text that the source stands in, from an offset on.
  public func shifted(by offset: Int) -> ExpressionProblem {
    var copy = self
    copy.range = range.lowerBound + offset..<range.upperBound + offset
    return copy
  }
}

/// Why a text is not an expression: at least one mistake.
public struct ExpressionErrors: Error, Sendable, Hashable {
  /// The mistakes, in the order of their places.
  public let problems: [ExpressionProblem]

  /// Errors of these mistakes.
  public init(problems: [ExpressionProblem]) { self.problems = problems }
}
