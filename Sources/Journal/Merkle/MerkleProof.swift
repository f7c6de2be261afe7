/// Checks what `MerkleTree` proves.
package enum MerkleProof {
  /// Whether a tree is a beginning of a later one (RFC 9162, 2.1.4.2).
  package static func isConsistent(
    _ proof: [ContentHash], old: (size: Int64, root: ContentHash), new: (size: Int64, root: ContentHash)
  ) -> Bool {
    guard old.size >= 0, old.size <= new.size else { return false }
    if old.size == new.size { return proof.isEmpty && old.root == new.root }
    if old.size == 0 { return proof.isEmpty && old.root == .emptyRoot }
    var path = proof[...]
    // Where the old tree is complete, its root is a node of the new one and stands in no proof.
    if old.size & (old.size - 1) == 0 { path = [old.root] + path }
    guard let first = path.popFirst() else { return false }
    var place = old.size - 1
    var last = new.size - 1
    while place & 1 == 1 {
      place >>= 1
      last >>= 1
    }
    var oldRoot = first
    var newRoot = first
    for node in path {
      guard last != 0 else { return false }
      if place & 1 == 1 || place == last {
        oldRoot = ContentHash(left: node, right: oldRoot)
        newRoot = ContentHash(left: node, right: newRoot)
        while place & 1 == 0, place != 0 {
          place >>= 1
          last >>= 1
        }
      } else {
        newRoot = ContentHash(left: newRoot, right: node)
      }
      place >>= 1
      last >>= 1
    }
    return last == 0 && oldRoot == old.root && newRoot == new.root
  }

  /// The root of a tree from some of its leaves and the proof that they are in it; nil where the proof does not fit.
  ///
  /// - Parameter leaves: The leaves and their places, in ascending order.
  package static func root(
    of leaves: [(place: Int64, hash: ContentHash)], proof: [ContentHash], size: Int64
  ) -> ContentHash? {
    guard size > 0, size <= 1 << 48, !leaves.isEmpty, leaves.allSatisfy({ $0.place >= 0 && $0.place < size }),
      zip(leaves, leaves.dropFirst()).allSatisfy({ $0.place < $1.place })
    else { return nil }
    var rest = proof[...]
    func walk(
      _ range: Range<Int>, _ wanted: ArraySlice<(place: Int64, hash: ContentHash)>
    ) -> ContentHash? {
      guard let first = wanted.first else { return rest.popFirst() }
      if range.count == 1 { return first.hash }
      let middle = MerkleTree.split(range)
      let cut = wanted.firstIndex { $0.place >= middle } ?? wanted.endIndex
      guard let left = walk(range.lowerBound..<middle, wanted[..<cut]),
        let right = walk(middle..<range.upperBound, wanted[cut...])
      else { return nil }
      return ContentHash(left: left, right: right)
    }
    guard let root = walk(0..<Int(size), leaves[...]), rest.isEmpty else { return nil }
    return root
  }
}
