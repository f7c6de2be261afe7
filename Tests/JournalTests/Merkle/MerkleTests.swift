import Journal
import Testing

/// The tree against the definition of RFC 6962, 2.1, written down as it stands there.
@Suite struct MerkleTests {
  private static let leaves: [ContentHash] = (0..<200).map { ContentHash(leaf: Array("leaf \($0)".utf8)) }

  private static func naiveRoot(_ leaves: ArraySlice<ContentHash>) -> ContentHash {
    if leaves.isEmpty { return ContentHash(of: []) }
    if leaves.count == 1 { return leaves[leaves.startIndex] }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    return ContentHash(left: naiveRoot(leaves.prefix(half)), right: naiveRoot(leaves.dropFirst(half)))
  }

  /// SUBPROOF of RFC 6962, 2.1.2.
  private static func naiveProof(_ old: Int, _ leaves: ArraySlice<ContentHash>, _ isWhole: Bool) -> [ContentHash] {
    if old == leaves.count { return isWhole ? [] : [naiveRoot(leaves)] }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    if old <= half { return naiveProof(old, leaves.prefix(half), isWhole) + [naiveRoot(leaves.dropFirst(half))] }
    return naiveProof(old - half, leaves.dropFirst(half), false) + [naiveRoot(leaves.prefix(half))]
  }

  @Test func theHashesOfTheEmptyTreeAndAnEmptyLeafAreThoseThatOthersHave() {
    #expect(ContentHash.emptyRoot.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      ContentHash(leaf: [UInt8]()).hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
  }

  @Test func rootsOfEverySizeAreThoseOfTheDefinition() {
    var frontier = MerkleFrontier()
    let tree = MerkleTree(leaves: Self.leaves)
    for size in 0...200 {
      let expected = Self.naiveRoot(Self.leaves[..<size])
      #expect(frontier.root == expected)
      #expect(tree.root(ofSize: size) == expected)
      #expect(MerkleFrontier(size: frontier.size, nodes: frontier.nodes) == frontier)
      if size < 200 { frontier.append(Self.leaves[size]) }
    }
    #expect(MerkleFrontier(size: 3, nodes: [.zero]) == nil)
  }

  @Test func consistencyOfAllSizesIsProvenAndNothingElseIs() {
    let tree = MerkleTree(leaves: Self.leaves)
    for new in 0...70 {
      let newRoot = tree.root(ofSize: new)
      for old in 0...new {
        let oldRoot = tree.root(ofSize: old)
        let proof = tree.consistencyProof(from: old, to: new)
        if old > 0, old < new { #expect(proof == Self.naiveProof(old, Self.leaves[..<new], true)) }
        let before = (Int64(old), oldRoot)
        let after = (Int64(new), newRoot)
        #expect(MerkleProof.isConsistent(proof, old: before, new: after))
        #expect(!MerkleProof.isConsistent(proof + [.zero], old: before, new: after))
        #expect(!MerkleProof.isConsistent(proof, old: (Int64(old), .zero), new: after))
        #expect(!MerkleProof.isConsistent(proof, old: (Int64(new) + 1, oldRoot), new: after))
        if old > 0 { #expect(!MerkleProof.isConsistent(proof, old: before, new: (Int64(new), .zero))) }
        if !proof.isEmpty {
          #expect(!MerkleProof.isConsistent(proof.dropLast(), old: before, new: after))
          for place in proof.indices {
            var wrong = proof
            wrong[place] = .zero
            #expect(!MerkleProof.isConsistent(wrong, old: before, new: after))
          }
        }
      }
    }
  }

  @Test func leavesOfEverySizeAreProvenToBeInTheTree() {
    let tree = MerkleTree(leaves: Self.leaves)
    for size in 1...200 {
      let root = tree.root(ofSize: size)
      let several = stride(from: size % 3, to: size, by: 1 + size % 7).map { $0 }
      for places in [[0], [size - 1], [size / 2], several, Array(0..<size)] where !places.isEmpty {
        let proof = tree.inclusionProof(of: places, size: size)
        let known = places.map { (place: Int64($0), hash: Self.leaves[$0]) }
        #expect(MerkleProof.root(of: known, proof: proof, size: Int64(size)) == root)
        #expect(MerkleProof.root(of: known, proof: proof + [.zero], size: Int64(size)) == nil)
        var wrong = known
        wrong[0].hash = .zero
        #expect(MerkleProof.root(of: wrong, proof: proof, size: Int64(size)) != root)
        if !proof.isEmpty {
          #expect(MerkleProof.root(of: known, proof: proof.dropLast(), size: Int64(size)) == nil)
        }
      }
    }
    #expect(MerkleProof.root(of: [], proof: [], size: 1) == nil)
    #expect(MerkleProof.root(of: [(1, .zero), (0, .zero)], proof: [], size: 2) == nil)
  }
}
