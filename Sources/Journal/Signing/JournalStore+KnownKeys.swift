import Glibc

/// What lies beside the database and tells of the log's keys: whoever can write the database alone could make it name none.
extension JournalStore {
  /// The name of the file that says that a key lies in another folder.
  private static func noteName(_ number: Int64) -> String { "log-\(number).elsewhere" }

  /// Notes below the store where a key lies, unless it lies there itself.
  func noteKeyFolder(_ key: LogKey) throws(JournalError) {
    guard keyFolder(key.directory) != keyFolder(Self.usualKeyFolder) else { return }
    try directory.createDirectory(Self.usualKeyFolder)
    let path = keyFolder(Self.usualKeyFolder) + "/" + Self.noteName(key.number)
    unlink(path)
    try PrivateFile.create(path, Array((key.directory + "\n").utf8))
  }

  /// Why the keys that the database names are not those of the log; nil where nothing speaks against them.
  func contradiction(to keys: [LogKey]) -> String? {
    let folder = keyFolder(Self.usualKeyFolder)
    for file in Self.names(in: folder) where file.hasPrefix("log-") {
      guard let number = Int64(file.dropFirst("log-".utf8.count).prefix { $0 != "." }) else { continue }
      let key = keys.first { $0.number == number }
      switch file {
      case LogSigner.stateName(number):
        // A key that has signed nothing may be left of a command that died.
        if let state = try? SignerStateFile.read(at: folder + "/" + file), state.size == 0 { continue }
        guard let key else { return "\(path)/keys/\(file) is of a key that the database does not name" }
        guard isSame(keyFolder(key.directory), folder) else {
          return "\(path)/keys/\(file) is of the key that the database says lies in \(key.directory)"
        }
      case Self.noteName(number):
        if key == nil { return "\(path)/keys/\(file) tells of a key that the database does not name" }
      default: continue
      }
    }
    return nil
  }

  private func isSame(_ folder: String, _ other: String) -> Bool {
    var (one, two) = (stat(), stat())
    return folder == other
      || stat(folder, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino
  }
}
