import Glibc

/// The directory that the program was started in.
enum WorkingDirectory {
  /// A path as a person would type it: relative where it leads below the directory.
  static func relative(_ path: String) -> String {
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    let folder = String(cString: current)
    let prefix = folder == "/" ? folder : folder + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }
}
