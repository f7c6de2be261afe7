/// Writes SVG: every text escaped, every number with at most one decimal.
struct SVGWriter {
  private(set) var output = ""

  /// A line as it stands.
  mutating func line(_ text: String) { output += text + "\n" }

  /// A text at a place.
  mutating func text(_ text: String, _ x: Double, _ y: Double, _ style: String, anchor: String? = nil) {
    let anchor = anchor.map { " text-anchor=\"\($0)\"" } ?? ""
    line(
      "<text class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"\(anchor)>\(Self.escaped(text))</text>")
  }

  /// A rectangle with rounded corners.
  mutating func box(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, corner: Double = 8
  ) {
    line(
      "<rect class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
        + "height=\"\(Self.number(height))\" rx=\"\(Self.number(corner))\"/>")
  }

  /// A number without needless digits.
  static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let rest = tenths.magnitude % 10
    return "\(sign)\(tenths.magnitude / 10)" + (rest == 0 ? "" : ".\(rest)")
  }

  /// A text as content or as a value in quotes.
  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case "\u{FFFE}", "\u{FFFF}": output += "\u{FFFD}"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}
