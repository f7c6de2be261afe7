import Glibc

/// Files that only their owner may read.
package enum PrivateFile {
  /// The longest content that is read.
  private static let limit = 64 << 10

  /// Makes a file, durably; throws where there is one.
  package static func create(_ path: String, _ content: [UInt8]) throws(JournalError) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .failed(path: path, operation: "create the file", reason: String(cString: strerror(errno)))
    }
    defer { close(file) }
    guard EngineLockFile.write(String(decoding: content, as: UTF8.self), to: file), fsync(file) == 0 else {
      throw .system(errno, path: path, operation: "write the file")
    }
  }

  /// Puts a content in the place of a file, whole or not at all.
  package static func replace(_ path: String, with content: [UInt8]) throws(JournalError) {
    let draft = path + ".new"
    unlink(draft)
    try create(draft, content)
    guard rename(draft, path) == 0 else { throw .system(errno, path: path, operation: "replace the file") }
  }

  /// Reads a file; throws where others may read it too, unless what it holds is no secret.
  package static func read(_ path: String, isSecret: Bool = true) throws(JournalError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw .signing("\(path) cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .signing("\(path) is not a file") }
    guard !isSecret || status.st_mode & 0o077 == 0 else {
      throw .signing("\(path) may be read or written by others: `chmod 600` it, and think of whether somebody has")
    }
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = Glibc.read(file, &bytes, bytes.count)
    guard count >= 0, count < limit else { throw .signing("\(path) cannot be read") }
    return Array(bytes[..<count])
  }
}
