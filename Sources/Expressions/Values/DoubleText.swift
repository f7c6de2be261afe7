/// The shortest decimal text of a double that reads back as the same double.
enum DoubleText {
  /// Without exponent between 1e-6 and 1e21, as JSON writers commonly have it (RFC 8785); `NaN`, `Infinity`.
  static func of(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    if value == 0 { return value.sign == .minus ? "-0" : "0" }
    var digits: [UInt8] = []
    var point = 0
    var exponent = 0
    var seenPoint = false
    let text = value.magnitude.description
    for (offset, byte) in text.utf8.enumerated() {
      if byte == UInt8(ascii: ".") {
        seenPoint = true
      } else if byte == UInt8(ascii: "e") {
        exponent =
          Int(text.utf8.dropFirst(offset + 1).reduce(into: "") { $0.unicodeScalars.append(Unicode.Scalar($1)) }) ?? 0
        break
      } else {
        digits.append(byte)
        if !seenPoint { point += 1 }
      }
    }
    point += exponent
    while digits.count > 1, digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      point -= 1
    }
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    let sign = value < 0 ? "-" : ""
    return sign + place(String(decoding: digits, as: UTF8.self), point)
  }

  /// Digits with the decimal point after so many of them.
  private static func place(_ digits: String, _ point: Int) -> String {
    let count = digits.utf8.count
    if point > 21 || point <= -6 {
      let exponent = point - 1
      let mantissa = count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
      return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }
    if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
    if point >= count { return digits + String(repeating: "0", count: point - count) }
    return "\(digits.prefix(point)).\(digits.dropFirst(point))"
  }
}
