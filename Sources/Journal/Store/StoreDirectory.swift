import Glibc

/// The directory that a store lies in, held open: 0700, its files 0600, no symbolic links.
final class StoreDirectory: Sendable {
  static let databaseName = "journal.sqlite"
  static let enginesName = "engines"
  static let outputsName = "outputs"

  /// The path as it was given, for messages.
  let path: String
  /// The path from the root.
  let absolutePath: String
  /// The directory's descriptor.
  let descriptor: Int32

  /// - Parameter creating: Whether the directory is made where it is missing; otherwise that throws `missing`.
  init(at path: String, creating: Bool) throws(JournalError) {
    guard !path.isEmpty else {
      throw .failed(path: "\"\"", operation: "open the store", reason: "its path is empty")
    }
    var path = path
    while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
    self.path = path
    absolutePath = try Self.absolute(path)
    if creating { try Self.create(absolutePath) }
    var status = stat()
    guard lstat(absolutePath, &status) == 0 else {
      throw errno == ENOENT
        ? .missing(store: path) : .system(errno, path: path, operation: "look at the store's directory")
    }
    if status.st_mode & S_IFMT == S_IFLNK { throw .symbolicLink(path: path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(path: path) }
    descriptor = Glibc.open(absolutePath, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == EACCES {
        throw .failed(path: path, operation: "open the store's directory", reason: String(cString: strerror(EACCES)))
      }
      throw .system(errno, path: path, operation: "open the store's directory")
    }
  }

  deinit { Glibc.close(descriptor) }

  /// The path of something in the store, for messages.
  func path(of name: String) -> String { path + "/" + name }

  /// Throws where a part of the store is a symbolic link or the database is no file.
  func refuseLinks() throws(JournalError) {
    let database = Self.databaseName
    for name in [database, database + "-wal", database + "-shm", database + "-journal"] {
      guard let mode = mode(of: name) else { continue }
      if mode & S_IFMT == S_IFLNK { throw .symbolicLink(path: self.path(of: name)) }
      guard mode & S_IFMT == S_IFREG else { throw .notAStore(path: self.path(of: name), reason: "it is not a file") }
    }
    for name in [Self.enginesName, Self.outputsName, JournalStore.usualKeyFolder] {
      guard let mode = mode(of: name) else { continue }
      if mode & S_IFMT == S_IFLNK { throw .symbolicLink(path: self.path(of: name)) }
      guard mode & S_IFMT == S_IFDIR else { throw .notADirectory(path: self.path(of: name)) }
    }
  }

  /// The parts of the store, the directory first, that others than their owner may use, with their modes.
  var openToOthers: [(path: String, mode: mode_t)] {
    var status = stat()
    var found: [(path: String, mode: mode_t)] = []
    if fstat(descriptor, &status) == 0, status.st_mode & 0o077 != 0 { found.append((path, status.st_mode & 0o7777)) }
    let database = Self.databaseName
    let folders = [Self.enginesName, Self.outputsName, JournalStore.usualKeyFolder, RehearsalMemory.folder]
    for name in [database, database + "-wal", database + "-shm"] + folders {
      guard let mode = mode(of: name), mode & 0o077 != 0 else { continue }
      found.append((self.path(of: name), mode & 0o7777))
    }
    return found
  }

  /// The files in the directories of the store that others than their owner may use, with their modes: outputs, the
  /// engines' locks, and the log's keys, here and in other folders.
  func filesOpenToOthers(withKeysIn keyFolders: [String]) -> [(path: String, mode: mode_t)] {
    var found: [(path: String, mode: mode_t)] = []
    for folder in [Self.outputsName, Self.enginesName, JournalStore.usualKeyFolder, RehearsalMemory.folder] {
      let inside = path(of: folder)
      found += Self.openToOthers(
        in: openat(descriptor, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), inside)
    }
    for folder in keyFolders {
      var status = stat()
      if lstat(folder, &status) == 0, status.st_mode & 0o077 != 0 { found.append((folder, status.st_mode & 0o7777)) }
      found += Self.openToOthers(in: Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), folder)
    }
    return found
  }

  /// The same of a folder that is open, which is closed, and of those in it.
  private static func openToOthers(in folder: Int32, _ path: String) -> [(path: String, mode: mode_t)] {
    guard folder >= 0 else { return [] }
    guard let stream = fdopendir(folder) else {
      Glibc.close(folder)
      return []
    }
    defer { closedir(stream) }
    var found: [(path: String, mode: mode_t)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      var status = stat()
      guard name != ".", name != "..", fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_mode & S_IFMT != S_IFLNK
      else { continue }
      let inside = path + "/" + name
      if status.st_mode & 0o077 != 0 { found.append((inside, status.st_mode & 0o7777)) }
      guard status.st_mode & S_IFMT == S_IFDIR else { continue }
      found += openToOthers(in: openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), inside)
    }
    return found.sorted { $0.path < $1.path }
  }

  /// Whether something of this name lies in the directory and holds more than nothing.
  func holdsContent(_ name: String) -> Bool {
    (status(of: name)?.st_size ?? 0) > 0
  }

  /// Whether something of this name lies in the directory.
  func exists(_ name: String) -> Bool { mode(of: name) != nil }

  /// Does something with what lies below the directory, by the folder that holds it and its name there: no link is followed
  /// on the way, whoever puts one there meanwhile.
  ///
  /// - Returns: What the work gives, or -1 with `errno` where the way does not lead there.
  func reach(_ name: String, _ work: (_ folder: Int32, _ name: String) -> Int32) -> Int32 {
    var parts = name.split(separator: "/").map(String.init)
    let last = parts.removeLast()
    var folder = descriptor
    defer { close(folder) }
    for part in parts {
      let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      close(folder)
      folder = next
      if next < 0 { return -1 }
    }
    return work(folder, last)
  }

  /// Closes a folder on the way, and leaves `errno` as it was.
  private func close(_ folder: Int32) {
    guard folder >= 0, folder != descriptor else { return }
    let number = errno
    Glibc.close(folder)
    errno = number
  }

  /// Opens what lies below the directory, without following a link.
  func open(_ name: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
    reach(name) { openat($0, $1, flags | O_NOFOLLOW | O_CLOEXEC, mode) }
  }

  /// Gives what lies below the directory another name there.
  func rename(_ name: String, to other: String) -> Bool {
    reach(name) { from, old in reach(other) { to, new in renameat(from, old, to, new) } } == 0
  }

  /// Removes what lies below the directory.
  @discardableResult
  func remove(_ name: String) -> Bool { reach(name) { unlinkat($0, $1, 0) } == 0 }

  /// Makes an empty database, durably, where there is none.
  ///
  /// Nothing that exists is opened: to close it again would drop the locks that SQLite holds in this process.
  func createDatabaseFile() throws(JournalError) {
    guard !exists(Self.databaseName) else { return }
    let file = openat(descriptor, Self.databaseName, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      if errno == EEXIST { return }
      throw .system(errno, path: path(of: Self.databaseName), operation: "create the database")
    }
    Glibc.close(file)
    try sync(descriptor, of: path)
  }

  /// Makes a directory, durably, where it is missing.
  func createDirectory(_ name: String) throws(JournalError) {
    guard mkdirat(descriptor, name, 0o700) == 0 else {
      if errno == EEXIST { return }
      throw .system(errno, path: path(of: name), operation: "create the directory")
    }
    try sync(descriptor, of: path)
  }

  /// Makes what the descriptor names durable.
  func sync(_ descriptor: Int32, of path: String) throws(JournalError) {
    guard fsync(descriptor) == 0 else {
      throw .system(errno, path: path, operation: "make it durable")
    }
  }

  /// What is known of what lies below the directory.
  func status(of name: String) -> stat? {
    var status = stat()
    return reach(name) { fstatat($0, $1, &status, AT_SYMLINK_NOFOLLOW) } == 0 ? status : nil
  }

  private func mode(of name: String) -> mode_t? { status(of: name)?.st_mode }

  private static func absolute(_ path: String) throws(JournalError) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return path }
    guard let current = getcwd(nil, 0) else {
      throw .system(errno, path: path, operation: "find the current directory")
    }
    defer { free(current) }
    return String(cString: current) + "/" + path
  }

  /// Makes the directory and those above it, where they are missing.
  private static func create(_ path: String) throws(JournalError) {
    var status = stat()
    if lstat(path, &status) == 0 { return }
    let bytes = Array(path.utf8)
    for end in bytes.indices.dropFirst() where bytes[end] == UInt8(ascii: "/") || end == bytes.count - 1 {
      let part = String(decoding: end == bytes.count - 1 ? bytes[...] : bytes[..<end], as: UTF8.self)
      if stat(part, &status) == 0 { continue }
      guard mkdir(part, 0o700) == 0 else {
        if errno == EEXIST { continue }
        throw .system(errno, path: part, operation: "create the directory")
      }
      try syncParent(of: bytes[..<end])
    }
  }

  private static func syncParent(of path: ArraySlice<UInt8>) throws(JournalError) {
    let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
    let parent = slash == path.startIndex ? "/" : String(decoding: path[..<slash], as: UTF8.self)
    let descriptor = Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // A parent that may not be read cannot be synced either; the store itself is.
    guard descriptor >= 0 else { return }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(errno, path: parent, operation: "make it durable") }
  }
}
