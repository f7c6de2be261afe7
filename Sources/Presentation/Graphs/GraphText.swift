/// Texts of a runbook in pictures: one line each, harmless wherever they are shown.
enum GraphText {
  /// The text on one line, without control characters.
  static func line(_ text: String) -> String {
    RunWords.harmless(text).split { $0 == "\n" || $0 == "\t" || $0 == "\r\n" }.joined(separator: " ")
  }

  /// The beginning of a text that is at most so wide, an ellipsis at its end where it is cut.
  static func cut(_ text: String, to width: Double, _ letter: Double) -> String {
    guard self.width(text, letter) > width else { return text }
    var used = letter
    var end = text.startIndex
    while end < text.endIndex {
      let next = self.width(text[end], letter)
      if used + next > width { break }
      used += next
      end = text.index(after: end)
    }
    return text[..<end].trimmingEnd() + "…"
  }

  /// A text in lines that are at most so wide, broken at blanks; what is beyond the last line is cut.
  static func wrapped(_ text: String, to width: Double, _ letter: Double, lines count: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    let words = text.split(separator: " ")
    for (place, word) in words.enumerated() {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if self.width(longer, letter) <= width || line.isEmpty && lines.count == count - 1 {
        line = longer
        continue
      }
      if lines.count == count - 1 {
        return lines + [cut(([line] + words[place...].map(String.init)).joined(separator: " "), to: width, letter)]
      }
      if !line.isEmpty { lines.append(cut(line, to: width, letter)) }
      line = String(word)
    }
    return line.isEmpty ? lines : lines + [cut(line, to: width, letter)]
  }

  /// How wide a text is, at so much for a letter.
  static func width(_ text: String, _ letter: Double) -> Double {
    text.reduce(0) { $0 + width($1, letter) }
  }

  private static func width(_ character: Character, _ letter: Double) -> Double {
    let first = character.unicodeScalars.first?.value ?? 0
    let isWide = first >= 0x1100 && !(0x1E00...0x2BFF).contains(first)
    return isWide ? letter * 1.8 : letter
  }
}

extension Substring {
  fileprivate func trimmingEnd() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
