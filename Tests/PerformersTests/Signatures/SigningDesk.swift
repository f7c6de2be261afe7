import BelayTestSupport
import Glibc
import Performers

/// Keys of a test's own, and what signs and verifies with them.
final class SigningDesk: Sendable {
  /// Whether tests that need ssh-keygen run: where it is missing they are skipped, but fail in CI.
  static let isExpected = InstalledProgram.isExpected("ssh-keygen")
  static let namespace = "approval@belay.test"
  static let message = Array("{\"decision\":\"approve\"}".utf8)
  /// 2026-06-01T12:00:00Z.
  static let noon: Int64 = 1_780_315_200_000
  /// Where ssh-keygen is searched.
  static let searchPath = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"

  let directory = TemporaryDirectory()
  /// What signs and verifies; its files come and go below the directory `work`.
  let keygen: SSHKeygen

  init(_ variables: [(String, String)] = []) {
    directory.write("work/kept", "")
    keygen = SSHKeygen(
      variables: [("PATH", Self.searchPath)] + variables, directory: directory.path("work"))
  }

  /// What is left of the files that were made for ssh-keygen.
  var remains: String { CommandRunner.run(["ls", directory.path("work")]).output }

  /// Makes a key and gives the path of the private half.
  @discardableResult
  func makeKey(_ name: String, _ options: [String] = ["-t", "ed25519"], passphrase: String = "") -> String {
    let path = directory.path(name)
    let made = CommandRunner.run(["ssh-keygen", "-q"] + options + ["-N", passphrase, "-C", name, "-f", path])
    precondition(made.status == 0, made.errors)
    return path
  }

  /// The type and the key of a public key's file.
  func publicKey(_ name: String) -> String {
    (directory.read(name + ".pub") ?? "").split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// What ssh-keygen says a key's fingerprint is.
  func fingerprint(_ name: String) -> String {
    let words = CommandRunner.run(["ssh-keygen", "-l", "-f", directory.path(name + ".pub")]).output.split(
      separator: " ")
    return words.count > 1 ? String(words[1]) : ""
  }

  func sign(_ name: String, namespace: String = namespace) throws -> String {
    try keygen.sign(Self.message, namespace: namespace, key: directory.path(name))
  }

  func verify(
    _ signature: String, by identity: String = "ann", allowed: String, revoked: String? = nil,
    message: [UInt8] = message, namespace: String = namespace, at time: Int64 = noon
  ) throws -> SignatureVerdict {
    try keygen.verify(
      message, signature: signature, namespace: namespace, identity: identity, allowedSigners: allowed,
      revokedKeys: revoked, at: time)
  }
}

extension SignatureVerdict {
  /// The fingerprint of the key of a valid signature.
  var fingerprint: String? { if case .valid(let key) = self { key.fingerprint } else { nil } }

  /// Why it is refused.
  var refusal: SignatureRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}

extension SSHAgent {
  /// What leads to it.
  var variables: [(String, String)] { [("PATH", SigningDesk.searchPath), ("SSH_AUTH_SOCK", socket)] }
}
