import Glibc
import RunbookExecutor

/// Waits until a file or something below a directory changes, or a signal asks for the end.
///
/// The kernel tells of changes (inotify); nothing is looked at again and again. A file is watched through the directory
/// that it stands in, as editors put a new file in the place of the old one.
final class FileWatch {
  /// What the wait came to.
  enum Event {
    /// These files changed, in order; empty where the kernel had too much to tell.
    case changed([String])
    /// Ctrl-C, or another signal that asks for the end.
    case interrupted
  }

  private struct Watched {
    var path: String
    /// Whether every .yaml file and every folder in it counts.
    var isTree = false
    /// The files in it that count.
    var names: Set<String> = []
  }

  /// How long it must be quiet after a change, in milliseconds: an editor's save is several changes.
  private static let settling: Int32 = 40

  private let paths: [String]
  private let descriptor: Int32
  private let signals: Int32
  private var watched: [Int32: Watched] = [:]

  /// Watches files and directories, and takes over the signals that ask for the end. Called before other threads start.
  init(_ paths: [String]) throws(CommandFault) {
    self.paths = paths
    descriptor = inotify_init1(O_CLOEXEC | O_NONBLOCK)
    var ends: [Int32] = [-1, -1]
    guard descriptor >= 0, pipe(&ends) == 0 else {
      throw CommandFault(message: "files cannot be watched: \(String(cString: strerror(errno)))", status: .fault)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    signals = ends[0]
    SignalWatcher.block()
    let bell = ends[1]
    DedicatedThread.start {
      var awaited = SignalWatcher.watched
      var number: Int32 = 0
      while sigwait(&awaited, &number) != 0 {}
      close(bell)
    }
  }

  deinit {
    close(descriptor)
    close(signals)
  }

  /// Watches what is there now; called before each look at the files, so that no change falls in between.
  func renew() throws(CommandFault) {
    watched = [:]
    for path in paths {
      if FileReader.isDirectory(path) {
        for folder in FileReader.tree(below: path).folders { try watch(folder) { $0.isTree = true } }
      } else {
        try watchFile(path)
        if let resolved = realpath(path, nil) {
          try watchFile(String(cString: resolved))
          free(resolved)
        }
      }
    }
    if watched.isEmpty { throw CommandFault(message: "there is nothing to watch", status: .usage) }
  }

  private func watchFile(_ path: String) throws(CommandFault) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    try watch(folder) { $0.names.insert(name) }
  }

  private func watch(_ folder: String, _ change: (inout Watched) -> Void) throws(CommandFault) {
    let mask =
      IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF
    let number = inotify_add_watch(descriptor, folder, UInt32(mask))
    if number < 0 {
      if errno == ENOENT || errno == ENOTDIR || errno == EACCES { return }
      let reason =
        errno == ENOSPC
        ? "this user's limit of watches is reached (fs.inotify.max_user_watches)" : String(cString: strerror(errno))
      throw CommandFault(message: "\(folder) cannot be watched: \(reason)", status: .fault)
    }
    change(&watched[number, default: Watched(path: folder)])
  }

  /// Waits for the next change, and then until it is quiet.
  func wait() -> Event {
    var changed: Set<String> = []
    var isOver = false
    while true {
      var waiting = [
        pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&waiting, 2, isOver ? Self.settling : -1)
      if count < 0 { continue }
      if waiting[0].revents != 0 { return .interrupted }
      if count == 0 { return .changed(changed.sorted()) }
      if readEvents(into: &changed) { isOver = true }
    }
  }

  /// Reads what the kernel has to tell; true if something of it counts.
  private func readEvents(into changed: inout Set<String>) -> Bool {
    var counts = false
    var buffer = [UInt8](repeating: 0, count: 65536)
    let header = MemoryLayout<inotify_event>.size
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { return counts }
      var offset = 0
      while offset + header <= count {
        let event = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
        let name = buffer[(offset + header)..<(offset + header + Int(event.len))].prefix { $0 != 0 }
        offset += header + Int(event.len)
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
          counts = true
        } else if let path = path(of: event, String(decoding: name, as: UTF8.self)) {
          changed.insert(path)
          counts = true
        }
      }
    }
  }

  /// The path of what changed; nil where it does not count.
  private func path(of event: inotify_event, _ name: String) -> String? {
    guard let place = watched[event.wd] else { return nil }
    if event.mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF) != 0 { return place.path }
    let isFolder = event.mask & UInt32(IN_ISDIR) != 0
    guard
      place.names.contains(name)
        || (place.isTree && !name.hasPrefix(".") && (name.hasSuffix(".yaml") || isFolder))
    else { return nil }
    return place.path == "." ? name : place.path + "/" + name
  }
}
