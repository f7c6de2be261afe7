import CanonicalJSON
import Testing

@testable import Journal

@Suite struct WitnessTests {
  let scratch = ScratchStore()

  private func ask(_ store: JournalStore, _ memory: WitnessMemory) throws -> SignedCheckpoint {
    let request = try store.witnessRequest(since: memory.seen()?.size ?? 0)
    let read = try #require(WitnessRequest(request.description))
    #expect(read == request)
    let cosigned = try Witness.cosign(read, of: memory.log, after: memory.seen(), with: memory.key, at: 1_768_186_800)
    try memory.remember(cosigned)
    return cosigned
  }

  @Test func aLogThatGrewIsCosignedAndOneThatWasCutBackIsFound() throws {
    let store = try scratch.open()
    let key = try store.beginSigning(name: "log.example", folder: nil, renewing: false)
    try store.fill(5)
    try store.makeCheckpoint()
    let memory = try WitnessMemory(at: scratch.directory + "/witness", log: key.verifier, name: "witness.example")
    _ = try ask(store, memory)
    try store.fill(6, run: "run2")
    try store.makeCheckpoint()
    let cosigned = try ask(store, memory)
    #expect(cosigned.checkpoint.size == 11)
    try store.addCosignatures(cosigned)
    #expect(try store.newestCheckpoint()?.note.cosigningTime(of: memory.key.verifier) == 1_768_186_800)
    #expect(try store.verify(keys: [key.verifier]).isIntact)
    store.close()

    // Back to the checkpoint over five records, the signer's memory with it.
    scratch.tamper(
      "DELETE FROM records WHERE seq > 5; DELETE FROM checkpoints WHERE size > 5; DELETE FROM runs WHERE run = 'run2'")
    let again = try scratch.open(.readOnly)
    let shown = try again.witnessRequest(since: 11)
    #expect(shown.old == 11)
    #expect(shown.proof.isEmpty)
    let old = try again.witnessRequest(since: 0)
    #expect(throws: WitnessRefusal.cutBack(seen: 11, now: 5)) {
      try Witness.cosign(old, of: key.verifier, after: memory.seen(), with: memory.key, at: 0)
    }
  }

  @Test func aLogThatWasWrittenAnewIsFound() throws {
    let store = try scratch.open()
    let key = try store.beginSigning(name: "log.example", folder: nil, renewing: false)
    try store.fill(5)
    try store.makeCheckpoint()
    let memory = try WitnessMemory(at: scratch.directory + "/witness", log: key.verifier, name: "witness.example")
    _ = try ask(store, memory)
    // Whoever has the key can sign another log under the same name.
    let signer = try #require(
      SigningKey(fileContent: try PrivateFile.read(scratch.path + "/keys/log-1.key")))
    let tree = MerkleTree(leaves: (0..<8).map { ContentHash(leaf: [UInt8($0)]) })
    let forged = try SignedCheckpoint(
      Checkpoint(origin: "log.example", size: 8, root: tree.root(ofSize: 8)), signedWith: signer)
    let request = WitnessRequest(old: 5, proof: tree.consistencyProof(from: 5, to: 8), note: forged.note)
    #expect(throws: WitnessRefusal.rewritten(seen: 5, now: 8)) {
      try Witness.cosign(request, of: key.verifier, after: memory.seen(), with: memory.key, at: 0)
    }
    let stranger = try #require(SigningKey(generatedFor: "log.example", kind: .note))
    #expect(throws: WitnessRefusal.wrongNote("was not signed with a key of this log")) {
      try Witness.cosign(request, of: stranger.verifier, after: nil, with: memory.key, at: 0)
    }
    #expect(throws: WitnessRefusal.stale(seen: 5, asked: 0)) {
      try Witness.cosign(
        WitnessRequest(old: 0, proof: [], note: forged.note), of: key.verifier, after: memory.seen(), with: memory.key,
        at: 0)
    }
  }

  @Test func aRunIsProvenAndNoByteOfTheProofChangesUnnoticed() throws {
    let store = try scratch.open()
    let key = try store.beginSigning(name: "log.example", folder: nil, renewing: false)
    try store.fill(7, run: "other")
    let engine = try store.claimEngine(run: "run1")
    for number: Int64 in 1...6 {
      var record = PendingRecord.sample(number)
      if number == 1 { record.type = "run.started" }
      try store.append([record], engine)
      if number == 3 { try store.fill(2, run: "between") }
    }
    #expect(
      error { _ = try RunProof.make(of: "run1", in: store) }?.description.contains("no checkpoint covers") == true)
    try store.makeCheckpoint()
    try store.fill(3, run: "later")
    let proof = try RunProof.make(of: "run1", in: store)
    let report = RunProof.check(proof, keys: [key.verifier])
    #expect(report.isProven, "\(report.problems)")
    #expect(report.entries.map(\.seq) == [8, 9, 10, 13, 14, 15])
    #expect(report.gaps == 2)
    let other = try #require(SigningKey(generatedFor: "log.example", kind: .note))
    #expect(!RunProof.check(proof, keys: [other.verifier]).isProven)
    for place in proof.indices {
      var changed = proof
      changed[place] ^= 1 << UInt8(place % 8)
      #expect(!RunProof.check(changed, keys: [key.verifier]).isProven, "byte \(place)")
    }
  }
}
