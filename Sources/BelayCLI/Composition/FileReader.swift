import Diagnostics
import Glibc

/// Reads the files that a user names.
enum FileReader {
  /// The most that is read of a file, in bytes: a little over what the language allows, so that its own rule speaks.
  static let limit = (16 << 20) + 1

  /// The content of a file, or of standard input for `-`.
  static func read(_ path: String) throws(CommandFault) -> SourceText {
    let fromInput = path == "-"
    let descriptor = fromInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fault(path) }
    defer { if !fromInput { close(descriptor) } }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandFault(message: "\(path) is a directory; name a file", status: .usage)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(Self.limit, max(4096, Int(status.st_size) + 1)))
    var buffer = [UInt8](repeating: 0, count: 65536)
    while bytes.count < limit {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw fault(path) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return SourceText(name: fromInput ? "<stdin>" : path, bytes: bytes)
  }

  private static func fault(_ path: String) -> CommandFault {
    CommandFault(message: "\(path): \(String(cString: strerror(errno)))", status: .usage)
  }

  /// Whether a path names a directory.
  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The `.yaml` files below a directory, in order, and what could not be looked at.
  static func yamlFiles(below directory: String) -> (files: [String], problems: [String]) {
    let tree = tree(below: directory)
    return (tree.files, tree.problems)
  }

  /// The `.yaml` files below a directory, in order, the directory itself with the folders below it, and what could not be
  /// looked at.
  ///
  /// Regular files alone, by themselves or behind a link; hidden folders, and links to folders, are passed over.
  static func tree(below directory: String) -> (files: [String], folders: [String], problems: [String]) {
    var files: [String] = []
    var folders: [String] = []
    var problems: [String] = []
    var open = [directory]
    while let folder = open.popLast() {
      guard let handle = opendir(folder) else {
        problems.append("\(folder): \(String(cString: strerror(errno)))")
        continue
      }
      defer { closedir(handle) }
      folders.append(folder)
      while let entry = readdir(handle) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasPrefix(".") { continue }
        let path = folder == "." ? name : folder + "/" + name
        var status = stat()
        guard lstat(path, &status) == 0 else {
          problems.append("\(path): \(String(cString: strerror(errno)))")
          continue
        }
        if status.st_mode & S_IFMT == S_IFDIR {
          open.append(path)
        } else if name.hasSuffix(".yaml") {
          // A link that leads nowhere is named when it is read.
          let isRegular = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
          if isRegular { files.append(path) }
        }
      }
    }
    return (files.sorted(), folders, problems.sorted())
  }
}
