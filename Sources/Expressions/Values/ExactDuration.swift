/// A length of time to the nanosecond, at most some 10,000 years either way.
public struct ExactDuration: Sendable, Hashable, Comparable {
  /// Whole seconds; the sign is that of the duration.
  public let seconds: Int64
  /// Nanoseconds beyond the seconds, of the same sign.
  public let nanos: Int32

  /// The largest number of seconds, as the published type has it.
  static let limit: Int64 = 315_576_000_000

  /// A duration from its parts; parts out of range or of two signs are carried over, and the whole is cut to the range.
  public init(seconds: Int64, nanos: Int32 = 0) {
    let total = Int128(seconds) * 1_000_000_000 + Int128(nanos)
    let bound = Int128(Self.limit) * 1_000_000_000
    self.init(inRange: min(max(total, -bound), bound))
  }

  /// A duration of milliseconds, cut to the range.
  public init(milliseconds: Int64) {
    self.init(
      seconds: milliseconds / 1000, nanos: Int32(truncatingIfNeeded: milliseconds % 1000) * 1_000_000)
  }

  /// A duration of nanoseconds; nil where it is out of range.
  init?(nanoseconds total: Int128) {
    guard total.magnitude <= UInt128(Self.limit) * 1_000_000_000 else { return nil }
    self.init(inRange: total)
  }

  private init(inRange total: Int128) {
    seconds = Int64(truncatingIfNeeded: total / 1_000_000_000)
    nanos = Int32(truncatingIfNeeded: total % 1_000_000_000)
  }

  /// The whole length in nanoseconds.
  var nanoseconds: Int128 { Int128(seconds) * 1_000_000_000 + Int128(nanos) }

  /// The whole length in milliseconds, cut towards zero.
  public var milliseconds: Int64 { seconds * 1000 + Int64(nanos / 1_000_000) }

  /// The whole length in seconds.
  public var inSeconds: Double { Double(seconds) + Double(nanos) / 1e9 }

  /// The sum; nil where it is out of range.
  public func adding(_ other: ExactDuration) -> ExactDuration? {
    ExactDuration(nanoseconds: nanoseconds + other.nanoseconds)
  }

  /// The difference; nil where it is out of range.
  public func subtracting(_ other: ExactDuration) -> ExactDuration? {
    ExactDuration(nanoseconds: nanoseconds - other.nanoseconds)
  }

  /// The duration of the other sign.
  public var negated: ExactDuration { ExactDuration(inRange: -nanoseconds) }

  /// Whether the first is shorter, signs counted.
  public static func < (a: ExactDuration, b: ExactDuration) -> Bool {
    (a.seconds, a.nanos) < (b.seconds, b.nanos)
  }

  /// A duration from Go's notation: `300ms`, `-1.5h`, `2h45m`; `0` needs no unit.
  ///
  /// - Parameter days: Whether `d`, 24 hours, is a unit too.
  public init?(_ text: String, days: Bool = false) {
    var bytes = Array(text.utf8)[...]
    var negative = false
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      negative = sign == UInt8(ascii: "-")
      bytes = bytes.dropFirst()
    }
    if bytes.elementsEqual("0".utf8) {
      self.init(seconds: 0)
      return
    }
    guard !bytes.isEmpty else { return nil }
    var total: Int128 = 0
    while !bytes.isEmpty {
      guard let part = Self.part(&bytes, days: days) else { return nil }
      total += part
      guard total <= Int128(Self.limit) * 1_000_000_000 else { return nil }
    }
    self.init(nanoseconds: negative ? -total : total)
  }

  /// One number with its unit, in nanoseconds.
  private static func part(_ bytes: inout ArraySlice<UInt8>, days: Bool) -> Int128? {
    let whole = bytes.prefix { isDigit($0) }
    bytes = bytes.dropFirst(whole.count)
    var fraction: ArraySlice<UInt8> = []
    if bytes.first == UInt8(ascii: ".") {
      fraction = bytes.dropFirst().prefix { isDigit($0) }
      bytes = bytes.dropFirst(fraction.count + 1)
    }
    guard !whole.isEmpty || !fraction.isEmpty, whole.count <= 20 else { return nil }
    let name = bytes.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
    guard let unit = unit(String(decoding: name, as: UTF8.self), days: days) else { return nil }
    bytes = bytes.dropFirst(name.count)
    var total = whole.reduce(Int128(0)) { $0 * 10 + Int128($1 - UInt8(ascii: "0")) } * unit
    var place = unit
    for digit in fraction.prefix(18) {
      place /= 10
      total += Int128(digit - UInt8(ascii: "0")) * place
    }
    return total
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private static func unit(_ name: String, days: Bool) -> Int128? {
    switch name {
    case "ns": 1
    case "us", "\u{B5}s", "\u{3BC}s": 1_000
    case "ms": 1_000_000
    case "s": 1_000_000_000
    case "m": 60_000_000_000
    case "h": 3_600_000_000_000
    case "d" where days: 86_400_000_000_000
    default: nil
    }
  }
}

extension ExactDuration: CustomStringConvertible {
  /// The duration in seconds: `300s`, `-1.5s`.
  public var description: String {
    let sign = seconds < 0 || nanos < 0 ? "-" : ""
    return sign + String(seconds.magnitude) + FractionText.of(nanos.magnitude) + "s"
  }
}

/// The decimal fraction of a second.
enum FractionText {
  /// A stop and the digits of some nanoseconds without zeros at the end; empty for none.
  static func of(_ nanos: UInt32) -> String {
    guard nanos > 0 else { return "" }
    let digits = String(nanos)
    var text = "." + String(repeating: "0", count: 9 - digits.utf8.count) + digits
    while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
    return text
  }
}
