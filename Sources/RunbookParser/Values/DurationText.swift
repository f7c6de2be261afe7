/// Durations as the language writes them: `500ms`, `30s`, `5m`, `1h30m`, `7d`.
public enum DurationText {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// The longest duration, in milliseconds: 36,500 days. Sums of some of them and a date are in range.
  private static let longest: Int64 = 36_500 * 86_400_000

  /// The milliseconds a text stands for; nil where it is not a duration, or longer than 36,500 days.
  ///
  /// Units come from the longest to the shortest, each once; a whole number stands before each.
  public static func parse(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    var index = 0
    var total: Int64 = 0
    var nextUnit = 0
    guard !bytes.isEmpty else { return nil }
    while index < bytes.count {
      let digits = index
      var number: Int64 = 0
      while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
        let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
        let (sum, overflow) = product.addingReportingOverflow(Int64(bytes[index] - 0x30))
        if tooLarge || overflow { return nil }
        number = sum
        index += 1
      }
      guard index > digits else { return nil }
      let letters = index
      while index < bytes.count, bytes[index] >= 0x61, bytes[index] <= 0x7A { index += 1 }
      let name = String(decoding: bytes[letters..<index], as: UTF8.self)
      guard let unit = units[nextUnit...].firstIndex(where: { $0.name == name }) else { return nil }
      nextUnit = unit + 1
      let (product, tooLarge) = number.multipliedReportingOverflow(by: units[unit].milliseconds)
      let (sum, overflow) = total.addingReportingOverflow(product)
      if tooLarge || overflow { return nil }
      total = sum
    }
    return total <= longest ? total : nil
  }

  /// A number of milliseconds as the language writes it.
  public static func render(_ milliseconds: Int64) -> String {
    if milliseconds == 0 { return "0s" }
    var rest = milliseconds.magnitude
    var text = milliseconds < 0 ? "-" : ""
    for unit in units {
      let size = UInt64(unit.milliseconds)
      if rest >= size {
        text += "\(rest / size)\(unit.name)"
        rest %= size
      }
    }
    return text
  }
}
