/// A point in time to the nanosecond, in the years 1 to 9999.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  public let seconds: Int64
  /// Nanoseconds after the second, 0 to 999,999,999.
  public let nanos: Int32

  /// 0001-01-01T00:00:00Z.
  static let first: Int64 = -62_135_596_800
  /// 9999-12-31T23:59:59Z.
  static let last: Int64 = 253_402_300_799

  /// A point in time from its parts; nanoseconds out of range are carried over, and the whole is cut to the range.
  public init(seconds: Int64, nanos: Int32 = 0) {
    let total = Int128(seconds) * 1_000_000_000 + Int128(nanos)
    let (low, high) = (Int128(Self.first) * 1_000_000_000, Int128(Self.last) * 1_000_000_000 + 999_999_999)
    self.init(inRange: min(max(total, low), high))
  }

  /// A point in time from milliseconds since 1970, cut to the range.
  public init(milliseconds: Int64) {
    self.init(
      seconds: milliseconds / 1000, nanos: Int32(truncatingIfNeeded: milliseconds % 1000) * 1_000_000)
  }

  /// A point in time from nanoseconds since 1970; nil where it is out of range.
  init?(nanoseconds total: Int128) {
    guard total >= Int128(Self.first) * 1_000_000_000, total < Int128(Self.last + 1) * 1_000_000_000 else { return nil }
    self.init(inRange: total)
  }

  private init(inRange total: Int128) {
    let (quotient, remainder) = total.quotientAndRemainder(dividingBy: 1_000_000_000)
    seconds = Int64(truncatingIfNeeded: remainder < 0 ? quotient - 1 : quotient)
    nanos = Int32(truncatingIfNeeded: remainder < 0 ? remainder + 1_000_000_000 : remainder)
  }

  /// Nanoseconds since 1970.
  var nanoseconds: Int128 { Int128(seconds) * 1_000_000_000 + Int128(nanos) }

  /// Milliseconds since 1970, rounded down.
  public var milliseconds: Int64 { seconds * 1000 + Int64(nanos / 1_000_000) }

  /// The point in time a duration later; nil where it is out of range.
  public func adding(_ duration: ExactDuration) -> Timestamp? {
    Timestamp(nanoseconds: nanoseconds + duration.nanoseconds)
  }

  /// The point in time a duration earlier; nil where it is out of range.
  public func subtracting(_ duration: ExactDuration) -> Timestamp? {
    Timestamp(nanoseconds: nanoseconds - duration.nanoseconds)
  }

  /// The duration from another point in time to this one; nil where it is out of range.
  public func since(_ other: Timestamp) -> ExactDuration? {
    ExactDuration(nanoseconds: nanoseconds - other.nanoseconds)
  }

  /// Whether the first is earlier.
  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    (a.seconds, a.nanos) < (b.seconds, b.nanos)
  }
}

extension Timestamp: CustomStringConvertible {
  /// The point in time in UTC as RFC 3339 has it: `2026-01-12T03:14:00Z`.
  public var description: String {
    let date = CivilTime(secondsSince1970: seconds)
    func padded(_ number: Int64, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
      + padded(date.hour, 2) + ":" + padded(date.minute, 2) + ":" + padded(date.second, 2)
      + FractionText.of(UInt32(nanos)) + "Z"
  }

  /// A point in time from RFC 3339: `2026-01-12T03:14:00.5+01:00`.
  public init?(_ text: String) {
    var bytes = Array(text.utf8)[...]
    func number(_ width: Int) -> Int64? {
      let digits = bytes.prefix(width)
      guard digits.count == width, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
      else { return nil }
      bytes = bytes.dropFirst(width)
      return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    func skip(_ mark: Unicode.Scalar) -> Bool {
      guard bytes.first == UInt8(ascii: mark) else { return false }
      bytes = bytes.dropFirst()
      return true
    }
    guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2),
      skip("T") || skip("t"),
      let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2)
    else { return nil }
    var nanos: Int128 = 0
    if skip(".") {
      let digits = bytes.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      guard !digits.isEmpty else { return nil }
      var place: Int128 = 100_000_000
      for digit in digits.prefix(9) {
        nanos += Int128(digit - UInt8(ascii: "0")) * place
        place /= 10
      }
      bytes = bytes.dropFirst(digits.count)
    }
    var offset: Int64 = 0
    if !(skip("Z") || skip("z")) {
      let east = skip("+")
      guard east || skip("-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (east ? 1 : -1)
    }
    guard bytes.isEmpty, (1...12).contains(month), day >= 1, day <= CivilTime.days(in: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let date = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    self.init(nanoseconds: Int128(date.secondsSince1970 - offset) * 1_000_000_000 + nanos)
  }
}
