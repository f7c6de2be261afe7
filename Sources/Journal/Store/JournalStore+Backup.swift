import Glibc

extension JournalStore {
  /// Copies the store, as it is now, to a directory that does not exist yet; the log's private key stays where it is.
  ///
  /// Engines may go on writing. Without its database the copy is no store; that is put in its place last.
  package func backUp(to path: String) throws(JournalError) {
    guard mkdir(path, 0o700) == 0 else { throw .system(errno, path: path, operation: "create the backup's directory") }
    let target = try StoreDirectory(at: path, creating: false)
    let draft = StoreDirectory.databaseName + ".unfinished"
    let snapshot = try snapshot()
    defer { snapshot.close() }
    try snapshot.copyDatabase(to: target.absolutePath + "/" + draft)
    try Self.forgetKeyFolders(in: target.absolutePath + "/" + draft, of: path)
    guard chmod(target.absolutePath + "/" + draft, 0o600) == 0 else {
      throw .system(errno, path: target.path(of: draft), operation: "protect the database")
    }
    try target.createDirectory(StoreDirectory.outputsName)
    // What the copied records name was durable before them, and so is there now.
    for folder in Self.names(in: directory.absolutePath + "/" + StoreDirectory.outputsName) where folder.utf8.count == 2
    {
      let name = StoreDirectory.outputsName + "/" + folder
      try target.createDirectory(name)
      for file in Self.names(in: directory.absolutePath + "/" + name) where file.hasSuffix(".gz") {
        try copy(name + "/" + file, to: target)
      }
      try Self.syncFolder(name, of: target)
    }
    let file = openat(target.descriptor, draft, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .system(errno, path: target.path(of: draft), operation: "read the copy") }
    defer { Glibc.close(file) }
    try target.sync(file, of: target.path(of: draft))
    guard renameat(target.descriptor, draft, target.descriptor, StoreDirectory.databaseName) == 0 else {
      throw .system(errno, path: target.path(of: draft), operation: "put the copy in its place")
    }
    try target.sync(target.descriptor, of: path)
  }

  private func copyDatabase(to path: String) throws(JournalError) {
    lock.lock()
    defer { lock.unlock() }
    let connection = try reading()
    // The copy is made in one read of its own.
    try connection.execute("COMMIT", for: "copy the database")
    let statement = try SQLiteStatement("VACUUM INTO ?", on: connection, operation: "copy the database")
    statement.bind(1, path)
    try statement.run()
  }

  /// A copy must not sign with the key of the log that goes on: where that lies outside the store, the copy does not say.
  private static func forgetKeyFolders(in database: String, of store: String) throws(JournalError) {
    let connection = try SQLiteConnection(path: database, store: store, mode: .readWrite)
    try connection.execute("UPDATE log_keys SET directory = '\(usualKeyFolder)';", for: "copy the database")
  }

  private func copy(_ name: String, to target: StoreDirectory) throws(JournalError) {
    let source = openat(directory.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    // Pruned meanwhile.
    guard source >= 0 else { return }
    defer { Glibc.close(source) }
    let copy = openat(target.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard copy >= 0 else { throw .system(errno, path: target.path(of: name), operation: "create the copy") }
    defer { Glibc.close(copy) }
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = Glibc.read(source, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno, path: directory.path(of: name), operation: "read an output") }
      if count == 0 { break }
      var rest = buffer[..<count]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(copy, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { throw .system(errno, path: target.path(of: name), operation: "write the copy") }
        rest = rest.dropFirst(written)
      }
    }
    try target.sync(copy, of: target.path(of: name))
  }

  private static func syncFolder(_ name: String, of target: StoreDirectory) throws(JournalError) {
    let folder = openat(target.descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .system(errno, path: target.path(of: name), operation: "open the directory") }
    defer { Glibc.close(folder) }
    try target.sync(folder, of: target.path(of: name))
  }

  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }
}
