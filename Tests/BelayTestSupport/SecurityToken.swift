import Glibc

/// A PKCS#11 token of a test's own that holds one key, made with SoftHSM; the key itself is nowhere else.
public final class SecurityToken: Sendable {
  /// Why there is no token.
  public struct Failure: Error {
    let reason: String
  }

  /// Debian's and Ubuntu's place of SoftHSM.
  public static let library = "/usr/lib/softhsm/libsofthsm2.so"

  /// Whether it is there, or must be.
  public static var isExpected: Bool { TestFile.exists(library) || getenv("CI") != nil }

  private let directory = TemporaryDirectory()
  private let askpass: String
  private let environment: [String: String]

  /// Makes a token with a key on the curve P-256.
  public init() throws {
    directory.write("tokens/kept", "")
    environment = [
      "SOFTHSM2_CONF": directory.write(
        "softhsm2.conf", "directories.tokendir = \(directory.path("tokens"))\nobjectstore.backend = file\n")
    ]
    askpass = directory.write("askpass", "#!/bin/sh\necho 123456\n", mode: 0o755)
    let key = directory.path("key.pem")
    for command in [
      ["softhsm2-util", "--init-token", "--free", "--label", "belay", "--pin", "123456", "--so-pin", "654321"],
      ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
      ["softhsm2-util", "--import", key, "--token", "belay", "--label", "ann", "--id", "01", "--pin", "123456"],
    ] {
      let done = CommandRunner.run(command, environment: environment)
      guard done.status == 0 else { throw Failure(reason: "\(command): \(done.output)\(done.errors)") }
    }
    unlink(key)
  }

  /// An agent that has the token.
  public func agent() throws -> SSHAgent {
    let resolved = CommandRunner.run(["realpath", Self.library]).output.split(separator: "\n").joined()
    let agent = try SSHAgent(library: resolved, environment: environment)
    try agent.add("-s", Self.library, askpass: askpass)
    return agent
  }

  /// Takes it from an agent.
  public func remove(from agent: SSHAgent) throws { try agent.add("-e", Self.library, askpass: askpass) }
}
