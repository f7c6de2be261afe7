import Glibc

/// Where a program's file is, and why it cannot be run.
struct ProgramSearch {
  /// The child's working directory: relative places are below it.
  let directory: String?

  /// The path to hand to `posix_spawn`; a name with `/` in it stands as it is.
  func path(of program: String, searching searchPath: String?) throws(SpawnError) -> String {
    guard !program.isEmpty else { throw .emptyCommand }
    if program.utf8.contains(UInt8(ascii: "/")) { return program }
    guard let searchPath else { throw .notFound(program: program, searched: nil) }
    var refused: SpawnError?
    for place in searchPath.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
      let path = place.isEmpty ? "./" + program : String(Substring(place)) + "/" + program
      switch Self.status(of: seen(path)) {
      case .runnable: return path
      case .absent: continue
      case .refused(let reason): refused = refused ?? .notRunnable(path: seen(path), reason: reason)
      }
    }
    throw refused ?? .notFound(program: program, searched: searchPath)
  }

  /// What `posix_spawn`'s failure means; the kernel's number alone does not tell which file it speaks of.
  func explanation(of error: Int32, starting path: String, arguments: [String], bytes: Int) -> SpawnError {
    switch error {
    case E2BIG:
      if let index = arguments.firstIndex(where: { $0.utf8.count >= SpawnError.longestArgument }) {
        return .argumentTooLong(index: index, bytes: arguments[index].utf8.count)
      }
      return .commandTooLong(bytes: bytes)
    case EAGAIN: return .exhausted(reason: "this user's limit of processes is reached (ulimit -u)")
    case ENOMEM: return .exhausted(reason: "memory is used up")
    case EMFILE, ENFILE: return .exhausted(reason: "too many files are open (ulimit -n)")
    default: break
    }
    if let directory, let reason = Self.refusal(ofDirectory: directory) {
      return .directory(path: directory, reason: reason)
    }
    switch Self.status(of: seen(path)) {
    case .absent: return .notRunnable(path: seen(path), reason: "there is no such file")
    case .refused(let reason): return .notRunnable(path: seen(path), reason: reason)
    case .runnable: break
    }
    switch error {
    case ENOENT:
      return .notRunnable(
        path: seen(path), reason: "the interpreter that its first line names, or its loader, is missing")
    case ENOEXEC:
      return .notRunnable(
        path: seen(path), reason: "it is neither a program of this machine nor a script with a \"#!\" line")
    default: return .notRunnable(path: seen(path), reason: errorText(error))
    }
  }

  private enum FileStatus {
    /// A regular file that this user may execute.
    case runnable
    /// There is nothing there.
    case absent
    /// There is something that cannot be executed.
    case refused(String)
  }

  /// The path as the engine sees it.
  private func seen(_ path: String) -> String {
    guard let directory, path.utf8.first != UInt8(ascii: "/") else { return path }
    return directory + "/" + path
  }

  private static func status(of path: String) -> FileStatus {
    var information = stat()
    guard stat(path, &information) == 0 else {
      let reason = errno
      return reason == ENOENT || reason == ENOTDIR ? .absent : .refused(errorText(reason))
    }
    switch information.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: return .refused("it is a directory")
    default: return .refused("it is no regular file")
    }
    guard faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 else {
      return .refused(errno == EACCES ? "it is not executable for this user (chmod +x)" : errorText(errno))
    }
    return .runnable
  }

  private static func refusal(ofDirectory path: String) -> String? {
    var information = stat()
    guard stat(path, &information) == 0 else {
      return errno == ENOENT ? "there is no such directory; create it first" : errorText(errno)
    }
    guard information.st_mode & S_IFMT == S_IFDIR else { return "it is not a directory" }
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? nil : "this user may not enter it"
  }
}
