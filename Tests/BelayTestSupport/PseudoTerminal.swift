import Glibc
import Synchronization

/// A command at a terminal of its own, as a person has it: what it shows is read along, and keys can be typed.
public final class PseudoTerminal: Sendable {
  /// The command's process number.
  public let pid: pid_t
  private let controller: Int32
  private let shown = Mutex<[UInt8]>([])
  private let ended = Mutex<Int32?>(nil)

  /// `POSIX_SPAWN_SETSID` of spawn.h, which is shown to C with `_GNU_SOURCE` alone.
  private static let startsSession: Int16 = 0x80
  /// The requests of `ioctl_tty(2)`.
  private static let (unlocks, numbers): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

  /// Starts a command that leads a session with this terminal.
  ///
  /// - Parameter environment: Variables besides this process's own.
  public init(_ arguments: [String], environment: [String: String] = [:], directory: String) {
    // pts(4): the other side is locked at first, and its number names it.
    controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var locked: Int32 = 0
    var number: UInt32 = 0
    precondition(
      ioctl(controller, Self.unlocks, &locked) == 0 && ioctl(controller, Self.numbers, &number) == 0,
      "no terminal can be made: \(String(cString: strerror(errno)))")
    let name = "/dev/pts/\(number)"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that the leader of a new session opens becomes its own.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&usual, number) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | Self.startsSession)
    var variables = CommandRunner.variables
    for (name, value) in environment { variables[name] = value }
    // The shell changes the directory, and becomes the command.
    let arguments = ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", directory] + arguments
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    precondition(error == 0, "cannot start \(arguments[0]): \(String(cString: strerror(error)))")
    self.pid = pid
    _ = fcntl(controller, F_SETFL, O_NONBLOCK)
  }

  deinit {
    if ended.withLock({ $0 == nil }) {
      kill(pid, SIGKILL)
      while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }
    close(controller)
  }

  /// What it has shown until now.
  public var screen: String {
    read()
    return shown.withLock { String(decoding: $0, as: UTF8.self) }
  }

  /// Waits until it has shown a text so often; false after the patience.
  public func waits(for text: String, times: Int = 1) -> Bool {
    Waiting.until { screen.ranges(of: text).count >= times }
  }

  /// Types.
  public func type(_ text: String) {
    var bytes = Array(text.utf8)
    _ = Glibc.write(controller, &bytes, bytes.count)
  }

  /// Whether the terminal shows what is typed.
  public var echoes: Bool {
    var settings = termios()
    return tcgetattr(controller, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }

  /// Waits for the command's end, reading along: the exit status, or 128 and the signal's number.
  public func wait() -> Int32 {
    var status: Int32 = 0
    let isOver = Waiting.until {
      read()
      return waitpid(pid, &status, WNOHANG) == pid
    }
    guard isOver else { return -1 }
    read()
    let signal = status & 0x7F
    let result = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    ended.withLock { $0 = result }
    return result
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = Glibc.read(controller, &buffer, buffer.count), count > 0 {
      shown.withLock { $0 += buffer[..<count] }
    }
  }
}
