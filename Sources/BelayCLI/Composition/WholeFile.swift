import Glibc

/// Reads and writes files of any length.
enum WholeFile {
  /// The content of a file, or of standard input for `-`.
  static func read(_ path: String) throws(CommandFault) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fault(path) }
    defer { if path != "-" { close(descriptor) } }
    var status = stat()
    var bytes: [UInt8] = []
    if fstat(descriptor, &status) == 0 { bytes.reserveCapacity(Int(status.st_size) + 1) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw fault(path) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Writes a new file that only its owner may read, or to standard output where there is no path.
  ///
  /// - Parameter isShared: Whether others may read it, too.
  static func write(_ path: String?, isShared: Bool = false, _ body: (_ sink: ([UInt8]) throws -> Void) throws -> Void)
    throws
  {
    guard let path else {
      try body { bytes in
        guard bytes.withUnsafeBytes({ Terminal.standardOutput.write($0) }) else {
          throw CommandFault(message: "standard output cannot be written", status: .fault)
        }
      }
      return
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isShared ? 0o666 : 0o600)
    guard descriptor >= 0 else { throw fault(path) }
    defer { close(descriptor) }
    do {
      try body { bytes in
        guard bytes.withUnsafeBytes({ Terminal(descriptor: descriptor).write($0) }) else { throw fault(path) }
      }
      guard fsync(descriptor) == 0 else { throw fault(path) }
    } catch {
      unlink(path)
      throw error
    }
  }

  private static func fault(_ path: String) -> CommandFault {
    CommandFault(message: "\(path): \(String(cString: strerror(errno)))", status: .usage)
  }
}
