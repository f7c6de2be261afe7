import CLibYAML
import Diagnostics

/// What could be meant where a text is not YAML.
extension YAMLReader {
  /// Whether something on the line before a place may have begun a flow mapping or sequence: nobody can tell then where a
  /// text was meant to end.
  func isAfterFlowStart(_ place: Int) -> Bool {
    let line = source.bytes[..<place].reversed().prefix { $0 != UInt8(ascii: "\n") }
    return line.contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") }
  }

  /// A fix that quotes the value on the line of a place, where YAML is likely to have misread a plain text.
  func quoteFix(around place: Int) -> Diagnostic.Fix? {
    let bytes = source.bytes
    var start = min(place, bytes.count)
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    var index = start
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "-") { index += 1 }
    while index + 1 < bytes.count, bytes[index] != UInt8(ascii: "\n") {
      if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: " ") {
        while index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: " ") { index += 1 }
        guard !isAfterFlowStart(index + 1) else { return nil }
        return quoteFix(from: index + 1)
      }
      index += 1
    }
    // An element of a list.
    guard let dash = bytes[start..<place].lastIndex(of: UInt8(ascii: "-")), dash + 1 < bytes.count,
      bytes[start..<dash].allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") })
    else { return nil }
    return quoteFix(from: dash + 2)
  }

  /// What an author may not know of YAML where a text is none.
  func hint(at place: Int, hasFix: Bool) -> String? {
    let bytes = source.bytes
    if place < bytes.count, bytes[place] == UInt8(ascii: "\t") {
      return "lines are indented with blanks, never with tabs"
    }
    if hasFix { return "a text that holds `: ` or begins with [ { \" ' ! & * % @ ` needs quotes" }
    guard isAfterFlowStart(place) else { return nil }
    return
      "inside […] and {…} a text that holds [ ] { } or a comma, or begins with a quote and goes on behind it, needs quotes"
  }

  /// Whether a fix lets the text be read further than to this line.
  func mends(_ fix: Diagnostic.Fix, _ line: Int) -> Bool {
    var bytes = source.bytes
    for edit in fix.edits {
      bytes.replaceSubrange(Int(edit.span.start)..<Int(edit.span.end), with: Array(edit.replacement.utf8))
    }
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { return false }
    defer { yaml_parser_delete(&parser) }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    return bytes.withUnsafeBufferPointer { bytes in
      let skipped = bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
      yaml_parser_set_input_string(&parser, bytes.baseAddress.map { $0 + skipped }, bytes.count - skipped)
      while true {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else { return Int(parser.problem_mark.line) > line }
        let isEnd = event.type == YAML_STREAM_END_EVENT
        yaml_event_delete(&event)
        if isEnd { return true }
      }
    }
  }

  /// A fix that quotes what stands from a place to the end of its line.
  private func quoteFix(from start: Int) -> Diagnostic.Fix? {
    let bytes = source.bytes
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") { end += 1 }
    while end > start, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    guard end > start, end - start < 1000 else { return nil }
    let value = bytes[start..<end]
    let opener = bytes[start]
    // A list or mapping to the end of the line was meant to be one, and the mistake is inside it.
    if isFlow(value) { return nil }
    let holdsColon = zip(value, value.dropFirst()).contains { $0 == UInt8(ascii: ":") && $1 == UInt8(ascii: " ") }
    guard holdsColon || "[{\"'!&*%@`".utf8.contains(opener) else { return nil }
    // A quoted or bracketed value that closes at the end of the line is not what was misread.
    if opener == UInt8(ascii: "\""), value.last == opener, !holdsColon { return nil }
    return fix(quoting: start, end)
  }

  /// Whether a text begins with a bracket that nothing closes before its end.
  private func isFlow(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[") else { return false }
    var depth = 0
    for (place, byte) in zip(text.indices, text) {
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: continue
      }
      if depth <= 0 { return place == text.index(before: text.endIndex) }
    }
    return true
  }

  func fix(quoting start: Int, _ end: Int) -> Diagnostic.Fix {
    let text = String(decoding: source.bytes[start..<end], as: UTF8.self)
    var quoted = "'"
    for character in text { quoted += character == "'" ? "''" : String(character) }
    return Diagnostic.Fix(
      title: "quote the text", edits: [Diagnostic.Edit(span: ByteSpan(start, end), replacement: quoted + "'")])
  }
}
