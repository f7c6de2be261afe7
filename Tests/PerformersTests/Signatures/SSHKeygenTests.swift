import BelayTestSupport
import Performers
import Testing

@Suite(.enabled(if: SigningDesk.isExpected, "ssh-keygen is not installed")) struct SSHKeygenTests {
  private let desk = SigningDesk()

  @Test(arguments: [
    ["-t", "ed25519"], ["-t", "ecdsa", "-b", "256"], ["-t", "ecdsa", "-b", "521"], ["-t", "rsa", "-b", "2048"],
  ])
  func whatAPersonSignedIsValidAndNamesTheKey(options: [String]) throws {
    desk.makeKey("key", options)
    let signature = try desk.sign("key")
    let verdict = try desk.verify(signature, allowed: "bob,ann \(desk.publicKey("key"))\n")
    let key = try #require(SSHPublicKey(line: desk.publicKey("key")))
    #expect(verdict == .valid(key))
    #expect(verdict.fingerprint == desk.fingerprint("key"))
    #expect(desk.publicKey("key").hasPrefix(key.type + " "))
    let read = try SSHSignature(armored: signature)
    #expect(read.publicKey == key)
    #expect(read.namespace == SigningDesk.namespace)
    #expect(read.armored == signature)
    #expect(desk.remains == "kept\n")
  }

  @Test func aPublicKeyStandsForThePrivateHalfBesideIt() throws {
    desk.makeKey("key")
    let signature = try desk.sign("key.pub")
    #expect(try desk.verify(signature, allowed: "ann \(desk.publicKey("key"))").fingerprint != nil)
  }

  @Test func messagesOfAllKindsCanBeSigned() throws {
    let key = desk.makeKey("key")
    for message in [[], Array(0...255), [UInt8](repeating: 0x0A, count: 1 << 20)] as [[UInt8]] {
      let signature = try desk.keygen.sign(message, namespace: SigningDesk.namespace, key: key)
      let verdict = try desk.verify(signature, allowed: "ann \(desk.publicKey("key"))", message: message)
      #expect(verdict.fingerprint != nil)
    }
  }

  @Test func patternsOfNamesCount() throws {
    desk.makeKey("key")
    let signature = try desk.sign("key")
    let key = desk.publicKey("key")
    #expect(try desk.verify(signature, by: "ann@example.org", allowed: "*@example.org \(key)").fingerprint != nil)
    #expect(try desk.verify(signature, by: "ann@example.com", allowed: "*@example.org \(key)").fingerprint == nil)
    #expect(try desk.verify(signature, by: "ann", allowed: "*,!ann \(key)").fingerprint == nil)
    #expect(try desk.verify(signature, by: "a*", allowed: "ann \(key)").fingerprint == nil)
    // Names that are no options.
    #expect(try desk.verify(signature, by: "-ann", allowed: "-ann \(key)").fingerprint != nil)
  }

  @Test func everyLineWithTheKeyNamesItsPeople() throws {
    desk.makeKey("key")
    desk.makeKey("other")
    let signature = try SSHSignature(armored: desk.sign("key"))
    let key = desk.publicKey("key")
    let allowed = """
      # comment
      eve \(desk.publicKey("other"))
      ann,*@example.org \(key)
      broken
      late valid-after="20270101" \(key)
      bob valid-before="20270101" \(key)\r
      ann \(key)
      """
    #expect(
      try desk.keygen.principals(of: signature, allowedSigners: allowed, at: SigningDesk.noon) == [
        "ann", "*@example.org", "bob",
      ])
    #expect(try desk.keygen.principals(of: signature, allowedSigners: "", at: SigningDesk.noon).isEmpty)
    #expect(desk.remains == "kept\n")
  }

  @Test func aCertificateCountsForItsNamesAndItsTime() throws {
    desk.makeKey("key")
    desk.makeKey("authority")
    // Times without a zone are this machine's to ssh-keygen.
    let made = CommandRunner.run(
      [
        "ssh-keygen", "-q", "-s", desk.directory.path("authority"), "-I", "id", "-n", "ann,amy", "-V",
        "20260101000000:20270101000000", desk.directory.path("key.pub"),
      ], environment: ["TZ": "UTC0"])
    try #require(made.status == 0, "\(made.errors)")
    let agent = try SSHAgent()
    try agent.add(desk.directory.path("key"))
    let keygen = SSHKeygen(variables: agent.variables, directory: desk.directory.path("work"))
    let signature = try keygen.sign(
      SigningDesk.message, namespace: SigningDesk.namespace, key: desk.directory.path("key-cert.pub"))
    let allowed = "a* cert-authority \(desk.publicKey("authority"))"
    // One key is one key, with a certificate or without.
    let verdict = try desk.verify(signature, allowed: allowed)
    #expect(verdict.fingerprint == desk.fingerprint("key"))
    #expect(try desk.verify(signature, by: "amy", allowed: allowed).fingerprint == desk.fingerprint("key"))
    guard case .certificate? = try desk.verify(signature, by: "axel", allowed: allowed).refusal else {
      Issue.record("a name that is not in the certificate")
      return
    }
    let late = try desk.verify(signature, allowed: allowed, at: SigningDesk.noon + 366 * 86_400_000).refusal
    #expect(late == .certificate("Certificate invalid: expired"))
    #expect(try desk.verify(signature, by: "bob", allowed: allowed).fingerprint == nil)
    #expect(
      try desk.keygen.principals(
        of: SSHSignature(armored: signature), allowedSigners: "eve \(desk.publicKey("key"))\n" + allowed,
        at: SigningDesk.noon) == ["ann", "amy"])
    for name in ["key", "authority", "key-cert"] {
      let refusal = try desk.verify(signature, allowed: allowed, revoked: desk.publicKey(name)).refusal
      #expect(refusal == .revoked(fingerprint: desk.fingerprint("key")), "\(name)")
    }
    try agent.end()
  }
}
