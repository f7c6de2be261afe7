import Glibc

/// A directory of a test's own, gone with the object.
public final class TemporaryDirectory: Sendable {
  /// Its path, without a slash at the end.
  public let path: String

  /// Makes an empty directory below `TMPDIR`, or `/tmp`.
  public init() {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((base + "/belay-test-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      preconditionFailure("no directory can be made in \(base): \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// The path of something in it.
  public func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file in it and gives its path; folders on the way are made.
  @discardableResult
  public func write(_ name: String, _ text: String, mode: mode_t = 0o644) -> String {
    let target = self.path(name)
    var parts = name.split(separator: "/").dropLast().map(String.init)
    var folder = path
    while !parts.isEmpty {
      folder += "/" + parts.removeFirst()
      mkdir(folder, 0o755)
    }
    let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    precondition(descriptor >= 0, "cannot write \(target): \(String(cString: strerror(errno)))")
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      precondition(count > 0, "cannot write \(target): \(String(cString: strerror(errno)))")
      bytes = bytes.dropFirst(count)
    }
    fchmod(descriptor, mode)
    close(descriptor)
    return target
  }

  /// The content of a file in it; nil where there is none.
  public func read(_ name: String) -> String? { TestFile.read(path(name)) }

  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      chmod(path, 0o700)
      if let handle = opendir(path) {
        while let entry = readdir(handle) {
          let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
          }
          if name != ".", name != ".." { remove(path + "/" + name) }
        }
        closedir(handle)
      }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
