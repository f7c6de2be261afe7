import CanonicalJSON
import Glibc

/// What lies beside the database and tells of the log's keys: whoever can write the database alone could make it name others,
/// or none.
extension JournalStore {
  /// What a file below the store says of a key.
  struct KeyNote {
    let number: Int64
    let verifier: String
    let directory: String

    /// The name of the file.
    static func name(_ number: Int64) -> String { "log-\(number).note" }
  }

  /// Notes which key has the log from here on, and where it lies.
  func note(_ key: LogKey) throws(JournalError) {
    try directory.createDirectory(Self.usualKeyFolder)
    let note = JSON.object([
      .init("directory", .string(key.directory)), .init("key", .string(key.verifier.description)),
    ])
    let path = keyFolder(Self.usualKeyFolder) + "/" + KeyNote.name(key.number)
    unlink(path)
    try PrivateFile.create(path, note.canonicalBytes() + [0x0A])
  }

  /// The notes, the newest key's last; nil where there is no folder for them, as in a backup, or it cannot be looked into.
  func keyNotes() -> [KeyNote]? {
    let folder = keyFolder(Self.usualKeyFolder)
    guard directory.exists(Self.usualKeyFolder), access(folder, R_OK | X_OK) == 0 else { return nil }
    return Self.names(in: folder).compactMap { file in
      guard file.hasPrefix("log-"), file.hasSuffix(".note"),
        let number = Int64(file.dropFirst("log-".utf8.count).dropLast(".note".utf8.count))
      else { return nil }
      let content = (try? PrivateFile.read(folder + "/" + file, isSecret: false)).flatMap {
        try? JSON.parse(Array($0.dropLast()))
      }
      return KeyNote(
        number: number, verifier: content?["key"]?.string ?? "", directory: content?["directory"]?.string ?? "")
    }.sorted { $0.number < $1.number }
  }

  /// Why the keys that the database names are not those of the log; nil where nothing speaks against them.
  func contradiction(to keys: [LogKey]) -> String? {
    guard let notes = keyNotes() else { return nil }
    for note in notes {
      let path = "\(path)/keys/\(KeyNote.name(note.number))"
      guard let key = keys.first(where: { $0.number == note.number }) else {
        return "\(path) tells of a key that the database does not name"
      }
      guard key.verifier.description == note.verifier else {
        return "\(path) tells of another key than the database names"
      }
      guard key.directory == note.directory else {
        return "the database says that a key lies in \(key.directory), and \(path) says otherwise"
      }
    }
    if let key = keys.last, key.number > notes.last?.number ?? 0, !liesHere(key) {
      return "the database names a key, \(key.verifier), of which nothing in \(path)/keys tells"
    }
    return nil
  }

  /// Whether a key's own files lie below the store, where whoever can write the database alone puts none. A store of an
  /// earlier version has no notes, and a command may have died before it wrote one.
  func liesHere(_ key: LogKey) -> Bool {
    key.directory == Self.usualKeyFolder
      && directory.exists(Self.usualKeyFolder + "/" + LogSigner.stateName(key.number))
  }

  /// The state of the newest key's signer, as what lies beside the database says where that is.
  func trustedSignerState(of keys: [LogKey]) throws(JournalError) -> SignerState? {
    if let note = keyNotes()?.last {
      return try SignerStateFile.read(at: keyFolder(note.directory) + "/" + LogSigner.stateName(note.number))
    }
    guard let key = keys.last else { return nil }
    return try signerState(of: key)
  }
}
