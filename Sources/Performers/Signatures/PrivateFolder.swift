import Glibc

/// A new directory that only this user can enter, for files that ssh-keygen reads and writes; gone with the value.
struct PrivateFolder: ~Copyable {
  /// The files that can be in it.
  enum File: String, CaseIterable {
    case message, signature, allowed, revoked, output, errors
    /// What ssh-keygen writes beside the message.
    case made = "message.sig"
  }

  /// The longest content that is read.
  private static let limit = 1 << 20

  private let path: String

  /// Makes it below a directory.
  init(below directory: String) throws(SSHKeygenError) {
    var template = Array((directory + "/belay-signature-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw .files("\(directory): \(errorText(errno))") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for file in File.allCases { unlink(path + "/" + file.rawValue) }
    rmdir(path)
  }

  /// The path of a file in it.
  func path(_ file: File) -> String { path + "/" + file.rawValue }

  /// Removes a file, if there is one.
  func remove(_ file: File) { unlink(path(file)) }

  /// Makes a file anew that only this user can read.
  func write(_ file: File, _ content: [UInt8]) throws(SSHKeygenError) {
    remove(file)
    let descriptor = open(path(file), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .files("\(path(file)): \(errorText(errno))") }
    defer { close(descriptor) }
    var rest = content[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .files("\(path(file)): \(errorText(errno))") }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads a file; nil where it cannot be.
  func read(_ file: File) -> String? {
    let descriptor = open(path(file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while content.count < Self.limit {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return String(decoding: content, as: UTF8.self) }
      content += buffer[..<count]
    }
    return nil
  }
}
