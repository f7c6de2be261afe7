import Diagnostics

/// Diagnostics for people: the place, the line, and a caret under what is meant.
package struct DiagnosticTextRenderer {
  /// How much of a long line is shown, in characters.
  private static let window = 160
  private let words: RunWords

  package init(colour: Bool) { self.words = RunWords(colour: colour) }

  /// The diagnostics one after the other, a blank line between two.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  private func render(_ diagnostic: Diagnostic) -> String {
    let isError = diagnostic.severity == .error
    let style: RunWords.Style = isError ? .red : .yellow
    var lines = [
      words.paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", style) + ": "
        + words.paint(RunWords.harmless(diagnostic.message), .bold)
    ]
    var excerpts = [excerpt(diagnostic.source, diagnostic.span, "", style, sign: "^", isFirst: true)]
    for label in diagnostic.labels {
      excerpts.append(
        excerpt(
          label.source, label.span, label.message, .blue, sign: "-", isFirst: label.source !== diagnostic.source))
    }
    let gutter = excerpts.map { $0.number.count }.max() ?? 1
    for excerpt in excerpts {
      if let place = excerpt.place { lines.append(pad(gutter) + words.paint("--> ", .blue) + place) }
      if excerpt.number.isEmpty { continue }
      lines.append(bar(gutter))
      let number = pad(gutter - excerpt.number.count) + excerpt.number
      lines.append(words.paint("\(number) | ", .blue) + excerpt.line)
      lines.append(bar(gutter) + " " + excerpt.marker)
    }
    for note in diagnostic.notes { lines.append(remark(gutter, "note", RunWords.harmless(note))) }
    if let fix = diagnostic.fix { lines.append(remark(gutter, "fix", RunWords.harmless(fix.title))) }
    return lines.joined(separator: "\n") + "\n"
  }

  private struct Excerpt {
    var place: String?
    var number: String
    var line: String
    var marker: String
  }

  private func excerpt(
    _ source: SourceText, _ span: ByteSpan, _ message: String, _ style: RunWords.Style, sign: Character, isFirst: Bool
  ) -> Excerpt {
    let start = source.location(at: Int(span.start))
    let place = isFirst ? "\(RunWords.harmless(source.name)):\(start.line):\(start.column)" : nil
    guard !source.bytes.isEmpty else { return Excerpt(place: place, number: "", line: "", marker: "") }
    let line = Array(source.line(startingAt: start.lineStart).unicodeScalars)
    let from = start.column - 1
    let marked = max(1, width(of: span, from: Int(span.start), in: source, atMost: line.count - from))
    var first = 0
    if line.count > Self.window, from > Self.window / 2 { first = min(from - Self.window / 2, line.count - 1) }
    let last = min(line.count, first + Self.window)
    let shown = (first > 0 ? "…" : "") + Self.shown(line[first..<last]) + (last < line.count ? "…" : "")
    let before = Self.columns(line[first..<min(from, line.count)]) + (first > 0 ? 1 : 0)
    let end = min(from + marked, last)
    let length = end > from ? max(1, Self.columns(line[from..<end])) : 1
    let marker =
      String(repeating: " ", count: before) + words.paint(String(repeating: sign, count: length), style)
      + (message.isEmpty ? "" : " " + words.paint(RunWords.harmless(message), style))
    return Excerpt(place: place, number: String(start.line), line: shown, marker: marker)
  }

  /// How many characters of the line a span covers.
  private func width(of span: ByteSpan, from start: Int, in source: SourceText, atMost bound: Int) -> Int {
    let end = min(Int(span.end), source.bytes.count)
    guard end > start, bound > 0 else { return 1 }
    var stop = start
    while stop < end, source.bytes[stop] != UInt8(ascii: "\n") { stop += 1 }
    // More than is shown need not be counted.
    stop = min(stop, start + 4 * Self.window)
    return min(bound, String(decoding: source.bytes[start..<stop], as: UTF8.self).unicodeScalars.count)
  }

  private static func shown(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    for scalar in scalars { text.append(scalar == "\t" ? " " : scalar) }
    return RunWords.harmless(String(text))
  }

  /// How many columns of a terminal some characters take.
  private static func columns(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
    scalars.reduce(0) { $0 + columns($1) }
  }

  /// Wide characters take two columns and combining ones none: Unicode Standard Annex 11, its ranges in the large.
  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F, 0x200B...0x200D, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }

  private func pad(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  private func bar(_ gutter: Int) -> String { pad(gutter) + words.paint(" |", .blue) }

  private func remark(_ gutter: Int, _ kind: String, _ text: String) -> String {
    let indent = pad(gutter + 4 + kind.count + 1)
    let lines = text.split(separator: "\n").joined(separator: "\n" + indent)
    return pad(gutter) + words.paint(" = ", .blue) + words.paint(kind, .bold) + ": " + lines
  }
}
