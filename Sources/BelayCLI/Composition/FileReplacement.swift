import Diagnostics
import Glibc

/// Puts a new content in the place of a file's, whole or not at all.
enum FileReplacement {
  /// Writes a file beside it, makes it durable, and renames it; the mode stays, and the owner where this user may set it.
  ///
  /// A link stays a link: what it leads to is replaced. Refused where the file is no longer what was read.
  static func replace(_ read: SourceText, with bytes: [UInt8]) throws(CommandFault) {
    guard let resolved = realpath(read.name, nil) else { throw fault(read.name) }
    let path = String(cString: resolved)
    free(resolved)
    var status = stat()
    guard stat(path, &status) == 0 else { throw fault(read.name) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CommandFault(message: "\(read.name) is no regular file and cannot be rewritten", status: .usage)
    }
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let folder = String(path[...slash])
    var name = Array("\(folder).\(path[path.index(after: slash)...]).XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw fault(read.name) }
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    do throws(CommandFault) {
      // Without the right to give the file away it becomes this user's, as with an editor.
      _ = fchown(descriptor, status.st_uid, status.st_gid)
      guard fchmod(descriptor, status.st_mode & 0o7777) == 0, write(bytes, to: descriptor), fsync(descriptor) == 0
      else { throw fault(read.name) }
      guard try FileReader.read(read.name).bytes == read.bytes else {
        throw CommandFault(
          message: "\(read.name) was changed while it was being rewritten, and is left alone", status: .usage)
      }
      guard rename(&name, path) == 0 else { throw fault(read.name) }
    } catch {
      unlink(&name)
      throw error
    }
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { Terminal(descriptor: descriptor).write($0) }
  }

  private static func fault(_ path: String) -> CommandFault {
    CommandFault(message: "\(path) cannot be rewritten: \(String(cString: strerror(errno)))", status: .usage)
  }
}
