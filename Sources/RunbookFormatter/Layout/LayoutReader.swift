import Diagnostics
import YAMLSyntax

/// A place that the formatter does not understand well enough to touch.
struct Unplaceable: Error {
  var offset: Int
  var message: String
}

/// Puts the comments and blank lines of a text to the nodes they stand at.
///
/// It goes through the text once; nodes are as deep as the reader of YAML allows.
struct LayoutReader {
  private let bytes: [UInt8]
  /// Where the content that was read last ends.
  private var cursor = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The whole document, which is a mapping in block style.
  mutating func document(_ root: YAMLNode) throws(Unplaceable) -> (head: [TriviaLine], root: LayoutNode) {
    guard root.mapping != nil, !isFlow(root) else {
      throw Unplaceable(offset: Int(root.span.start), message: "the file is not a mapping in block style")
    }
    var head: [TriviaLine] = []
    let start = lineStart(Int(root.span.start))
    while cursor < start {
      let line = text(lineEnd(cursor))
      head.append(line.isEmpty ? .blank : .comment(line))
      cursor = min(start, lineEnd(cursor) + 1)
    }
    var node = try self.node(root, isWithinFlow: false, parent: 0)
    if cursor < bytes.count, bytes[cursor] == 0x0A { cursor += 1 }
    while cursor < bytes.count {
      let line = text(lineEnd(cursor))
      node.tail.append(line.isEmpty ? .blank : .comment(line))
      cursor = lineEnd(cursor) + 1
    }
    return (head, node)
  }

  // MARK: Nodes

  /// - Parameter parent: The column of the key or dash that it stands behind.
  private mutating func node(_ node: YAMLNode, isWithinFlow: Bool, parent: Int) throws(Unplaceable) -> LayoutNode {
    if node.isEmpty { return LayoutNode(content: .empty) }
    switch node.content {
    case .scalar(let scalar): return scalarNode(scalar, node.span, parent)
    case .sequence(let nodes):
      if isWithinFlow || isFlow(node) { return try flow(node) }
      return try block(nodes, column: try dash(before: nodes[0]))
    case .mapping(let pairs):
      if isWithinFlow || isFlow(node) { return try flow(node) }
      return try block(pairs)
    }
  }

  private mutating func scalarNode(_ scalar: YAMLScalar, _ span: ByteSpan, _ parent: Int) -> LayoutNode {
    let (start, end) = (Int(span.start), Int(span.end))
    cursor = end
    switch scalar.style {
    case .plain, .singleQuoted, .doubleQuoted:
      var lines = split(start, end)
      guard lines.count > 1 else { return LayoutNode(content: .line(lines[0])) }
      for place in lines.indices.dropFirst() { lines[place] = String(lines[place].drop { $0 == " " || $0 == "\t" }) }
      return LayoutNode(content: .lines(lines))
    case .literal, .folded:
      return LayoutNode(content: .block(blockScalar(start, end, parent, keeps: scalar.text.utf8.last == 0x0A)))
    }
  }

  private mutating func blockScalar(_ start: Int, _ end: Int, _ parent: Int, keeps: Bool) -> BlockScalar {
    var lines = split(start, end)
    var header = lines.removeFirst()
    while header.last == " " || header.last == "\t" { header.removeLast() }
    var indicators = String(header.prefix { $0 != " " && $0 != "\t" && $0 != "#" })
    let comment = header.dropFirst(indicators.count)
    let digit = indicators.first { $0.isWholeNumber }.flatMap(\.wholeNumberValue)
    indicators.removeAll { $0.isWholeNumber }
    // The break after the last line is no part of what follows.
    if lines.last?.isEmpty == true, end > start, bytes[end - 1] == 0x0A { lines.removeLast() }
    func indentation(_ line: String) -> Int { line.utf8.prefix { $0 == 0x20 }.count }
    func isBlank(_ line: String) -> Bool { line.utf8.allSatisfy { $0 == 0x20 } }
    let column = lines.first { !isBlank($0) }.map(indentation) ?? lines.map { $0.utf8.count }.max() ?? 0
    // With a digit every line may be indented further than the text.
    let base = digit.map { parent + $0 } ?? column
    // The cursor is to stand at the end of the last line that is kept.
    var last = end > start && bytes[end - 1] == 0x0A ? end - 1 : end
    if !indicators.contains("+") {
      // What is blank at the end is no content: it stands before the next entry.
      while let line = lines.last, isBlank(line), line.utf8.count <= base {
        lines.removeLast()
        last = lineStart(last) - 1
      }
    }
    cursor = last
    // A file without a last line break would give the text one.
    if !keeps, !lines.isEmpty, !indicators.contains("-") {
      indicators.removeAll { $0 == "+" }
      indicators += "-"
    }
    return BlockScalar(
      header: indicators + comment, indentation: digit,
      lines: lines.map { line in
        isBlank(line) && line.utf8.count <= base
          ? "" : String(decoding: line.utf8.dropFirst(min(base, line.utf8.count)), as: UTF8.self)
      })
  }

  // MARK: Block collections

  private mutating func block(_ pairs: [YAMLPair]) throws(Unplaceable) -> LayoutNode {
    var entries: [LayoutEntry] = []
    let column = self.column(Int(pairs[0].keySpan.start))
    for pair in pairs {
      var entry = LayoutEntry(value: LayoutNode(content: .empty))
      let start = Int(pair.keySpan.start)
      entry.leading = try trivia(upTo: start)
      let raw = split(start, Int(pair.keySpan.end))
      guard raw.count == 1 else { throw Unplaceable(offset: start, message: "this key goes over several lines") }
      entry.key = (pair.key, raw[0])
      cursor = Int(pair.keySpan.end)
      skipBlanks()
      guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: ":") else {
        throw Unplaceable(offset: start, message: "no colon follows this key")
      }
      cursor += 1
      try readValue(pair.value, into: &entry, behind: column)
      entries.append(entry)
    }
    return LayoutNode(content: .mapping(entries, isFlow: false), tail: try tail(ofColumn: column))
  }

  private mutating func block(_ nodes: [YAMLNode], column: Int) throws(Unplaceable) -> LayoutNode {
    var entries: [LayoutEntry] = []
    for node in nodes {
      var entry = LayoutEntry(value: LayoutNode(content: .empty))
      let dash = try nextContent()
      guard dash < bytes.count, bytes[dash] == UInt8(ascii: "-") else {
        throw Unplaceable(offset: dash, message: "a dash is expected here")
      }
      entry.leading = try trivia(upTo: dash)
      cursor = dash + 1
      try readValue(node, into: &entry, behind: column)
      entries.append(entry)
    }
    return LayoutNode(content: .sequence(entries, isFlow: false), tail: try tail(ofColumn: column))
  }

  /// The column of the dash of a sequence's first element, which comes next.
  private func dash(before node: YAMLNode) throws(Unplaceable) -> Int {
    let next = try nextContent()
    guard next < bytes.count, bytes[next] == UInt8(ascii: "-") else {
      throw Unplaceable(offset: next, message: "a dash is expected here")
    }
    return column(next)
  }

  /// What stands behind a colon or a dash.
  private mutating func readValue(
    _ node: YAMLNode, into entry: inout LayoutEntry, behind column: Int
  ) throws(Unplaceable) {
    if node.isEmpty {
      entry.trailing = commentOnLine()
      return
    }
    let isBlock = (node.mapping != nil || node.sequence != nil) && !isFlow(node)
    let next = try nextContent()
    if next > lineEnd(cursor) {
      if let comment = commentOnLine() { entry.header = comment }
      if !isBlock {
        // Comments between a key and its value go above the key.
        entry.leading += try trivia(upTo: next)
        if let header = entry.header {
          entry.leading.append(.comment(String(header.drop { $0 == " " || $0 == "\t" })))
          entry.header = nil
        }
      }
    }
    entry.value = try self.node(node, isWithinFlow: false, parent: column)
    entry.takeRemarksOfNothing()
    if !isBlock {
      if case .block = entry.value.content { return }
      entry.trailing = commentOnLine()
    }
  }

  // MARK: Flow collections

  private mutating func flow(_ node: YAMLNode) throws(Unplaceable) -> LayoutNode {
    let (start, end) = (Int(node.span.start), Int(node.span.end))
    // A pair in a sequence may stand without braces.
    let hasBrackets = bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[")
    cursor = hasBrackets ? start + 1 : start
    var entries: [LayoutEntry] = []
    for pair in node.mapping ?? [] {
      let leading = remarks(upTo: Int(pair.keySpan.start), behind: &entries)
      let raw = split(Int(pair.keySpan.start), Int(pair.keySpan.end))
      guard raw.count == 1 else {
        throw Unplaceable(offset: Int(pair.keySpan.start), message: "this key goes over several lines")
      }
      cursor = Int(pair.keySpan.end)
      entries.append(try flowEntry((pair.key, raw[0]), pair.value, leading))
    }
    for element in node.sequence ?? [] {
      let leading = remarks(upTo: Int(element.span.start), behind: &entries)
      entries.append(try flowEntry(nil, element, leading))
    }
    let tail = remarks(upTo: hasBrackets ? end - 1 : end, behind: &entries)
    cursor = end
    return LayoutNode(
      content: node.mapping != nil ? .mapping(entries, isFlow: true) : .sequence(entries, isFlow: true), tail: tail)
  }

  private mutating func flowEntry(
    _ key: (name: String, raw: String)?, _ node: YAMLNode, _ leading: [TriviaLine]
  ) throws(Unplaceable) -> LayoutEntry {
    var entry = LayoutEntry(leading: leading, key: key, value: LayoutNode(content: .empty))
    guard !node.isEmpty else { return entry }
    var none: [LayoutEntry] = []
    entry.leading += remarks(upTo: Int(node.span.start), behind: &none)
    entry.value = try self.node(node, isWithinFlow: true, parent: 0)
    entry.takeRemarksOfNothing()
    return entry
  }

  /// The comments between the cursor and the content that comes next; one on the line of the entry before is that one's.
  private mutating func remarks(upTo end: Int, behind entries: inout [LayoutEntry]) -> [TriviaLine] {
    var lines: [TriviaLine] = []
    var isOnLine = !entries.isEmpty
    while cursor < end {
      switch bytes[cursor] {
      case 0x0A: isOnLine = false
      case UInt8(ascii: "#"):
        let comment = text(lineEnd(cursor))
        if isOnLine {
          entries[entries.count - 1].trailing = " " + comment
        } else {
          lines.append(.comment(comment))
        }
        cursor = lineEnd(cursor)
        continue
      default: break
      }
      cursor += 1
    }
    return lines
  }

  private func isFlow(_ node: YAMLNode) -> Bool {
    let start = Int(node.span.start)
    guard node.scalar == nil, start < bytes.count else { return false }
    switch node.content {
    case .mapping(let pairs):
      // A key may itself be quoted; a bracket is none of it.
      return bytes[start] == UInt8(ascii: "{") || pairs.isEmpty
    case .sequence(let nodes): return bytes[start] == UInt8(ascii: "[") || nodes.isEmpty
    case .scalar: return false
    }
  }

  // MARK: Trivia

  /// The comment on the rest of the present line with the blanks before it; the cursor moves to the line's end.
  private mutating func commentOnLine() -> String? {
    var place = cursor
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
    guard place < bytes.count, bytes[place] == UInt8(ascii: "#"), place > cursor else { return nil }
    let comment = text(from: cursor, lineEnd(place))
    cursor = lineEnd(place)
    return comment
  }

  /// The lines between the cursor and what comes next, which the cursor moves to.
  private mutating func trivia(upTo end: Int) throws(Unplaceable) -> [TriviaLine] {
    var lines: [TriviaLine] = []
    let first = lineEnd(cursor)
    guard first < end else {
      cursor = end
      return []
    }
    cursor = first + 1
    while lineEnd(cursor) < end {
      lines.append(try triviaLine())
      cursor = lineEnd(cursor) + 1
    }
    cursor = end
    return lines
  }

  private func triviaLine() throws(Unplaceable) -> TriviaLine {
    var start = cursor
    while start < bytes.count, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    if start >= lineEnd(cursor) { return .blank }
    guard bytes[start] == UInt8(ascii: "#") else {
      throw Unplaceable(offset: start, message: "this line belongs to nothing")
    }
    return .comment(text(from: start, lineEnd(start)))
  }

  /// Comments below a collection that are indented like it, and further than what comes next.
  private mutating func tail(ofColumn column: Int) throws(Unplaceable) -> [TriviaLine] {
    let next = try nextContent()
    let outer = next < bytes.count ? self.column(next) : -1
    var place = lineEnd(cursor)
    guard place < next else { return [] }
    place += 1
    var lines: [TriviaLine] = []
    var kept = 0
    var keptEnd = cursor
    while place < next, lineEnd(place) < next || next == bytes.count {
      var start = place
      while start < bytes.count, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
      if start >= lineEnd(place) {
        lines.append(.blank)
      } else {
        guard start - place >= column, start - place > outer else { break }
        lines.append(.comment(text(from: start, lineEnd(start))))
        kept = lines.count
        keptEnd = lineEnd(place)
      }
      place = lineEnd(place) + 1
    }
    if kept > 0 { cursor = keptEnd }
    return Array(lines.prefix(kept))
  }

  /// Where the next byte is that is neither blank nor comment; the end of the file where there is none.
  private func nextContent() throws(Unplaceable) -> Int {
    var place = cursor
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x09, 0x0A: place += 1
      case UInt8(ascii: "#"): place = lineEnd(place)
      case UInt8(ascii: "."), UInt8(ascii: "-"):
        // The end of the document is none of its content.
        if place == lineStart(place), bytes[place...].prefix(4).elementsEqual("...\n".utf8) { return bytes.count }
        return place
      default: return place
      }
    }
    return bytes.count
  }

  // MARK: Text

  private mutating func skipBlanks() {
    while cursor < bytes.count, bytes[cursor] == 0x20 || bytes[cursor] == 0x09 { cursor += 1 }
  }

  private func lineStart(_ offset: Int) -> Int {
    var start = min(offset, bytes.count)
    while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
    return start
  }

  private func lineEnd(_ offset: Int) -> Int {
    var end = offset
    while end < bytes.count, bytes[end] != 0x0A { end += 1 }
    return end
  }

  private func column(_ offset: Int) -> Int { offset - lineStart(offset) }

  /// The bytes from the cursor to an end, without blanks at the end.
  private func text(_ end: Int) -> String { text(from: cursor, end) }

  private func text(from start: Int, _ end: Int) -> String {
    var end = end
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
  }

  private func split(_ start: Int, _ end: Int) -> [String] {
    bytes[start..<end].split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
