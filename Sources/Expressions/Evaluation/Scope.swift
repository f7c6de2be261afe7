/// The values of the names that an expression uses.
public protocol Scope {
  /// The value that the longest known beginning of a chain of names leads to, and how many names that took; nil where
  /// the name is unknown.
  ///
  /// - Parameter path: A free name and the fields that follow it, such as `steps`, `promote`, `outputs`, `timeline`.
  /// - Throws: A missing error where the name is known and has no value.
  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)?

  /// The zones of time by name.
  var timeZones: any TimeZones { get }
}

extension Scope {
  /// No zone has a name.
  public var timeZones: any TimeZones { NoTimeZones() }
}

/// A scope without any name.
public struct EmptyScope: Scope {
  /// The scope.
  public init() {}

  /// No name is known.
  public func resolve(_ path: [String]) -> (value: Value, consumed: Int)? { nil }
}

/// The zones of time that have a name; UTC and fixed offsets need none.
public protocol TimeZones: Sendable {
  /// How many seconds a zone such as `Europe/Berlin` is ahead of UTC at a point in time; nil for an unknown zone.
  func offset(of zone: String, at time: Timestamp) -> Int64?
}

/// No zones with a name.
public struct NoTimeZones: TimeZones {
  /// The zones.
  public init() {}

  /// No zone is known.
  public func offset(of zone: String, at time: Timestamp) -> Int64? { nil }
}
