import Glibc

/// A Redis server of a test's own on loopback, ended with the object; it keeps nothing on disk.
public final class RedisServer: Sendable {
  /// Why there is no server.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong, with what the program said.
    public var description: String
  }

  /// Whether tests that need a server run: where its programs are missing they are skipped, but fail in CI.
  public static let isExpected = InstalledProgram.isExpected("redis-server")

  private let directory: TemporaryDirectory
  private let server: CommandRunner.Running
  /// The port on loopback.
  public let port: Int
  /// What clients must say; empty where nothing is asked for.
  public let password: String

  /// Starts it; it accepts connections then.
  ///
  /// - Parameter maximumMemory: What the values may take, as in `2mb`; beyond it the least recently used are evicted.
  public init(maximumMemory: String = "0", password: String = "") throws {
    let directory = TemporaryDirectory()
    var log = ""
    // Somebody else may take the port before the server does.
    for _ in 0..<5 {
      let port = LoopbackPort.free()
      directory.write(
        "redis.conf",
        """
        bind 127.0.0.1
        port \(port)
        dir \(directory.path)
        save ""
        maxmemory \(maximumMemory)
        maxmemory-policy allkeys-lru
        \(password.isEmpty ? "" : "requirepass \"\(password)\"")

        """)
      let server = CommandRunner.start(["redis-server", directory.path("redis.conf")])
      let client = Self.client(port, password)
      if Waiting.until(
        10, { CommandRunner.run(client.words + ["ping"], environment: client.variables).output == "PONG\n" })
      {
        self.directory = directory
        self.server = server
        self.port = port
        self.password = password
        return
      }
      server.signal(SIGKILL)
      let end = server.wait()
      log = end.output + end.errors
    }
    throw Failure(description: "the server does not start: " + log)
  }

  deinit {
    server.signal(SIGKILL)
    _ = server.wait()
  }

  /// What a command gives, without the last line break.
  @discardableResult
  public func command(_ words: String...) -> String {
    let client = Self.client(port, password)
    let result = CommandRunner.run(client.words + words, environment: client.variables)
    precondition(result.status == 0, "\(words): \(result.output)\(result.errors)")
    return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
  }

  /// Gives it commands, one a line, as fast as it takes them.
  public func send(_ lines: String) {
    let client = Self.client(port, password)
    let result = CommandRunner.run(
      client.words, environment: client.variables, input: directory.write("commands", lines))
    precondition(result.status == 0, result.errors)
  }

  /// A client that goes on with the same until it is let go.
  public final class Load: Sendable {
    private let process: CommandRunner.Running

    fileprivate init(_ process: CommandRunner.Running) { self.process = process }

    deinit {
      process.signal(SIGKILL)
      _ = process.wait()
    }
  }

  /// Gives it a command a hundred times a second.
  public func load(_ words: String...) -> Load { load(["-r", "-1", "-i", "0.01"] + words) }

  /// Looks keys up and stores those that are not there, as a cache's users do, far more than it can hold.
  public func overload() -> Load { load(["--lru-test", "1000000"]) }

  private func load(_ words: [String]) -> Load {
    let client = Self.client(port, password)
    return Load(CommandRunner.start(client.words + words, environment: client.variables))
  }

  private static func client(_ port: Int, _ password: String) -> (words: [String], variables: [String: String]) {
    (["redis-cli", "-h", "127.0.0.1", "-p", "\(port)"], ["REDISCLI_AUTH": password])
  }
}
