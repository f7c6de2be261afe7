import Glibc

/// An OpenSSH server of a test's own on loopback, ended with the object, and a client that knows it as `far`.
///
/// The client is the machine's `ssh` with a configuration of the test's own: keys, known hosts, and nothing of the user's.
public final class SSHServer: Sendable {
  /// Why there is no server.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong, with what the program said.
    public var description: String
  }

  /// Whether tests that need a server run: where its programs are missing they are skipped, but fail in CI.
  public static let isExpected = TestFile.exists(program) || getenv("CI") != nil

  /// Debian's path; sshd must be started by its whole path.
  private static let program = "/usr/sbin/sshd"
  /// The name of the server in the client's configuration.
  public static let host = "far"

  private let directory: TemporaryDirectory
  private let server: CommandRunner.Running
  /// The port on loopback.
  public let port: Int

  /// `PATH` with a folder in front whose `ssh` reaches the server.
  public var path: String {
    directory.path("bin") + ":" + (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")
  }

  /// Makes keys and starts the server; it accepts connections then.
  public init() throws {
    guard TestFile.exists(Self.program) else { throw Failure(description: "openssh-server is not installed") }
    let directory = TemporaryDirectory()
    for key in ["host", "user"] {
      let made = CommandRunner.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory.path(key)])
      guard made.status == 0 else { throw Failure(description: "ssh-keygen: " + made.errors) }
    }
    let user = String(cString: getpwuid(geteuid()).pointee.pw_name)
    directory.write("authorized_keys", directory.read("user.pub") ?? "")
    // Where it is started by root it wants an empty folder to lock itself up in, which a service manager would make.
    if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
    var log = ""
    // Somebody else may take the port before the server does.
    for _ in 0..<5 {
      let port = LoopbackPort.free()
      directory.write(
        "sshd_config",
        """
        ListenAddress 127.0.0.1:\(port)
        HostKey \(directory.path("host"))
        AuthorizedKeysFile \(directory.path("authorized_keys"))
        PidFile none
        StrictModes no
        UsePAM no
        PermitRootLogin yes
        PasswordAuthentication no
        KbdInteractiveAuthentication no

        """)
      let hostKey = (directory.read("host.pub") ?? "").split(separator: " ").prefix(2).joined(separator: " ")
      directory.write("known_hosts", "[127.0.0.1]:\(port) \(hostKey)\n")
      directory.write(
        "config",
        """
        Host \(Self.host)
        HostName 127.0.0.1
        Port \(port)
        User \(user)
        IdentityFile \(directory.path("user"))
        IdentitiesOnly yes
        IdentityAgent none
        StrictHostKeyChecking yes
        UserKnownHostsFile \(directory.path("known_hosts"))
        GlobalKnownHostsFile /dev/null

        """)
      directory.write(
        "bin/ssh", "#!/bin/sh\nexec /usr/bin/ssh -F '\(directory.path("config"))' \"$@\"\n", mode: 0o755)
      let server = CommandRunner.start([Self.program, "-D", "-e", "-f", directory.path("sshd_config")])
      let client = directory.path("bin/ssh")
      if Waiting.until(10, { CommandRunner.run([client, Self.host, "true"]).status == 0 }) {
        self.directory = directory
        self.server = server
        self.port = port
        return
      }
      server.signal(SIGKILL)
      log = server.wait().errors
    }
    throw Failure(description: "the server does not start: " + log)
  }

  deinit {
    server.signal(SIGKILL)
    _ = server.wait()
  }
}
