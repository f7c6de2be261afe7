/// A version in the sense of semver.org, 2.0.0.
public struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The first number.
  public var major: Int
  /// The second number.
  public var minor: Int
  /// The third number.
  public var patch: Int
  /// What follows the hyphen; empty for a release.
  public var prerelease: String

  /// A version from its parts.
  public init(major: Int, minor: Int = 0, patch: Int = 0, prerelease: String = "") {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = prerelease
  }

  /// Reads `1.2.3`, `1.2.3-rc.1` or `1.2.3+build`; with `lenient` also `1`, `1.2` and a leading `v`, as tools print them.
  public init?(_ text: String, lenient: Bool = false) {
    var rest = Substring(text)
    if lenient, rest.first == "v" { rest.removeFirst() }
    if let plus = rest.firstIndex(of: "+") { rest = rest[..<plus] }
    var prerelease = ""
    if let hyphen = rest.firstIndex(of: "-") {
      prerelease = String(rest[rest.index(after: hyphen)...])
      rest = rest[..<hyphen]
      if prerelease.isEmpty { return nil }
    }
    var numbers: [Int] = []
    for part in rest.split(separator: ".", omittingEmptySubsequences: false) {
      guard part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(part) else { return nil }
      if !lenient, part.count > 1, part.first == "0" { return nil }
      numbers.append(number)
    }
    guard lenient ? (1...4).contains(numbers.count) : numbers.count == 3 else { return nil }
    self.init(
      major: numbers[0], minor: numbers.count > 1 ? numbers[1] : 0, patch: numbers.count > 2 ? numbers[2] : 0,
      prerelease: prerelease)
  }

  /// The version as it is written.
  public var description: String {
    "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease)
  }

  /// The precedence of semver.org, item 11.
  public static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
    if (a.major, a.minor, a.patch) != (b.major, b.minor, b.patch) {
      return (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }
    if a.prerelease == b.prerelease || a.prerelease.isEmpty { return false }
    if b.prerelease.isEmpty { return true }
    let left = a.prerelease.split(separator: ".")
    let right = b.prerelease.split(separator: ".")
    for (x, y) in zip(left, right) where x != y {
      switch (Int(x), Int(y)) {
      case (let m?, let n?): return m < n
      case (_?, nil): return true
      case (nil, _?): return false
      case (nil, nil): return x < y
      }
    }
    return left.count < right.count
  }
}

/// Bounds on a version, such as `>=14` or `>=1.28 <2`.
public struct VersionConstraint: Sendable, Hashable, CustomStringConvertible {
  /// How a version is held against a bound.
  public enum Comparison: String, Sendable, Hashable {
    /// At least.
    case atLeast = ">="
    /// At most.
    case atMost = "<="
    /// More than.
    case above = ">"
    /// Less than.
    case below = "<"
    /// The very same.
    case exactly = "="
  }

  /// One bound.
  public struct Bound: Sendable, Hashable {
    /// How a version is held against it.
    public var comparison: Comparison
    /// What a version is held against.
    public var version: SemanticVersion
  }

  /// The constraint as it is written.
  public let description: String
  /// The bounds, all of which must hold.
  public let bounds: [Bound]

  /// Reads bounds separated by spaces or commas; nil where one is not understood. A bare version means "at least".
  public init?(_ text: String) {
    var bounds: [Bound] = []
    for part in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
      let sign = part.prefix { "<>=".contains($0) }
      guard let comparison = sign.isEmpty ? .atLeast : Comparison(rawValue: String(sign)),
        let version = SemanticVersion(String(part.dropFirst(sign.count)), lenient: true)
      else { return nil }
      bounds.append(Bound(comparison: comparison, version: version))
    }
    guard !bounds.isEmpty else { return nil }
    self.description = text
    self.bounds = bounds
  }

  /// Whether a version is within the bounds.
  public func allows(_ version: SemanticVersion) -> Bool {
    bounds.allSatisfy { bound in
      switch bound.comparison {
      case .atLeast: version >= bound.version
      case .atMost: version <= bound.version
      case .above: version > bound.version
      case .below: version < bound.version
      case .exactly: version == bound.version
      }
    }
  }
}
