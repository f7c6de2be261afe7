extension JournalStore {
  /// The newest checkpoint, if it covers at least so many records.
  func checkpoint(covering seq: Int64) throws(JournalError) -> SignedCheckpoint? {
    guard let newest = try newestCheckpoint(), newest.checkpoint.size >= seq else { return nil }
    return newest
  }

  /// The Merkle tree over the first records.
  func tree(ofSize size: Int64) throws(JournalError) -> MerkleTree {
    var leaves: [ContentHash] = []
    leaves.reserveCapacity(Int(size))
    var after: Int64 = 0
    while leaves.count < size {
      let rows = try rows(after: after, limit: 1024, byteLimit: 4 << 20)
      for row in rows.prefix(Int(size) - leaves.count) {
        guard row.record.seq == leaves.count + 1 else { throw missing(leaves.count + 1) }
        leaves.append(ContentHash(leaf: row.record.line))
      }
      guard let last = rows.last else { throw missing(leaves.count + 1) }
      after = last.record.seq
    }
    return MerkleTree(leaves: leaves)
  }

  private func missing(_ seq: Int) -> JournalError {
    .signing("record \(seq) is missing; `belay audit verify` says more")
  }

  /// What a witness is to be shown: the newest checkpoint, and that it continues the one the witness saw last.
  ///
  /// - Parameter old: The size of that one; 0 for the first time.
  package func witnessRequest(since old: Int64) throws(JournalError) -> WitnessRequest {
    let snapshot = try snapshot()
    defer { snapshot.close() }
    guard let newest = try snapshot.newestCheckpoint() else {
      throw .signing("the log has no checkpoint; `belay audit init` gives it a key")
    }
    guard old >= 0 else { throw .signing("a witness has not seen \(old) records") }
    // A log that was cut back is shown as it is, for the witness to say so.
    guard old <= newest.checkpoint.size else { return WitnessRequest(old: old, proof: [], note: newest.note) }
    let tree = try snapshot.tree(ofSize: newest.checkpoint.size)
    return WitnessRequest(old: old, proof: tree.consistencyProof(from: Int(old), to: tree.size), note: newest.note)
  }
}
