/// Sizes as the language writes them: `4096`, `512Ki`, `1Gi`, `10M`.
public enum SizeText {
  private static let units: [(name: String, bytes: Int64)] = [
    ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("Pi", 1 << 50), ("k", 1000),
    ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("P", 1_000_000_000_000_000), ("", 1),
  ]

  /// The bytes a text stands for; nil where it is not a size.
  public static func parse(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard let number = Int64(digits), let factor = units.first(where: { $0.name == unit })?.bytes else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  /// A number of bytes in the largest binary unit that divides it.
  public static func render(_ bytes: Int64) -> String {
    for unit in units[..<5].reversed() where bytes != 0 && bytes % unit.bytes == 0 {
      return "\(bytes / unit.bytes)\(unit.name)"
    }
    return String(bytes)
  }
}
