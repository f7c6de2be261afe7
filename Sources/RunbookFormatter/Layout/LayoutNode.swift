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
    /// A collection that is left as it stands, because of comments or long texts within: its lines, and the column at
    /// which the first of them stood.
    case verbatim([String], column: Int)
    case mapping([LayoutEntry], isFlow: Bool)
    case sequence([LayoutEntry], isFlow: Bool)
  }

  var content: Content
  /// Comments after the last entry that belong to the collection.
  var tail: [TriviaLine] = []
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
