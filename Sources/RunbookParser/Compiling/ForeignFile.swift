import Diagnostics
import YAMLSyntax

/// Whether a file is of another tool, as many are below a directory that holds runbooks too.
package enum ForeignFile {
  /// Whether a text seems to be none of the language's: it begins with another key, and is no runbook that lacks its head.
  package static func seems(_ source: SourceText) -> Bool { seems(source, root: nil) }

  /// - Parameter root: What the text says; nil where it cannot be read.
  static func seems(_ source: SourceText, root: YAMLNode?) -> Bool {
    guard let line = firstLine(of: source) else { return false }
    guard let colon = line.firstIndex(of: ":") else { return true }
    let key = line[..<colon].filter { !" \"'\t".contains($0) }
    let value = line[line.index(after: colon)...].drop { " \"'\t".contains($0) }
    if key == "belay" { return false }
    if FileKind.allCases.contains(where: { $0.firstKey == key }) { return value.first?.isNumber != true }
    if Spelling.nearest(to: key, in: ["belay"]) != nil { return false }
    return !lacksHead(root)
  }

  /// Whether a mapping is a runbook that only does not say so: steps, and no key that is none of a runbook's, or nearly one.
  static func lacksHead(_ root: YAMLNode?) -> Bool {
    let known = KeyTable.runbook
    let keys = (root?.mapping ?? []).map { pair in
      known.keys.contains(pair.key) ? pair.key : Spelling.nearest(to: pair.key, in: known.order)
    }
    return keys.contains("steps") && !keys.contains(nil)
  }

  /// The first line that holds something; nil where none does.
  private static func firstLine(of source: SourceText) -> Substring? {
    for line in source.bytes.prefix(1 << 16).split(separator: UInt8(ascii: "\n")) {
      var text = String(decoding: line, as: UTF8.self)
      if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
      let content = text.drop { " \t\r".contains($0) }
      if content.isEmpty || content.first == "#" || content.first == "%" || content.hasPrefix("---") { continue }
      return content
    }
    return nil
  }
}
