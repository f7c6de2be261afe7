import Glibc

/// What killed engines left of outputs they were still writing.
enum AbandonedOutputs {
  /// How the names of such files begin.
  static let prefix = "unfinished-"
  /// How long a file has not changed before it is looked at, in seconds.
  static let age = 3600

  /// Says that a live process writes the file.
  static func mark(_ file: Int32) {
    // Where the file system has no locks, nothing is ever swept.
    _ = flock(file, LOCK_EX | LOCK_NB)
  }

  /// Removes the unfinished files that nobody writes any more.
  static func sweep(_ directory: StoreDirectory) {
    let descriptor = openat(
      directory.descriptor, StoreDirectory.outputsName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    guard let stream = fdopendir(descriptor) else {
      Glibc.close(descriptor)
      return
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix(prefix) else { continue }
      var status = stat()
      guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_mode & S_IFMT == S_IFREG, Int(status.st_mtim.tv_sec) < time(nil) - age
      else { continue }
      let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
      guard file >= 0 else { continue }
      if flock(file, LOCK_EX | LOCK_NB) == 0 { unlinkat(descriptor, name, 0) }
      Glibc.close(file)
    }
  }
}
