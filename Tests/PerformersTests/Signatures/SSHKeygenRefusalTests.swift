import BelayTestSupport
import Expressions
import Journal
import Performers
import Testing

@Suite(.enabled(if: SigningDesk.isExpected, "ssh-keygen is not installed")) struct SSHKeygenRefusalTests {
  private let desk = SigningDesk()
  private let signature: String
  private let key: String
  private let fingerprint: String

  init() throws {
    desk.makeKey("key")
    signature = try desk.sign("key")
    key = desk.publicKey("key")
    fingerprint = desk.fingerprint("key")
  }

  @Test func theKeyOfAnotherPersonIsRefused() throws {
    desk.makeKey("other")
    let allowed = "ann \(desk.publicKey("other"))\nbob,b* \(key)\n"
    let refusal = try desk.verify(signature, allowed: allowed).refusal
    #expect(refusal == .otherKey(fingerprint: fingerprint, of: ["bob", "b*"]))
    #expect(refusal?.reason == "the key \(fingerprint) is not theirs, but that of bob, b*")
    #expect(try desk.verify(signature, allowed: "").refusal == .otherKey(fingerprint: fingerprint, of: []))
    #expect(desk.remains == "kept\n")
  }

  @Test func aSignatureForSomethingElseIsRefused() throws {
    let other = try desk.sign("key", namespace: "file")
    #expect(try desk.verify(other, allowed: "ann \(key)").refusal == .otherNamespace("file"))
    let refusal = try desk.verify(signature, allowed: "ann namespaces=\"file,x*\" \(key)").refusal
    #expect(refusal == .namespaceNotAllowed(fingerprint: fingerprint))
    let verdict = try desk.verify(signature, allowed: "ann namespaces=\"file,approval@*\" \(key)")
    #expect(verdict.fingerprint == fingerprint)
  }

  @Test func anAlteredMessageIsRefused() throws {
    for index in SigningDesk.message.indices {
      var message = SigningDesk.message
      message[index] ^= 1
      #expect(try desk.verify(signature, allowed: "ann \(key)", message: message).refusal == .altered)
    }
    #expect(
      try desk.verify(signature, allowed: "ann \(key)", message: SigningDesk.message + [0x0A]).refusal == .altered)
    #expect(try desk.verify(signature, allowed: "ann \(key)", message: []).refusal == .altered)
  }

  @Test(arguments: 1...2 as ClosedRange<UInt64>) func aSignatureWithAnyByteAlteredIsRefused(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let text = Array(signature.utf8)
    for index in text.indices {
      var altered = text
      altered[index] ^= UInt8(random.number(1...255))
      let verdict = try desk.verify(String(decoding: altered, as: UTF8.self), allowed: "ann \(key)")
      #expect(verdict.refusal != nil, "byte \(index) became \(altered[index])")
    }
  }

  /// OpenSSH reads over zeroes before a number, so that one key could be shown with any number of fingerprints.
  @Test func aKeyThatIsWrittenInAnotherWayIsRefused() throws {
    desk.makeKey("rsa", ["-t", "rsa", "-b", "2048"])
    let lines = try desk.sign("rsa").split(separator: "\n")
    let blob = try #require(Base64.decode(lines.dropFirst().dropLast().joined()))
    // SSHSIG, version, the key's length; in the key its type, the exponent and the number.
    let keyLength = Int(blob[12]) << 8 | Int(blob[13])
    var padded = Array(blob[14..<(14 + keyLength)])
    let exponent = 4 + "ssh-rsa".utf8.count
    #expect(Array(padded[exponent..<(exponent + 4)]) == [0, 0, 0, 3])
    padded.replaceSubrange(exponent..<(exponent + 4), with: [0, 0, 0, 4, 0])
    let length = padded.count
    let forged =
      Array(blob[..<10]) + [0, 0, UInt8(length >> 8), UInt8(length & 255)] + padded + blob[(14 + keyLength)...]
    let digits = Array(Base64.encode(forged).utf8)
    let body = stride(from: 0, to: digits.count, by: 70).map {
      String(decoding: digits[$0..<min($0 + 70, digits.count)], as: UTF8.self)
    }
    let text = ([String(lines[0])] + body + [String(lines[lines.count - 1])]).joined(separator: "\n")
    let allowed = "ann \(desk.publicKey("rsa"))"
    #expect(try SSHSignature(armored: text).publicKey.fingerprint != desk.fingerprint("rsa"))
    let verdict = try desk.verify(text, allowed: allowed)
    #expect(verdict.fingerprint == nil, "\(verdict)")
  }

  @Test func aRevokedKeyIsRefused() throws {
    desk.makeKey("other")
    let allowed = "ann \(key)"
    let revoked = "# lost\n\n\(desk.publicKey("other"))\n\(key) ann's old one\r\n"
    #expect(
      try desk.verify(signature, allowed: allowed, revoked: revoked).refusal == .revoked(fingerprint: fingerprint))
    for harmless in ["", "\n", "# \(key)\n", desk.publicKey("other")] {
      #expect(try desk.verify(signature, allowed: allowed, revoked: harmless).fingerprint == fingerprint)
    }
  }

  @Test func revokedKeysThatCannotBeReadVerifyNothing() throws {
    let good = key
    for line in [
      "garbage", "ssh-rsa AAAA", "no-pty \(good)", "* \(good)", "#\r\(good)", "\0\(good)", "ssh-rsa \(good)",
    ] {
      #expect(throws: SSHKeygenError.unreadableRevokedKeys(line: 2)) {
        try desk.verify(signature, allowed: "ann \(good)", revoked: "\(good)\n\(line)\n")
      }
    }
  }

  @Test func bothEndsOfAKeysTimeBelongToIt() throws {
    let noon = SigningDesk.noon
    for suffix in ["", "Z"] {
      let from = "ann valid-after=\"20260601120000\(suffix)\" \(key)"
      #expect(try desk.verify(signature, allowed: from, at: noon).fingerprint == fingerprint)
      #expect(
        try desk.verify(signature, allowed: from, at: noon - 1).refusal
          == .notYetValid(fingerprint: fingerprint, from: "2026-06-01T12:00:00Z"))
      let until = "ann valid-before=\"20260601120000\(suffix)\" \(key)"
      #expect(try desk.verify(signature, allowed: until, at: noon).fingerprint == fingerprint)
      #expect(try desk.verify(signature, allowed: until, at: noon + 999).fingerprint == fingerprint)
      #expect(
        try desk.verify(signature, allowed: until, at: noon + 1_000).refusal
          == .noLongerValid(fingerprint: fingerprint, until: "2026-06-01T12:00:00Z"))
    }
    let renewed = "ann valid-before=\"20260101\" \(key)\nann valid-after=\"20260601\" \(key)"
    #expect(try desk.verify(signature, allowed: renewed).fingerprint == fingerprint)
    // 0 would be now.
    for time in [0, 999, -1, Int64.min, .max, 253_402_300_800_000] {
      #expect(throws: SSHKeygenError.timeOutOfRange(time)) {
        try desk.verify(signature, allowed: "ann \(key)", at: time)
      }
    }
    #expect(try desk.verify(signature, allowed: "ann \(key)", at: 1_000).fingerprint == fingerprint)
    #expect(try desk.verify(signature, allowed: "ann \(key)", at: 253_402_300_799_999).fingerprint == fingerprint)
  }

  @Test func aLineForThePersonThatCannotBeReadIsNamed() throws {
    let refusal = try desk.verify(signature, allowed: "# x\nann no-such-option \(key)\n").refusal
    #expect(refusal == .unreadableLine(2, "bad options: unknown key option"))
    #expect(try desk.verify(signature, allowed: "bob no-such-option \(key)\nann \(key)").fingerprint == fingerprint)
  }

  @Test func whatIsNoSignatureIsRefused() throws {
    for text in ["", "x", "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"] {
      guard case .malformed? = try desk.verify(text, allowed: "ann \(key)").refusal else {
        Issue.record("\(text)")
        continue
      }
    }
  }

  @Test func namesThatCannotBeHandedOnVerifyNothing() throws {
    for name in ["", "ann\nbob", "ann\0"] {
      #expect(throws: SSHKeygenError.unusable(part: "the name of the signer")) {
        try desk.verify(signature, by: name, allowed: "ann \(key)")
      }
      #expect(throws: SSHKeygenError.unusable(part: "the namespace")) { try desk.sign("key", namespace: name) }
    }
  }

  /// Asks a script in the place of ssh-keygen, which stands in a directory of its own.
  private func ask(_ script: String, _ variables: [(String, String)] = []) throws -> SignatureVerdict {
    desk.directory.write("bin/ssh-keygen", "#!/bin/sh\n" + script, mode: 0o755)
    let keygen = SSHKeygen(
      variables: variables + [("PATH", desk.directory.path("bin"))], directory: desk.directory.path("work"))
    return try keygen.verify(
      SigningDesk.message, signature: signature, namespace: SigningDesk.namespace, identity: "ann",
      allowedSigners: "ann \(key)", revokedKeys: "", at: SigningDesk.noon)
  }

  @Test func aProgramThatSaysGoodAndFailsIsNotBelieved() throws {
    #expect(try ask("echo 'Good signature with key \(fingerprint)'; exit 1").refusal == .altered)
    #expect(throws: SSHKeygenError.interrupted) { try ask("kill -KILL $$") }
    #expect(desk.remains == "kept\n")
  }

  @Test func itsFilesArePrivateAndItsEnvironmentIsBare() throws {
    let script = """
      /usr/bin/env >>"$0.environment"
      for word; do case $word in /*) /usr/bin/stat -c '%a' "$word" "${word%/*}" >>"$0.modes";; esac; done
      /usr/bin/stat -L -c '%a' /proc/self/fd/0 /proc/self/fd/2 >>"$0.modes"
      exit 1

      """
    let hostile = [
      ("TZ", "Asia/Tokyo"), ("LC_ALL", "de_DE"), ("LD_PRELOAD", ""), ("OPENSSL_CONF", "/x"), ("HOME", "/x"),
    ]
    #expect(try ask(script, hostile).refusal == .altered)
    let modes = try #require(desk.directory.read("bin/ssh-keygen.modes")).split(separator: "\n")
    #expect(modes.count == 3 * 2 + 2 + 1 * 2 + 2)
    #expect(Set(modes) == ["600", "700"])
    let variables = try #require(desk.directory.read("bin/ssh-keygen.environment")).split(separator: "\n").map(
      String.init)
    // The shell adds where it is.
    let given = Set(variables.filter { !$0.hasPrefix("PWD=") })
    #expect(given == Set(["LC_ALL=C", "TZ=UTC0", "PATH=" + desk.directory.path("bin")]))
  }

  @Test func filesThatCannotBeMadeVerifyNothing() {
    let keygen = SSHKeygen(variables: [("PATH", SigningDesk.searchPath)], directory: "/no/such")
    #expect(throws: SSHKeygenError.files("/no/such: No such file or directory")) {
      try keygen.sign([], namespace: "x", key: desk.directory.path("key"))
    }
  }
}
