/// Texts as XML 1.0 has them.
enum XMLText {
  /// A text as a value in double quotes.
  static func attribute(_ text: String) -> String { escaped(text, inAttribute: true) }

  /// A text as an element's content.
  static func content(_ text: String) -> String { escaped(text, inAttribute: false) }

  /// Most control characters cannot stand in XML at all: they become U+FFFD.
  private static func escaped(_ text: String, inAttribute: Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"" where inAttribute: result.append(contentsOf: "&quot;".unicodeScalars)
      case "\n" where inAttribute, "\t" where inAttribute:
        result.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
      case "\r": result.append(contentsOf: "&#13;".unicodeScalars)
      case "\n", "\t": result.append(scalar)
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
