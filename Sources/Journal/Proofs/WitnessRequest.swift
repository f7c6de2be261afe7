/// What a log shows a witness (the body of C2SP tlog-witness's add-checkpoint).
package struct WitnessRequest: Hashable, Sendable {
  /// The most nodes of a consistency proof.
  private static let proofLimit = 63

  /// The size of the checkpoint that the witness saw last.
  package let old: Int64
  /// That the new checkpoint continues it.
  package let proof: [ContentHash]
  /// The new checkpoint.
  package let note: SignedNote

  init(old: Int64, proof: [ContentHash], note: SignedNote) {
    self.old = old
    self.proof = proof
    self.note = note
  }

  /// Reads a request; nil for anything else.
  package init?(_ content: String) {
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false)
    guard let blank = lines.firstIndex(where: \.isEmpty), blank > 0, lines[0].hasPrefix("old "),
      let note = SignedNote(lines[(blank + 1)...].joined(separator: "\n"))
    else { return nil }
    let nodes = lines[1..<blank].compactMap { ContentHash(base64: $0) }
    guard let old = Int64(lines[0].dropFirst(4)), old >= 0, nodes.count == blank - 1, nodes.count <= Self.proofLimit
    else { return nil }
    self.init(old: old, proof: nodes, note: note)
  }
}

extension WitnessRequest: CustomStringConvertible {
  /// The request as it is sent.
  package var description: String {
    "old \(old)\n" + proof.map { $0.base64 + "\n" }.joined() + "\n" + note.description
  }
}

/// Why a witness does not cosign.
package enum WitnessRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The note is not one of the log's.
  case wrongNote(String)
  /// The request is about another size than the witness saw last.
  case stale(seen: Int64, asked: Int64)
  /// The log has fewer records than the witness has seen.
  case cutBack(seen: Int64, now: Int64)
  /// The log does not continue what the witness has seen.
  case rewritten(seen: Int64, now: Int64)

  package var description: String {
    switch self {
    case .wrongNote(let what): "the checkpoint \(what)"
    case .stale(let seen, let asked):
      "the request continues \(asked) records, and \(seen) were seen last: "
        + "`belay audit checkpoint --since \(seen)` makes the right one"
    case .cutBack(let seen, let now):
      "THE LOG WAS CUT BACK: its checkpoint covers \(now) records, and \(seen) were seen before"
    case .rewritten(let seen, let now):
      "THE LOG WAS REWRITTEN: its \(now) records do not begin with the \(seen) that were seen before"
    }
  }
}

/// Decides whether a log may be cosigned.
package enum Witness {
  /// The checkpoint, with the witness's signature, if it continues what was seen last.
  ///
  /// - Parameters:
  ///   - seen: The checkpoint that was cosigned last; nil for the first time.
  ///   - time: Seconds since the epoch.
  package static func cosign(
    _ request: WitnessRequest, of log: VerifierKey, after seen: Checkpoint?, with key: SigningKey, at time: Int64
  ) throws -> SignedCheckpoint {
    guard var signed = SignedCheckpoint(request.note.description) else {
      throw WitnessRefusal.wrongNote("cannot be read")
    }
    if let problem = CheckpointReading(request.note.description, keys: [log]).problem {
      throw WitnessRefusal.wrongNote(problem)
    }
    let new = signed.checkpoint
    let old = seen ?? Checkpoint(origin: new.origin, size: 0, root: .emptyRoot)
    guard new.size >= old.size else { throw WitnessRefusal.cutBack(seen: old.size, now: new.size) }
    guard request.old == old.size else { throw WitnessRefusal.stale(seen: old.size, asked: request.old) }
    guard MerkleProof.isConsistent(request.proof, old: (old.size, old.root), new: (new.size, new.root)) else {
      throw WitnessRefusal.rewritten(seen: old.size, now: new.size)
    }
    try signed.note.cosign(with: key, at: time)
    return signed
  }
}
