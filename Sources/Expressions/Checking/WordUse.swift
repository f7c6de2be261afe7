/// A chain of names that is compared with a text as it stands.
package struct WordUse: Sendable, Hashable {
  /// The names.
  package let segments: [String]
  /// The text.
  package let word: String
  /// The text with its quotes, in bytes of the expression's source.
  package let range: Range<Int>
  /// The text without its quotes; nil where it is written in another way than one quote at either side.
  package let innerRange: Range<Int>?
}

extension Expression {
  /// The comparisons of chains of names with texts as they stand, in lists too, in no particular order.
  package var words: [WordUse] {
    var found: [WordUse] = []
    for node in tree.nodes {
      switch node {
      case .binary(.equal, let left, let right), .binary(.notEqual, let left, let right):
        if let use = use(left, right) ?? use(right, left) { found.append(use) }
      case .binary(.isIn, let left, let list):
        guard case .list(let elements) = tree.nodes[list] else { continue }
        found += elements.compactMap { use(left, $0.value) }
      default: continue
      }
    }
    return found
  }

  private func use(_ names: Int, _ text: Int) -> WordUse? {
    guard case .literal(.string(let word)) = tree.nodes[text], let place = tree.place(of: names), place.slot == nil
    else { return nil }
    let range = tree.range(text)
    let isPlain = range.count == word.utf8.count + 2
    return WordUse(
      segments: place.segments, word: word, range: range,
      innerRange: isPlain ? range.lowerBound + 1..<range.upperBound - 1 : nil)
  }
}
