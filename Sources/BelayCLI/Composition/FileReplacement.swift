import Glibc

/// Replaces a file's content so that whoever reads it sees the old one or the new one, whole.
enum FileReplacement {
  /// Writes a new file beside the old one, with its mode and where possible its owner, and puts it in its place.
  ///
  /// A symbolic link stays one: what it leads to is replaced.
  static func replace(_ path: String, with text: String) throws(CommandFault) {
    guard let resolved = realpath(path, nil) else { throw fault(path) }
    defer { free(resolved) }
    let target = String(cString: resolved)
    var status = stat()
    guard stat(target, &status) == 0 else { throw fault(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CommandFault(message: "\(path) is not a file that can be replaced", status: .usage)
    }
    let folder = target.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(target[..<$0]) } ?? "."
    var template = Array("\(folder)/.belay-fmt-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw fault(path) }
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var isOpen = true
    do throws(CommandFault) {
      // Another's file keeps its owner only where we may say so.
      _ = fchown(descriptor, status.st_uid, status.st_gid)
      guard fchmod(descriptor, status.st_mode & 0o7777) == 0 else { throw fault(path) }
      guard Terminal(descriptor: descriptor).write(text), fsync(descriptor) == 0 else { throw fault(path) }
      isOpen = false
      guard close(descriptor) == 0, rename(temporary, target) == 0 else { throw fault(path) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
    let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private static func fault(_ path: String) -> CommandFault {
    CommandFault(message: "\(path): \(String(cString: strerror(errno)))", status: .fault)
  }
}
