import RunbookParser

/// Writes nodes in their canonical layout: two columns a level, keys in their order.
struct LayoutWriter {
  /// How long a line with a collection in flow style may be.
  static let width = 120

  private(set) var output = ""

  mutating func document(_ head: [TriviaLine], _ root: LayoutNode, _ shape: PlaceShape) {
    write(head, 0)
    if case .mapping(let entries, _) = root.content { mapping(entries, shape, 0, isInline: false) }
    var tail = root.tail
    while tail.last == .blank { tail.removeLast() }
    write(tail, 0)
  }

  // MARK: Block style

  private mutating func mapping(_ entries: [LayoutEntry], _ shape: PlaceShape, _ indent: Int, isInline: Bool) {
    let names = entries.map { $0.key?.name ?? "" }
    let shape = shape.refined(by: names)
    for (order, place) in shape.places(of: names).enumerated() {
      let entry = entries[place]
      let isFirst = order == 0
      // What stands above a first entry behind a dash has been written above the dash.
      if !isInline || !isFirst {
        write(isFirst ? Self.withoutFirstBlanks(entry.leading) : entry.leading, indent)
        pad(indent)
      }
      output += entry.key?.raw ?? ""
      output += ":"
      value(entry, shape.child(names[place]), parent: indent, child: indent + 2)
    }
  }

  private mutating func sequence(_ entries: [LayoutEntry], _ shape: PlaceShape, _ indent: Int, isInline: Bool) {
    for (place, entry) in entries.enumerated() {
      let isFirst = place == 0
      if !isInline || !isFirst {
        write(isFirst ? Self.withoutFirstBlanks(entry.leading) : entry.leading, indent)
        write(Self.lead(of: entry, shape), indent)
        pad(indent)
      }
      output += "-"
      value(entry, shape, parent: indent, child: indent + 2)
    }
  }

  /// What stands above the entry that a block collection behind a dash begins with.
  private static func lead(of entry: LayoutEntry, _ shape: PlaceShape) -> [TriviaLine] {
    guard entry.header == nil else { return [] }
    switch entry.value.content {
    case .mapping(let entries, let isFlow) where !isFlow || !entry.value.isOneLine:
      let names = entries.map { $0.key?.name ?? "" }
      let first = entries[shape.refined(by: names).places(of: names)[0]]
      return first.leading.filter { $0 != .blank }
    case .sequence(let entries, let isFlow) where !isFlow || !entry.value.isOneLine:
      return entries[0].leading.filter { $0 != .blank } + lead(of: entries[0], shape)
    default: return []
    }
  }

  /// What stands behind a colon or a dash, to the end of its line and of those below it.
  private mutating func value(_ entry: LayoutEntry, _ shape: PlaceShape, parent: Int, child: Int) {
    let node = entry.value
    let isElement = entry.key == nil
    switch node.content {
    case .empty: break
    case .line(let text): output += " " + text
    case .lines(let lines):
      output += " " + lines[0]
      for line in lines.dropFirst() {
        output += "\n"
        if !line.isEmpty {
          pad(child)
          output += line
        }
      }
    case .block(let scalar):
      block(scalar, parent)
      return
    case .mapping(let entries, let isFlow):
      if isFlow, entries.isEmpty || fits(node, shape) {
        output += " " + Self.flow(node, shape)
        break
      }
      begin(entry, isElement)
      mapping(entries, shape, child, isInline: isElement && entry.header == nil)
      write(node.tail + Self.remark(behind: entry), child)
      return
    case .sequence(let entries, let isFlow):
      if isFlow, entries.isEmpty || fits(node, shape) {
        output += " " + Self.flow(node, shape)
        break
      }
      begin(entry, isElement)
      sequence(entries, shape, child, isInline: isElement && entry.header == nil)
      write(node.tail + Self.remark(behind: entry), child)
      return
    }
    output += entry.trailing ?? ""
    output += "\n"
  }

  /// A comment behind an element that does not stay on one line goes below it.
  private static func remark(behind entry: LayoutEntry) -> [TriviaLine] {
    guard entry.key == nil, let comment = entry.trailing else { return [] }
    return [.comment(String(comment.drop { $0 == " " || $0 == "\t" }))]
  }

  /// Begins a block collection: behind its dash, or on the next line.
  private mutating func begin(_ entry: LayoutEntry, _ isElement: Bool) {
    // A comment behind a collection that was on one line stays behind what is left of the line.
    if let comment = entry.header ?? (isElement ? nil : entry.trailing) {
      output += comment + "\n"
    } else if isElement {
      output += " "
    } else {
      output += "\n"
    }
  }

  private mutating func block(_ scalar: BlockScalar, _ parent: Int) {
    var header = scalar.header
    let column = parent + (scalar.indentation ?? 2)
    if let digit = scalar.indentation {
      header.insert(contentsOf: String(digit), at: header.index(after: header.startIndex))
    }
    output += " " + header + "\n"
    for line in scalar.lines {
      if !line.isEmpty {
        pad(column)
        output += line
      }
      output += "\n"
    }
  }

  // MARK: Flow style

  private func fits(_ node: LayoutNode, _ shape: PlaceShape) -> Bool {
    node.isOneLine && currentColumn + 1 + Self.flow(node, shape).unicodeScalars.count <= Self.width
  }

  private static func flow(_ node: LayoutNode, _ shape: PlaceShape) -> String {
    switch node.content {
    case .empty: return ""
    case .line(let text): return text
    case .mapping(let entries, _):
      let names = entries.map { $0.key?.name ?? "" }
      let shape = shape.refined(by: names)
      let parts = shape.places(of: names).map { place in
        let value = flow(entries[place].value, shape.child(names[place]))
        let key = entries[place].key?.raw ?? ""
        return value.isEmpty ? key : "\(key): \(value)"
      }
      return "{" + parts.joined(separator: ", ") + "}"
    case .sequence(let entries, _):
      return "[" + entries.map { flow($0.value, shape) }.joined(separator: ", ") + "]"
    case .lines, .block: preconditionFailure("what does not fit on a line is written in block style")
    }
  }

  // MARK: Lines

  private var currentColumn: Int {
    let line = output.utf8.reversed().prefix { $0 != 0x0A }
    return String(decoding: line.reversed(), as: UTF8.self).unicodeScalars.count
  }

  private mutating func pad(_ count: Int) { output += String(repeating: " ", count: count) }

  /// Comments at an indentation; of blank lines in a row one is left.
  private mutating func write(_ lines: [TriviaLine], _ indent: Int) {
    for line in lines {
      switch line {
      case .blank:
        if !output.isEmpty, !output.utf8.suffix(2).elementsEqual([0x0A, 0x0A]) { output += "\n" }
      case .comment(let text):
        pad(indent)
        output += text + "\n"
      }
    }
  }

  private static func withoutFirstBlanks(_ lines: [TriviaLine]) -> [TriviaLine] {
    Array(lines.drop { $0 == .blank })
  }
}
