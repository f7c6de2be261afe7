import CProcessShims
import Glibc

/// One run of ssh-keygen, in this process's own session so that it can ask for a passphrase at the terminal.
///
/// A supervisor would start it in a session of its own. Beside one it is left alone: a child in this process's session
/// is no orphan.
struct KeygenRun {
  /// Who is there while it runs.
  enum Company {
    /// A person, who may be asked at the terminal, and whose interrupts reach it too.
    case person
    /// Nobody: an interrupt is for this process alone, and it is ended after so many milliseconds.
    case nobody(patience: Int64)
  }

  /// The exit status.
  let status: Int32
  /// What it wrote to standard output.
  let output: String
  /// What it wrote to standard error.
  let errors: String

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - program: The whole path.
  ///   - input: The path for standard input.
  ///   - folder: Where its outputs go.
  init(
    _ program: String, _ arguments: [String], variables: [(String, String)], input: String, company: Company,
    in folder: borrowing PrivateFolder
  ) throws(SSHKeygenError) {
    folder.remove(.output)
    folder.remove(.errors)
    let error = belay_keep_exit_statuses()
    guard error == 0 else { throw .failed(errorText(error)) }
    let pid = try Self.start(
      program, arguments, variables: variables, input: input, company: company, output: folder.path(.output),
      errors: folder.path(.errors))
    let status = try Self.wait(for: pid, company)
    guard let output = folder.read(.output), let errors = folder.read(.errors) else {
      throw .files("what ssh-keygen wrote cannot be read")
    }
    self.status = status
    self.output = output
    self.errors = errors
  }

  private static func start(
    _ program: String, _ arguments: [String], variables: [(String, String)], input: String, company: Company,
    output: String, errors: String
  ) throws(SSHKeygenError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY | O_NOCTTY, 0)
    let making = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, making, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, making, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var usual = sigset_t()
    sigfillset(&usual)
    for number in [SIGKILL, SIGSTOP] { sigdelset(&usual, number) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    // Not a session of its own, which would make it an orphan for a supervisor to reap.
    if case .nobody = company { flags |= POSIX_SPAWN_SETPGROUP }
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var argv = (["ssh-keygen"] + arguments).map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.0)=\($0.1)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var pid: pid_t = 0
    let error = posix_spawn(&pid, program, &actions, &attributes, &argv, &envp)
    guard error == 0 else { throw .noProgram(.notRunnable(path: program, reason: errorText(error))) }
    return pid
  }

  private static func wait(for pid: pid_t, _ company: Company) throws(SSHKeygenError) -> Int32 {
    var isLate = false
    if case .nobody(let patience) = company {
      let handle = belay_pidfd_open(pid)
      if handle >= 0 {
        defer { close(handle) }
        let end = monotonicMilliseconds(in: patience)
        var watched = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
        while case let rest = end - monotonicMilliseconds(), rest > 0 {
          if poll(&watched, 1, Int32(clamping: rest)) > 0 { break }
        }
        isLate = watched.revents == 0
      }
      if isLate { kill(pid, SIGKILL) }
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else { throw .failed("its end was not seen: \(errorText(errno))") }
    }
    if case .nobody(let patience) = company, isLate { throw .unanswered(patience) }
    guard status & 0x7F == 0 else { throw .interrupted }
    return (status >> 8) & 0xFF
  }
}
