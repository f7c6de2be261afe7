import Glibc

/// An ssh-agent of a test's own, ended with the object.
public final class SSHAgent: Sendable {
  /// Why there is no agent.
  public struct Failure: Error {
    let reason: String
  }

  private let directory = TemporaryDirectory()
  private let program: CommandRunner.Running
  /// The path of its socket, for `SSH_AUTH_SOCK`.
  public var socket: String { directory.path("socket") }

  /// Starts it; it answers then.
  ///
  /// - Parameters:
  ///   - library: A PKCS#11 library that it may load.
  public init(library: String? = nil, environment: [String: String] = [:]) throws {
    program = CommandRunner.start(
      ["ssh-agent", "-D", "-a", directory.path("socket")] + (library.map { ["-P", $0] } ?? []), environment: environment
    )
    let socket = directory.path("socket")
    // 1: it has no keys yet.
    let answers = Waiting.until {
      CommandRunner.run(["ssh-add", "-l"], environment: ["SSH_AUTH_SOCK": socket]).status == 1
    }
    guard answers else { throw Failure(reason: "ssh-agent does not answer") }
  }

  deinit { try? end() }

  /// Gives it a key's file, or with `-s` a library, whose PIN `askpass` prints.
  public func add(_ arguments: String..., askpass: String = "") throws {
    let added = CommandRunner.run(
      ["ssh-add", "-q"] + arguments,
      environment: ["SSH_AUTH_SOCK": socket, "SSH_ASKPASS": askpass, "SSH_ASKPASS_REQUIRE": "force"])
    guard added.status == 0 else { throw Failure(reason: "ssh-add: " + added.errors) }
  }

  /// The public keys that it has.
  public var keys: String {
    CommandRunner.run(["ssh-add", "-L"], environment: ["SSH_AUTH_SOCK": socket]).output
  }

  /// Has it refuse to sign, until it is unlocked.
  public func lock() throws {
    let asking = directory.write("askpass", "#!/bin/sh\necho locked\n", mode: 0o755)
    try add("-x", askpass: asking)
  }

  /// Ends it, and waits for what it started, which may have become a child of this process.
  public func end() throws {
    let pid = program.pid
    guard kill(pid, 0) == 0 else { return }
    let children = (TestFile.read("/proc/\(pid)/task/\(pid)/children") ?? "").split(separator: " ").compactMap {
      Int32($0)
    }
    kill(pid, SIGTERM)
    _ = program.wait()
    for child in children {
      let hasEnded = Waiting.until { waitpid(child, nil, WNOHANG) != 0 }
      guard hasEnded else { throw Failure(reason: "something that ssh-agent started does not end") }
    }
  }
}
