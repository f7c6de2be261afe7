/// What is known of a value that is not: where it would come from.
public struct Unknown: Sendable, Hashable {
  /// The places that it rests on, such as `steps.promote`; sorted, each once.
  public let sources: [String]

  /// An unknown that rests on these places.
  public init(sources: [String]) {
    self.sources = sources.count < 2 ? sources : Set(sources).sorted()
  }

  /// An unknown that rests on the places of both.
  public func merging(_ other: Unknown) -> Unknown {
    self == other ? self : Unknown(sources: sources + other.sources)
  }
}
