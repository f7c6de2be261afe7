import BelayTestSupport
import Glibc

@testable import Performers

/// A program in a session of its own, as a dead engine leaves it: nobody reads what it writes, and nobody waits for it.
final class LeftBehind {
  /// Where its output goes.
  enum Output {
    /// A pipe whose other end is closed.
    case unreadPipe
    /// A file, as that of a daemon.
    case nothing
  }

  let identity: ProcessIdentity
  /// The first words of the lines that it wrote before it was left: process numbers.
  let numbers: [Int32]

  /// Starts a shell script, which writes lines to descriptor 3 and then closes it in every process.
  init(_ script: String, effect: String?, output: Output = .unreadPipe) {
    let unread = PrivatePipe.make()
    let told = PrivatePipe.make()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      switch output {
      case .unreadPipe: posix_spawn_file_actions_adddup2(&actions, unread.writing, descriptor)
      case .nothing: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
      }
    }
    // Otherwise `dup2` would leave the mark on it.
    let raised = fcntl(told.writing, F_DUPFD_CLOEXEC, 100)
    posix_spawn_file_actions_adddup2(&actions, raised, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // `POSIX_SPAWN_SETSID`, which the module does not export.
    posix_spawnattr_setflags(&attributes, 0x80)
    let words = ["sh", "-c", script]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let texts = ["PATH=/usr/local/bin:/usr/bin:/bin"] + (effect.map { ["BELAY_EFFECT=\($0)"] } ?? [])
    let variables: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    var pid: Int32 = -1
    // Supervisors of other tests would take it for an orphan and reap it.
    let error = ChildLedger.spawning.withLock { _ in
      let error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, variables)
      let started = pid
      ChildLedger.leaders.withLock { $0[started] = 0 }
      return error
    }
    precondition(error == 0)
    for text in arguments + variables { free(text) }
    posix_spawnattr_destroy(&attributes)
    posix_spawn_file_actions_destroy(&actions)
    for descriptor in [unread.reading, unread.writing, told.writing, raised] { close(descriptor) }
    identity = ProcessIdentity(
      pid: pid, startTime: ProcessTable.stat(of: pid)?.startTime ?? 0, bootID: ProcessIdentity.currentBootID)
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while read(told.reading, &byte, 1) == 1 { text.append(byte) }
    close(told.reading)
    numbers = String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
  }

  deinit {
    endGroup(identity.pid)
    // Daemons lead groups of their own.
    for number in numbers { endGroup(number) }
    ChildLedger.remove(identity.pid, id: 0)
  }

  /// Waits for the end of the program itself.
  ///
  /// - Returns: Its status as `waitpid` gives it; -1 where it was reaped before.
  @discardableResult func reap() -> Int32 {
    var status: Int32 = -1
    waitpid(identity.pid, &status, 0)
    ChildLedger.remove(identity.pid, id: 0)
    return status
  }

  static func isAlive(_ pid: Int32) -> Bool { ProcessTable.stat(of: pid).map { !$0.hasEnded } ?? false }
}

/// What makes a shell say its number, or that of what it started last, and become something that lasts.
enum LastingScript {
  /// The process itself.
  static let itself = "echo $$ >&3; exec 3>&-; exec sleep 1000"
  /// One in the background that ignores TERM, then the process itself.
  static let withMember = "sh -c 'trap \"\" TERM; echo $$ >&3; exec 3>&-; sleep 1000; sleep 1000' & " + itself
  /// One in the background; the process itself ends.
  static let onlyMember = "sh -c '\(itself)' & exec 3>&-"
  /// A daemon in a session of its own, then the process itself.
  static let withDaemon = "setsid sh -c '\(itself)' & " + itself
  /// A daemon in a session of its own; the process itself ends.
  static let onlyDaemon = "setsid sh -c '\(itself)' & exec 3>&-"
}
