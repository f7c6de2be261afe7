/// Why a text is no pattern.
public struct PatternError: Error, Sendable, Hashable {
  /// What is wrong, in one sentence without a final stop.
  public let message: String
  /// Where, in bytes of UTF-8 of the pattern.
  public let range: Range<Int>

  /// An error at a place.
  init(_ message: String, _ range: Range<Int>) {
    self.message = message
    self.range = range
  }
}
