import Testing

@testable import Journal

@Suite struct NoteTests {
  private let key = SigningKey(generatedFor: "log.example/one", kind: .note)
  private let witness = SigningKey(generatedFor: "witness.example", kind: .cosignature)

  @Test func keysAreReadAsTheyAreWritten() throws {
    let key = try #require(key)
    #expect(VerifierKey(key.verifier.description) == key.verifier)
    #expect(SigningKey(fileContent: key.fileContent)?.verifier == key.verifier)
    #expect("\(key)" == "the private key of log.example/one")
    #expect(VerifierKey("log.example/two" + key.verifier.description.dropFirst(15)) == nil, "the id covers the name")
    for wrong in ["", "a b", "a+b", "a\nb", "\u{2028}"] { #expect(SigningKey(generatedFor: wrong, kind: .note) == nil) }
  }

  @Test func aCheckpointIsSignedReadAndCosigned() throws {
    let key = try #require(key)
    let witness = try #require(witness)
    var signed = try SignedCheckpoint(
      Checkpoint(origin: key.verifier.name, size: 7, root: ContentHash(of: [1])), signedWith: key)
    try signed.note.cosign(with: witness, at: 1_768_186_800)
    let read = try #require(SignedCheckpoint(signed.note.description))
    #expect(read == signed)
    #expect(read.checkpoint.size == 7)
    #expect(read.note.isSigned(by: key.verifier))
    #expect(!read.note.isSigned(by: witness.verifier))
    #expect(read.note.cosigningTime(of: witness.verifier) == 1_768_186_800)
    #expect(read.note.cosigningTime(of: key.verifier) == nil)
  }

  @Test func noByteOfANoteChangesUnnoticed() throws {
    let key = try #require(key)
    let signed = try SignedCheckpoint(
      Checkpoint(origin: key.verifier.name, size: 7, root: ContentHash(of: [1])), signedWith: key)
    let bytes = Array(signed.note.description.utf8)
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << bit
        let note = String(validating: changed, as: UTF8.self) ?? ""
        #expect(CheckpointReading(note, keys: [key.verifier]).problem != nil, "\(place) \(bit)")
      }
    }
  }
}
