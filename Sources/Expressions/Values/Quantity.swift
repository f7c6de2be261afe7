/// An amount as Kubernetes writes it, such as `1.5Gi` or `250m`: exact to a billionth.
///
/// As its API says, what is finer is rounded away from zero, and what is beyond 2^63-1 is taken for that. Two are equal
/// if their amounts are.
public struct Quantity: Sendable {
  /// How the amount was written, and is written again.
  enum Form: Sendable {
    /// With `n`, `u`, `m`, `k`, `M`, `G`, `T`, `P` or `E`, thousands apart.
    case decimal
    /// With `Ki`, `Mi`, `Gi`, `Ti`, `Pi` or `Ei`, 1024 apart.
    case binary
    /// With an exponent of ten.
    case exponent
  }

  /// Billionths.
  let nanos: Int128
  let form: Form

  private static let unit: Int128 = 1_000_000_000
  private static let largest = Int128(Int64.max) * unit
  private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
  private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

  init(nanos: Int128, form: Form) {
    self.nanos = nanos
    self.form = form
  }

  /// The whole amount of a number.
  public init(_ number: Int64) { self.init(nanos: Int128(number) * Self.unit, form: .decimal) }

  /// The amount that a text means; nil where it means none.
  public init?(_ text: String) {
    guard let parts = Parts(Array(text.utf8)) else { return nil }
    let suffix = parts.suffix
    if let place = Self.binarySuffixes.dropFirst().firstIndex(of: suffix) {
      self.init(parts, factor: Int128(1) << (10 * place), tens: 0, form: .binary)
    } else if let place = Self.decimalSuffixes.firstIndex(of: suffix) {
      self.init(parts, factor: 1, tens: 3 * (place - 3), form: .decimal)
    } else if suffix.utf8.count > 1, suffix.hasPrefix("e") || suffix.hasPrefix("E"),
      let exponent = Int32(suffix.dropFirst())
    {
      self.init(parts, factor: 1, tens: Int(exponent), form: .exponent)
    } else {
      return nil
    }
  }

  /// The amount of digits with a decimal point, times a factor and a power of ten.
  private init(_ parts: Parts, factor: Int128, tens: Int, form: Form) {
    var digits = parts.digits.drop { $0 == 0 }
    var tens = tens - parts.fraction + 9
    while digits.last == 0 {
      digits = digits.dropLast()
      tens += 1
    }
    // More digits than any amount has say only how to round.
    var wasCut = false
    if digits.count > 28 {
      tens += digits.count - 28
      digits = digits.prefix(28)
      wasCut = true
    }
    var amount = digits.reduce(Int128(0)) { $0 * 10 + Int128($1) }
    if amount == 0 {
      self.init(nanos: 0, form: form)
      return
    }
    if tens > 0 {
      for _ in 0..<min(tens, 40) where amount <= Self.largest { amount *= 10 }
    }
    var divisor: Int128 = 1
    if tens < 0 {
      for _ in 0..<min(-tens, 37) { divisor *= 10 }
    }
    let (product, overflow) = min(amount, Self.largest + 1).multipliedReportingOverflow(by: factor)
    if overflow {
      amount = Self.largest
    } else {
      let (quotient, remainder) = product.quotientAndRemainder(dividingBy: divisor)
      amount = min(Self.largest, quotient + (remainder > 0 || wasCut && tens <= 0 ? 1 : 0))
    }
    self.init(nanos: parts.isNegative ? -amount : amount, form: form)
  }

  // MARK: Parts of a text

  private struct Parts {
    var isNegative = false
    var digits: [UInt8] = []
    /// How many of the digits stand after the point.
    var fraction = 0
    var suffix = ""

    init?(_ bytes: [UInt8]) {
      var rest = bytes[...]
      if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        isNegative = sign == UInt8(ascii: "-")
        rest = rest.dropFirst()
      }
      let whole = rest.prefix(while: Lexer.isDigit)
      rest = rest.dropFirst(whole.count)
      digits = whole.map { $0 - UInt8(ascii: "0") }
      if rest.first == UInt8(ascii: ".") {
        let decimals = rest.dropFirst().prefix(while: Lexer.isDigit)
        rest = rest.dropFirst(decimals.count + 1)
        digits += decimals.map { $0 - UInt8(ascii: "0") }
        fraction = decimals.count
      }
      if digits.isEmpty || digits.count > 4096 { return nil }
      suffix = String(decoding: rest, as: UTF8.self)
    }
  }

  // MARK: Amounts

  /// The amount where it is whole.
  var whole: Int64? { nanos % Self.unit == 0 ? Int64(exactly: nanos / Self.unit) : nil }

  /// -1, 0 or 1.
  var sign: Int64 { Int64(nanos.signum()) }

  /// The nearest number in floating point.
  var approximate: Double {
    let (whole, rest) = nanos.quotientAndRemainder(dividingBy: Self.unit)
    return rest == 0 ? Double(whole) : Double(nanos) / Double(Self.unit)
  }

  /// The sum, written as this one is unless it is zero; nil where it is too large to be held.
  func adding(_ other: Quantity) -> Quantity? {
    let (sum, overflow) = nanos.addingReportingOverflow(other.nanos)
    return overflow ? nil : Quantity(nanos: sum, form: nanos == 0 ? other.form : form)
  }

  /// The difference, written as this one is unless it is zero; nil where it is too large to be held.
  func subtracting(_ other: Quantity) -> Quantity? {
    adding(Quantity(nanos: -other.nanos, form: other.form))
  }

  /// Less, same or more as -1, 0 or 1.
  func compared(to other: Quantity) -> Int64 { nanos < other.nanos ? -1 : nanos == other.nanos ? 0 : 1 }
}

extension Quantity: Hashable {
  /// Whether the amounts are equal.
  public static func == (a: Quantity, b: Quantity) -> Bool { a.nanos == b.nanos }

  /// Hashes the amount.
  public func hash(into hasher: inout Hasher) { hasher.combine(nanos) }
}

extension Quantity: CustomStringConvertible {
  /// The canonical form: no fraction, and the largest suffix that allows for it; it reads back as the same amount.
  public var description: String {
    let (whole, rest) = nanos.quotientAndRemainder(dividingBy: Self.unit)
    // Small and broken amounts have no binary form.
    if form == .binary, rest == 0, whole.magnitude >= 1024 {
      let (mantissa, place) = Self.reduced(whole, by: 1024, atMost: 6)
      return "\(mantissa)\(Self.binarySuffixes[place])"
    }
    if nanos == 0 { return "0" }
    let (mantissa, place) = Self.reduced(nanos, by: 1000, atMost: form == .exponent ? 12 : 9)
    if form != .exponent { return "\(mantissa)\(Self.decimalSuffixes[place])" }
    return place == 3 ? "\(mantissa)" : "\(mantissa)e\(3 * (place - 3))"
  }

  private static func reduced(_ amount: Int128, by base: Int128, atMost limit: Int) -> (Int128, Int) {
    var amount = amount
    var place = 0
    while place < limit, amount % base == 0, amount != 0 {
      amount /= base
      place += 1
    }
    return (amount, place)
  }
}
