/// One part of a pattern; it names its own parts by their place.
enum PatternNode: Sendable {
  case empty
  /// One code point.
  case scalar(UInt32)
  /// A code point of a set, by the place of the set.
  case set(Int)
  /// Any code point; a line feed only if the flag is set.
  case any(includingLineFeed: Bool)
  case assertion(PatternAssertion)
  case sequence([Int])
  /// The first that matches.
  case alternatives([Int])
  /// At least `low` and at most `high` times, as many as possible or as few as possible.
  case repetition(Int, low: Int, high: Int?, isLazy: Bool)
  /// A group that remembers what it took, numbered from 1.
  case group(Int, number: Int)
}

/// A condition on a place between two code points.
enum PatternAssertion: UInt8, Sendable {
  case textStart, textEnd, lineStart, lineEnd, wordEdge, noWordEdge
}
