import Glibc

/// A PostgreSQL server of a test's own, ended with the object; it logs every statement that it is given.
///
/// Connections over its socket are trusted, those over loopback need a password. Started by root it runs as an
/// unprivileged user.
public final class PostgreSQLServer: Sendable {
  /// Why there is no server.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong, with what the program said.
    public var description: String
  }

  /// Whether tests that need a server run: where its programs are missing they are skipped, but fail in CI.
  public static let isExpected = programs != nil || getenv("CI") != nil

  /// The folder of the newest version's programs, as Debian lays them out.
  private static let programs: String? = {
    let root = "/usr/lib/postgresql"
    guard let handle = opendir(root) else { return nil }
    defer { closedir(handle) }
    var versions: [Int] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let version = Int(name), TestFile.exists("\(root)/\(name)/bin/initdb") { versions.append(version) }
    }
    return versions.max().map { "\(root)/\($0)/bin" }
  }()

  /// Variables that would lead a client to another server.
  private static let neutral = [
    "PGHOST": "", "PGHOSTADDR": "", "PGPORT": "", "PGDATABASE": "", "PGUSER": "", "PGPASSWORD": "", "PGSERVICE": "",
    "PGOPTIONS": "", "PGPASSFILE": "/nonexistent",
  ]

  private let directory: TemporaryDirectory
  /// The port on loopback, part of the socket's name too.
  public let port: Int
  private let settings: [String]

  /// The directory of the socket, which stands for the server's name.
  public var socket: String { directory.path }

  /// Makes a cluster and starts its server; it accepts connections then.
  ///
  /// - Parameter settings: Settings besides the tests' usual ones, `name=value`; `alter system` does not change them.
  public convenience init(maxConnections: Int = 20, settings: [String] = []) throws {
    let directory = try Self.ownDirectory()
    // `initdb` is not asked to sync, nor is the server: the cluster does not outlive the test.
    try Self.make([
      "initdb", "--pgdata", directory.path("data"), "--username=postgres", "--no-sync", "--locale=C",
      "--encoding=UTF8", "--auth-local=trust", "--auth-host=scram-sha-256",
    ])
    try self.init(directory, settings: ["max_connections=\(maxConnections)"] + settings)
  }

  /// Copies the cluster of a server, and starts the copy as its standby, which streams from it and waits for it where it is
  /// not there.
  ///
  /// - Parameter name: How the primary knows it: its `application_name`.
  public convenience init(standbyOf primary: PostgreSQLServer, name: String) throws {
    let directory = try Self.ownDirectory()
    try Self.make([
      "pg_basebackup", "--dbname", "host=\(primary.socket) port=\(primary.port) user=postgres application_name=\(name)",
      "--pgdata", directory.path("data"), "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
    ])
    try self.init(directory, settings: primary.settings + ["wal_retrieve_retry_interval=100ms"])
  }

  private init(_ directory: TemporaryDirectory, settings: [String]) throws {
    var log = ""
    // Somebody else may take the port before the server does.
    for _ in 0..<5 {
      let port = LoopbackPort.free()
      let started = try Self.start(directory, port: port, settings)
      if started.status == 0 {
        self.directory = directory
        self.port = port
        self.settings = settings
        return
      }
      log = started.errors + (directory.read("log") ?? "")
    }
    throw Failure(description: "the server does not start: " + log)
  }

  deinit { end(.immediate) }

  /// How a server ends.
  public enum End: String, Sendable {
    /// As if its machine went down.
    case immediate
    /// Sessions are ended, and standbys have all of what it wrote.
    case fast
  }

  /// Ends the server, if it runs; `start` brings it back.
  public func end(_ mode: End) {
    guard let programs = Self.programs else { return }
    _ = Self.unprivileged([
      programs + "/pg_ctl", "stop", "--wait", "--silent", "--mode=\(mode.rawValue)", "--pgdata", directory.path("data"),
    ])
  }

  /// Starts it again where it has been ended; whether it accepts connections.
  public func start() -> Bool {
    (try? Self.start(directory, port: port, settings))?.status == 0
  }

  /// Whether it accepts connections.
  public var answers: Bool {
    ask("select 1").status == 0
  }

  private static func ownDirectory() throws -> TemporaryDirectory {
    let directory = TemporaryDirectory()
    if let user { chown(directory.path, user.id, user.group) }
    return directory
  }

  /// Runs one of PostgreSQL's programs.
  private static func make(_ command: [String]) throws {
    guard let programs else { throw Failure(description: "PostgreSQL's programs are not installed") }
    let made = unprivileged(["\(programs)/\(command[0])"] + command.dropFirst())
    guard made.status == 0 else { throw Failure(description: "\(command[0]): " + made.errors) }
  }

  private static func start(_ directory: TemporaryDirectory, port: Int, _ more: [String]) throws -> CommandResult {
    guard let programs else { throw Failure(description: "PostgreSQL's programs are not installed") }
    let settings = [
      "port=\(port)", "unix_socket_directories=\(directory.path)", "listen_addresses=127.0.0.1", "fsync=off",
      "log_statement=all", "log_line_prefix=%a:", "autovacuum=off",
    ]
    return unprivileged([
      programs + "/pg_ctl", "start", "--wait", "--silent", "--pgdata", directory.path("data"),
      "--log", directory.path("log"), "--options", (settings + more).map { "-c \($0)" }.joined(separator: " "),
    ])
  }

  /// What the server has logged until now; a line begins with the application's name.
  public var log: String { directory.read("log") ?? "" }

  /// The statements that an application gave the server, in order.
  public func statements(of application: String) -> [String] {
    let mark = "\(application):LOG:  statement: "
    return log.split(separator: "\n").compactMap { $0.hasPrefix(mark) ? String($0.dropFirst(mark.count)) : nil }
  }

  /// What a query gives as the superuser, refused or not; one that waits for more than 20 s is given up.
  public func ask(_ query: String, of database: String = "postgres") -> CommandResult {
    CommandRunner.run(
      ["timeout", "20"] + client(user: "postgres", database: database) + ["-c", query], environment: Self.neutral)
  }

  /// What a query gives as the superuser, without the last line break; columns are separated by `|`.
  public func query(_ query: String, of database: String = "postgres") -> String {
    let result = CommandRunner.run(
      client(user: "postgres", database: database) + ["-c", query], environment: Self.neutral)
    precondition(result.status == 0, "\(query): \(result.errors)")
    return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
  }

  /// A session with a transaction that it does not go on with.
  public func openTransaction(application: String, user: String = "postgres") -> Session {
    let session = Session(client(user: user), application: application, environment: Self.neutral)
    session.send("begin; select 'idle from now on';")
    return session
  }

  /// A session over loopback, with a password; nil where it is refused.
  public func openSession(application: String, user: String, password: String) -> Session? {
    guard accepts(user: user, password: password) else { return nil }
    var environment = Self.neutral
    environment["PGPASSWORD"] = password
    let session = Session(client(user: user, host: "127.0.0.1"), application: application, environment: environment)
    session.send("select 'here';")
    let count = "select count(*) from pg_stat_activity where application_name = '\(application)'"
    return Waiting.until(20) { query(count) != "0" } ? session : nil
  }

  /// Whether a role may come in over loopback with a password.
  public func accepts(user: String, password: String) -> Bool {
    var environment = Self.neutral
    environment["PGPASSWORD"] = password
    return CommandRunner.run(
      client(user: user, host: "127.0.0.1") + ["-w", "-c", "select 1"], environment: environment
    ).status == 0
  }

  /// How many sessions of an application are idle in a transaction, for longer than a time if it is said.
  public func idleSessions(of application: String, for time: String = "0s") -> Int {
    let count = query(
      """
      select count(*) from pg_stat_activity
       where application_name = '\(application)' and state = 'idle in transaction'
         and clock_timestamp() - state_change > '\(time)'
      """)
    return Int(count) ?? 0
  }

  private func client(user: String, host: String? = nil, database: String = "postgres") -> [String] {
    [
      (Self.programs ?? "") + "/psql", "-XqtA", "-v", "ON_ERROR_STOP=1", "-h", host ?? directory.path, "-p", "\(port)",
      "-U",
      user, "-d", database,
    ]
  }

  /// Whom the server runs as if root started it.
  private static let user: (name: String, id: uid_t, group: gid_t)? = {
    guard geteuid() == 0 else { return nil }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name) { return (name, entry.pointee.pw_uid, entry.pointee.pw_gid) }
    }
    return nil
  }()

  private static func unprivileged(_ command: [String]) -> CommandResult {
    let drop = user.map { ["setpriv", "--reuid=\($0.id)", "--regid=\($0.group)", "--clear-groups"] } ?? []
    return CommandRunner.run(drop + command, environment: neutral, directory: "/")
  }
}

extension PostgreSQLServer {
  /// A `psql` that stays connected until its standard input ends.
  public final class Session: Sendable {
    private let directory = TemporaryDirectory()
    private let process: CommandRunner.Running
    private let input: Int32

    fileprivate init(_ command: [String], application: String, environment: [String: String]) {
      let pipe = directory.path("input")
      mkfifo(pipe, 0o600)
      // Open for both, so that neither this nor the client's opening waits for the other.
      let descriptor = open(pipe, O_RDWR | O_CLOEXEC)
      precondition(descriptor >= 0, "cannot open \(pipe): \(String(cString: strerror(errno)))")
      input = descriptor
      var environment = environment
      environment["PGAPPNAME"] = application
      process = CommandRunner.start(command, environment: environment, input: pipe)
    }

    deinit {
      process.signal(SIGKILL)
      _ = process.wait()
      close(input)
    }

    /// Gives it a line.
    public func send(_ line: String) {
      let bytes = Array((line + "\n").utf8)
      let count = bytes.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      precondition(count == bytes.count, "the session does not listen")
    }
  }
}
