/// How far a log had come and what it was then (C2SP tlog-checkpoint).
package struct Checkpoint: Hashable, Sendable {
  /// The log's name.
  package let origin: String
  /// How many records the log had.
  package let size: Int64
  /// The root of the Merkle tree over them.
  package let root: ContentHash

  package init(origin: String, size: Int64, root: ContentHash) {
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Reads a note's text; nil where it is not a checkpoint without extensions.
  package init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[3].isEmpty, VerifierKey.isName(String(lines[0])), let size = Int64(lines[1]),
      size >= 0, String(size) == lines[1], let root = ContentHash(base64: lines[2])
    else { return nil }
    self.init(origin: String(lines[0]), size: size, root: root)
  }

  /// The note's text.
  package var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }
}

/// A checkpoint and the note that holds it.
package struct SignedCheckpoint: Hashable, Sendable {
  /// What it says.
  package let checkpoint: Checkpoint
  /// The note.
  package internal(set) var note: SignedNote

  /// Reads a note; nil where it holds no checkpoint.
  package init?(_ content: String) {
    guard let note = SignedNote(content), let checkpoint = Checkpoint(text: note.text) else { return nil }
    self.note = note
    self.checkpoint = checkpoint
  }

  /// A checkpoint signed by a log's key.
  init(_ checkpoint: Checkpoint, signedWith key: SigningKey) throws(JournalError) {
    self.checkpoint = checkpoint
    note = SignedNote(text: checkpoint.text)
    try note.sign(with: key)
  }
}
