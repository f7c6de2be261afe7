import Glibc

/// What a command came to.
public struct CommandResult: Sendable {
  /// The exit status; 128 and the signal's number where a signal ended it.
  public var status: Int32
  /// What it wrote to standard output.
  public var output: String
  /// What it wrote to standard error.
  public var errors: String
}

/// Runs commands for tests, with standard input closed.
public enum CommandRunner {
  /// A command that has been started.
  public final class Running: Sendable {
    /// Its process number.
    public let pid: pid_t
    private let output: TemporaryDirectory

    init(pid: pid_t, output: TemporaryDirectory) {
      self.pid = pid
      self.output = output
    }

    /// What it has written to standard output until now.
    public var outputSoFar: String { output.read("stdout") ?? "" }

    /// What it has written to standard error until now.
    public var errorsSoFar: String { output.read("stderr") ?? "" }

    /// Sends it a signal.
    public func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end.
    public func wait() -> CommandResult {
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7F
      return CommandResult(
        status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output.read("stdout") ?? "",
        errors: output.read("stderr") ?? "")
    }
  }

  /// Runs a command to its end.
  ///
  /// - Parameters:
  ///   - environment: Variables besides this process's own; an empty value takes one away.
  ///   - directory: The working directory.
  ///   - input: A file for standard input; `/dev/null` unless said.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], directory: String? = nil, input: String = "/dev/null"
  ) -> CommandResult {
    start(arguments, environment: environment, directory: directory, input: input).wait()
  }

  /// Starts a command.
  public static func start(
    _ arguments: [String], environment: [String: String] = [:], directory: String? = nil, input: String = "/dev/null"
  ) -> Running {
    let output = TemporaryDirectory()
    // The shell changes the directory, and becomes the command.
    let arguments =
      directory.map { ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", $0] + arguments } ?? arguments
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output.path("stdout"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, output.path("stderr"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals that the test's process ignores or blocks are none of the command's business.
    var none = sigset_t()
    sigemptyset(&none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&usual, number) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var variables = Self.variables
    for (name, value) in environment { variables[name] = value.isEmpty ? nil : value }
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    precondition(error == 0, "cannot start \(arguments[0]): \(String(cString: strerror(error)))")
    return Running(pid: pid, output: output)
  }

  /// This process's variables.
  static var variables: [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return variables
  }
}
