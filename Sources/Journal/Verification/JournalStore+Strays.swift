import Glibc

extension JournalStore {
  /// How long an output's file has not changed before it can be told that no record names it, in seconds: until then its
  /// run may go on.
  private static let strayAge = 3600

  /// The stored outputs, in order, that none of these names.
  ///
  /// - Parameter isNamed: Whether a record names the output of a SHA-256.
  func strayOutputs(_ isNamed: (Substring) -> Bool) throws(JournalError) -> [String] {
    lock.lock()
    defer { lock.unlock() }
    var found: [String] = []
    let rows = try reading().prepared(.outputNames)
    defer { rows.reset() }
    while try rows.step() {
      let sha256 = rows.text(0)
      if !isNamed(sha256[...]) { found.append(sha256) }
    }
    let outputs = directory.absolutePath + "/" + StoreDirectory.outputsName
    for folder in Self.names(in: outputs) where folder.utf8.count == 2 {
      for file in Self.names(in: outputs + "/" + folder) where file.hasSuffix(".gz") {
        var status = stat()
        guard !isNamed(file.dropLast(3)), lstat("\(outputs)/\(folder)/\(file)", &status) == 0,
          Int(status.st_mtim.tv_sec) < time(nil) - Self.strayAge
        else { continue }
        found.append(String(file.dropLast(3)))
      }
    }
    return found.sorted()
  }
}
