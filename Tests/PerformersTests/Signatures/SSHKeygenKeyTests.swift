import BelayTestSupport
import Glibc
import Performers
import Testing

/// What is wrong with a key, and passphrases.
@Suite(.enabled(if: SigningDesk.isExpected, "ssh-keygen is not installed")) struct SSHKeygenKeyTests {
  @Test func whatIsNoKeyIsNamed() throws {
    let desk = SigningDesk()
    let key = desk.makeKey("key")
    chmod(key, 0o644)
    #expect(throws: SSHKeygenError.exposedKey(path: key)) { try desk.sign("key") }
    let text = desk.directory.write("text", "hello\n")
    #expect(throws: SSHKeygenError.notAKey(path: text)) { try desk.sign("text") }
    let none = desk.directory.path("none")
    #expect(throws: SSHKeygenError.noKey(path: none, reason: "No such file or directory")) { try desk.sign("none") }
    let folder = desk.directory.path
    #expect(throws: SSHKeygenError.noKey(path: folder, reason: "it is no regular file")) {
      try desk.keygen.sign([], namespace: "x", key: folder)
    }
    #expect(desk.remains == "kept\n")
  }

  @Test func withoutTheProgramNothingIsSigned() {
    let desk = SigningDesk()
    let key = desk.makeKey("key")
    let keygen = SSHKeygen(variables: [("PATH", desk.directory.path)])
    let expected = SSHKeygenError.noProgram(.notFound(program: "ssh-keygen", searched: desk.directory.path))
    #expect(throws: expected) { try keygen.sign([], namespace: "x", key: key) }
    #expect(expected.message.hasPrefix("signatures need OpenSSH's ssh-keygen: the program"))
  }

  @Test(.reapingOrphans) func anIgnoredSIGCHLDDoesNotCostTheVerdict() async {
    await #expect(processExitsWith: .success) {
      signal(SIGCHLD, SIG_IGN)
      let desk = SigningDesk()
      signal(SIGCHLD, SIG_DFL)
      desk.makeKey("key")
      signal(SIGCHLD, SIG_IGN)
      let verdict = try desk.verify(try desk.sign("key"), allowed: "ann \(desk.publicKey("key"))")
      precondition(verdict.fingerprint != nil)
    }
  }

  @Test func aProgramMayAskForThePassphrase() throws {
    let asking = TemporaryDirectory()
    let program = asking.write("askpass", "#!/bin/sh\necho open sesame\n", mode: 0o755)
    let desk = SigningDesk([("SSH_ASKPASS", program), ("SSH_ASKPASS_REQUIRE", "force")])
    desk.makeKey("key", passphrase: "open sesame")
    #expect(try desk.verify(desk.sign("key"), allowed: "ann \(desk.publicKey("key"))").fingerprint != nil)
  }
}
