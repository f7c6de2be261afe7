/// How the keys of one mapping depend on each other.
enum KeyRule: Sendable {
  /// Exactly one of some keys; others of the kind, which are actions too, are out of place.
  case one([String], outOfPlace: [String] = [])
  /// At least one of some keys.
  case some([String])
  /// Not both.
  case notBoth(String, String)
  /// Keys that mean something beside one of others alone.
  case beside(Set<String>, [String], because: String? = nil)
  /// A key that means something only where another one has a text.
  case besideText(String, String)
  /// A key that is there only together with one of others.
  case needs(String, [String])
  /// Where a key has one of some texts, or is not there (nil), another one has a shape, or must not be there (nil).
  case given(String, Set<String?>, String, Shape?, because: String? = nil)
  /// Where a key has one of some texts, another one must be there.
  case givenNeeds(String, Set<String>, String)
  /// The contract of a step: what its effect asks for and forbids.
  case contract

  /// Whether it says something of a mapping because a key is there.
  func isBrought(by key: String) -> Bool {
    switch self {
    case .one, .some, .givenNeeds, .contract: false
    case .notBoth(_, let second): key == second
    case .beside(let keys, _, _): keys.contains(key)
    case .besideText(let own, _), .needs(let own, _): key == own
    case .given(_, _, let other, _, _): key == other
    }
  }
}
