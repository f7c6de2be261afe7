/// As much of a Merkle tree as appending takes: the roots of its complete subtrees.
package struct MerkleFrontier: Hashable, Sendable {
  /// How many leaves the tree has.
  package private(set) var size: Int64
  /// The roots of the complete subtrees, the largest first: one for each bit that is set in `size`.
  package private(set) var nodes: [ContentHash]

  /// The empty tree.
  package init() {
    size = 0
    nodes = []
  }

  /// A tree as it was left; nil where there are not as many nodes as the size asks for.
  package init?(size: Int64, nodes: [ContentHash]) {
    guard size >= 0, size.nonzeroBitCount == nodes.count else { return nil }
    self.size = size
    self.nodes = nodes
  }

  /// Adds a leaf.
  package mutating func append(_ leaf: ContentHash) {
    var node = leaf
    // Each subtree that the new one completes is as large as it.
    for _ in 0..<(~size).trailingZeroBitCount { node = ContentHash(left: nodes.removeLast(), right: node) }
    nodes.append(node)
    size += 1
  }

  /// The root of the tree.
  package var root: ContentHash {
    guard var root = nodes.last else { return .emptyRoot }
    for node in nodes.dropLast().reversed() { root = ContentHash(left: node, right: root) }
    return root
  }
}
