/// What can be said of a checkpoint by itself; any number can be read side by side.
struct CheckpointReading: Sendable {
  /// What it says; nil where the note holds no checkpoint.
  let checkpoint: Checkpoint?
  /// What is wrong with it, in words that follow "the checkpoint".
  let problem: String?

  /// - Parameter keys: The keys of which one must have signed it.
  init(_ note: String, keys: [VerifierKey]) {
    guard let signed = SignedCheckpoint(note) else {
      checkpoint = nil
      problem = "cannot be read"
      return
    }
    checkpoint = signed.checkpoint
    let isNamed = { (key: VerifierKey) in signed.note.signatures.contains { $0.name == key.name && $0.keyID == key.id }
    }
    guard let key = keys.first(where: isNamed) else {
      problem = "was not signed with a key of this log"
      return
    }
    problem =
      if key.name != signed.checkpoint.origin {
        "is of another log, \(signed.checkpoint.origin)"
      } else if !signed.note.isSigned(by: key) {
        "was changed: its signature does not fit"
      } else {
        nil
      }
  }
}
