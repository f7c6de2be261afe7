import YAMLSyntax

/// A line that holds no content: a comment, or nothing.
enum TriviaLine: Hashable {
  case blank
  /// From the `#` on; outside of the document also a marker such as `---`.
  case comment(String)
}

/// A node together with what stands around it.
struct LayoutNode {
  enum Content {
    /// Nothing stands there.
    case empty
    /// A scalar on one line, as it stands.
    case line(String)
    /// A plain or quoted scalar over several lines.
    case lines([String])
    /// A scalar after `|` or `>`.
    case block(BlockScalar)
    case mapping([LayoutEntry], isFlow: Bool)
    case sequence([LayoutEntry], isFlow: Bool)
  }

  var content: Content
  /// Comments after the last entry that belong to the collection.
  var tail: [TriviaLine] = []

  /// Whether all of it can be written on one line.
  var isOneLine: Bool {
    switch content {
    case .empty, .line: true
    case .lines, .block: false
    case .mapping(let entries, _), .sequence(let entries, _): tail.isEmpty && entries.allSatisfy(\.isOneLine)
    }
  }
}

/// A pair of a mapping, or an element of a sequence.
struct LayoutEntry {
  /// Lines above it.
  var leading: [TriviaLine] = []
  /// The key as text and as it stands; nil for an element.
  var key: (name: String, raw: String)?
  /// A comment behind the key or the dash, before what is below it.
  var header: String?
  var value: LayoutNode
  /// A comment behind the value on its last line, with the blanks before it.
  var trailing: String?

  /// Whether it can be written in flow style.
  var isOneLine: Bool { leading.isEmpty && header == nil && trailing == nil && value.isOneLine }

  /// Takes the comments in a collection that holds nothing else.
  mutating func takeRemarksOfNothing() {
    switch value.content {
    case .mapping(let entries, _) where entries.isEmpty: break
    case .sequence(let entries, _) where entries.isEmpty: break
    default: return
    }
    leading += value.tail
    value.tail = []
  }
}

/// A scalar after `|` or `>`.
struct BlockScalar {
  /// The first line, without a digit.
  var header: String
  /// How many more columns than its parent the text has, where the header says so.
  var indentation: Int?
  /// The lines without their indentation.
  var lines: [String]
}
