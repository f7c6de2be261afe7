import BelayTestSupport
import YAMLSyntax

@testable import RunbookFormatter
@testable import RunbookParser

/// Writes a tree as YAML in a random style, with comments: what the formatter has to cope with.
struct RandomLayout {
  private var random: SeededGenerator
  private(set) var text = ""
  /// The comments in the text, each another one.
  private(set) var comments: [String] = []

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func write(_ root: YAMLNode, _ shape: PlaceShape) {
    if chance(3) { text += comment() + "\n" }
    mapping(root.mapping ?? [], shape, 0, isInline: false, isRoot: true)
    if chance(3) { text += comment() + "\n" }
  }

  private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

  private mutating func comment() -> String {
    comments.append("# remark \(comments.count) of: many")
    return comments[comments.count - 1]
  }

  private mutating func above(_ indent: Int) {
    if chance(6) { text += "\n" }
    if chance(8) { text += pad(indent) + comment() + "\n" }
    if chance(12) { text += " \n" }
  }

  private mutating func endOfLine() {
    if chance(10) { text += "  " + comment() }
    text += "\n"
  }

  private func pad(_ count: Int) -> String { String(repeating: " ", count: count) }

  // MARK: Block style

  private mutating func mapping(
    _ pairs: [YAMLPair], _ shape: PlaceShape, _ indent: Int, isInline: Bool, isRoot: Bool = false
  ) {
    let shape = shape.refined(by: pairs.map(\.key))
    let first = isRoot ? 1 : 0
    let rest = Array(pairs.dropFirst(first))
    let order = pairs.prefix(first) + (shape.order == nil ? rest : rest.shuffled(using: &random))
    for (place, pair) in order.enumerated() {
      if place > 0 || !isInline {
        above(indent)
        text += pad(indent)
      }
      text += chance(8) ? "'\(pair.key)'" : pair.key
      text += chance(8) ? " :" : ":"
      value(pair.value, shape.child(pair.key), indent)
    }
  }

  private mutating func value(_ node: YAMLNode, _ shape: PlaceShape, _ indent: Int) {
    let child = indent + Int.random(in: 1...4, using: &random)
    switch node.content {
    case .scalar(let scalar): self.scalar(scalar, isEmpty: node.isEmpty, child)
    case .mapping(let pairs):
      if pairs.isEmpty || isPlainEnough(node) && chance(2) {
        text += " " + flow(node, shape)
        return endOfLine()
      }
      endOfLine()
      mapping(pairs, shape, child, isInline: false)
    case .sequence(let nodes):
      if nodes.isEmpty || isPlainEnough(node) && chance(2) {
        text += " " + flow(node, shape)
        return endOfLine()
      }
      endOfLine()
      sequence(nodes, shape, chance(3) ? indent : child)
    }
  }

  private mutating func sequence(_ nodes: [YAMLNode], _ shape: PlaceShape, _ indent: Int) {
    for node in nodes {
      above(indent)
      text += pad(indent) + "-"
      if case .mapping(let pairs) = node.content, !pairs.isEmpty, !(isPlainEnough(node) && chance(3)) {
        if chance(8) {
          endOfLine()
          mapping(pairs, shape, indent + 3, isInline: false)
        } else {
          text += " "
          mapping(pairs, shape, indent + 2, isInline: true)
        }
      } else if case .mapping = node.content {
        text += " " + flow(node, shape)
        endOfLine()
      } else {
        value(node, shape, indent)
      }
    }
  }

  // MARK: Scalars

  private mutating func scalar(_ scalar: YAMLScalar, isEmpty: Bool, _ indent: Int) {
    if isEmpty { return endOfLine() }
    let words = scalar.text.split(separator: " ", omittingEmptySubsequences: false)
    let isProse = scalar.style == .plain && words.count > 1 && words.allSatisfy { $0.first?.isLetter == true }
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where isProse:
      text += " " + words[0] + "\n" + pad(indent) + words.dropFirst().joined(separator: " ")
      return endOfLine()
    case 1 where isProse:
      text += " \"" + words[0] + "\n" + pad(indent) + words.dropFirst().joined(separator: " ") + "\""
      return endOfLine()
    case 2 where isBlockText(scalar.text): return block("|", scalar.text, indent)
    case 3 where isProse: return block(">", scalar.text, indent)
    case 4 where scalar.style != .plain && !scalar.text.contains("\n"): text += " " + single(scalar.text)
    case _ where isBlockText(scalar.text) && scalar.text.contains("\n"): return block("|", scalar.text, indent)
    case _ where scalar.style == .plain: text += " " + scalar.text
    default: text += " " + double(scalar.text)
    }
    endOfLine()
  }

  /// Whether a text can be written after `|` as it stands; what is plain may be more than a text.
  private func isBlockText(_ text: String) -> Bool {
    !text.isEmpty && text.contains(" ") && text.first != " " && text.first != "\n" && !text.contains("\t")
      && !text.hasSuffix("\n\n") && Int(text) == nil
  }

  private mutating func block(_ sign: String, _ content: String, _ indent: Int) {
    text += " " + sign + (content.hasSuffix("\n") ? "" : "-")
    endOfLine()
    var lines = content.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for line in lines { text += line.isEmpty ? "\n" : pad(indent) + line + "\n" }
  }

  private func single(_ content: String) -> String { "'" + content.replacing("'", with: "''") + "'" }

  private func double(_ content: String) -> String {
    var output = "\""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "\"", "\\": output += "\\" + String(scalar)
      case "\n": output += "\\n"
      case "\t": output += "\\t"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output + "\""
  }

  // MARK: Flow style

  private func isPlainEnough(_ node: YAMLNode) -> Bool { node.span.end - node.span.start < 400 }

  private mutating func flow(_ node: YAMLNode, _ shape: PlaceShape) -> String {
    let space = chance(3) ? "  " : ""
    switch node.content {
    case .scalar(let scalar):
      let isSafe = scalar.text.utf8.allSatisfy { !",[]{}#:".utf8.contains($0) }
      if scalar.style == .plain, isSafe { return scalar.text }
      return scalar.text.contains("\n") || chance(2) ? double(scalar.text) : single(scalar.text)
    case .sequence(let nodes):
      var parts: [String] = []
      for node in nodes { parts.append(flow(node, shape)) }
      return "[" + space + joined(parts, space) + space + "]"
    case .mapping(let pairs):
      let shape = shape.refined(by: pairs.map(\.key))
      var parts: [String] = []
      for pair in shape.order == nil ? pairs : pairs.shuffled(using: &random) {
        parts.append(pair.key + ": " + space + flow(pair.value, shape.child(pair.key)))
      }
      return "{" + space + joined(parts, space) + space + "}"
    }
  }

  /// Parts with commas between them, now and then with a comment and a new line, indented further than all around.
  private mutating func joined(_ parts: [String], _ space: String) -> String {
    var text = parts.first ?? ""
    for part in parts.dropFirst() {
      text += chance(20) ? ", " + comment() + "\n" + pad(60) + part : ", " + space + part
    }
    return text
  }
}
