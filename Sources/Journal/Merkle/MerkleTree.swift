/// A whole Merkle tree, for proofs about it.
package struct MerkleTree: Sendable {
  /// The levels: the leaves first, then the roots of each two neighbours; one without a neighbour is not there.
  private let levels: [[ContentHash]]

  /// - Parameter leaves: The hashes of the leaves.
  package init(leaves: [ContentHash]) {
    var levels = [leaves]
    while let last = levels.last, last.count > 1 {
      var next: [ContentHash] = []
      next.reserveCapacity(last.count / 2)
      for place in stride(from: 0, to: last.count - 1, by: 2) {
        next.append(ContentHash(left: last[place], right: last[place + 1]))
      }
      levels.append(next)
    }
    self.levels = levels
  }

  /// How many leaves there are.
  package var size: Int { levels[0].count }

  /// The root of the tree as it was with this many leaves.
  package func root(ofSize size: Int) -> ContentHash { size == 0 ? .emptyRoot : root(of: 0..<size) }

  /// What shows that a tree is a beginning of a later one (RFC 6962, 2.1.2).
  package func consistencyProof(from old: Int, to new: Int) -> [ContentHash] {
    precondition(old >= 0 && old <= new && new <= size, "a proof is about two sizes that the tree has had")
    guard old > 0, old < new else { return [] }
    var proof: [ContentHash] = []
    var range = 0..<new
    var isWhole = true
    // From the top down; the proof has it from the bottom up.
    while old != range.upperBound {
      let middle = Self.split(range)
      if old <= middle {
        proof.append(root(of: middle..<range.upperBound))
        range = range.lowerBound..<middle
      } else {
        proof.append(root(of: range.lowerBound..<middle))
        range = middle..<range.upperBound
        isWhole = false
      }
    }
    if !isWhole { proof.append(root(of: range)) }
    return proof.reversed()
  }

  /// What shows that leaves are in the tree: the roots of the largest subtrees without any of them, from left to right.
  ///
  /// For one leaf these are the nodes of its audit path (RFC 6962, 2.1.1); for several, no node comes twice.
  ///
  /// - Parameter places: The places of the leaves, in ascending order.
  package func inclusionProof(of places: [Int], size: Int) -> [ContentHash] {
    precondition(size <= self.size && places.allSatisfy { $0 >= 0 && $0 < size }, "a proof is about leaves of the tree")
    var proof: [ContentHash] = []
    func walk(_ range: Range<Int>, _ wanted: ArraySlice<Int>) {
      if wanted.isEmpty {
        proof.append(root(of: range))
      } else if range.count > 1 {
        let middle = Self.split(range)
        walk(range.lowerBound..<middle, wanted.prefix { $0 < middle })
        walk(middle..<range.upperBound, wanted.drop { $0 < middle })
      }
    }
    if size > 0 { walk(0..<size, places[...]) }
    return proof
  }

  /// Where a tree's two subtrees meet: the left one has the largest power of two below the count.
  static func split(_ range: Range<Int>) -> Int {
    range.lowerBound + 1 << (Int.bitWidth - 1 - (range.count - 1).leadingZeroBitCount)
  }

  private func root(of range: Range<Int>) -> ContentHash {
    let count = range.count
    if count & (count - 1) == 0 {
      let level = count.trailingZeroBitCount
      return levels[level][range.lowerBound >> level]
    }
    let middle = Self.split(range)
    return ContentHash(left: root(of: range.lowerBound..<middle), right: root(of: middle..<range.upperBound))
  }
}
