import Expressions
import Journal
import Performers
import Testing

/// The example is one that ssh-keygen made.
@Suite struct SSHSignatureTests {
  private static let body = [
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgQvXsJ2ktfyP9Igzim5laAM/PvD",
    "VasAeo81s4yMsO8m4AAAAEbnNAeAAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx",
    "OQAAAECP9AqxiUKr1iMM6PEGx4tgBnKzi9A+W0+5I+ZKkoFOx10cqbTqbxDtal4bxAJ8Cf",
    "esRs1P0Zn3s27B4qbvqQ4G",
  ]
  private static let begin = "-----BEGIN SSH SIGNATURE-----"
  private static let end = "-----END SSH SIGNATURE-----"

  private static func text(_ body: [String], separator: String = "\n", last: String = "\n") -> String {
    ([begin] + body + [end]).joined(separator: separator) + last
  }

  @Test func itsPartsAreRead() throws {
    let signature = try SSHSignature(armored: Self.text(Self.body))
    #expect(signature.namespace == "ns@x")
    #expect(signature.hashAlgorithm == "sha512")
    #expect(signature.publicKey.type == "ssh-ed25519")
    #expect(signature.publicKey.fingerprint == "SHA256:47ObxpMReNUcCIBro/X+/0Z3yb6AVnniFev9giik9Rg")
    #expect(signature.armored == Self.text(Self.body))
  }

  @Test func linesOfAnotherLengthAreReadAndNoOtherForm() throws {
    let digits = Array(Self.body.joined())
    let wrapped = stride(from: 0, to: digits.count, by: 64).map { String(digits[$0..<min($0 + 64, digits.count)]) }
    #expect(try SSHSignature(armored: Self.text(wrapped, last: "")).armored == Self.text(Self.body))
    var short = Self.body
    short[1].removeLast()
    for text in [
      Self.text(Self.body, separator: "\r\n"), " " + Self.text(Self.body), Self.text(Self.body) + "\n",
      Self.text(Self.body + [""]), Self.text([Self.body.joined()]), Self.text(short), Self.text([]), Self.begin,
      Self.begin + "\n" + Self.end, Self.text(Self.body.map { $0 + "=" }), Self.text([""]),
      Self.text(Self.body) + String(repeating: "\n", count: 1 << 20),
    ] {
      #expect(throws: SSHSignature.Flaw.self) { try SSHSignature(armored: text) }
    }
  }

  /// OpenSSH reads over what is reserved, which nobody signed.
  @Test func whatNobodySignedIsNotReadOver() throws {
    let blob = try #require(Base64.decode(Self.body.joined()))
    let reserved = try #require(blob.indices.first { blob[$0...].starts(with: "ns@x".utf8) }) + 4
    for forged in [
      Array(blob[..<reserved]) + [0, 0, 0, 1, 0x78] + blob[(reserved + 4)...], blob + [0], Array(blob.dropLast()),
    ] {
      let digits = Array(Base64.encode(forged))
      let body = stride(from: 0, to: digits.count, by: 70).map { String(digits[$0..<min($0 + 70, digits.count)]) }
      #expect(throws: SSHSignature.Flaw.self) { try SSHSignature(armored: Self.text(body)) }
    }
  }

  @Test func nothingThatIsCutOffIsRead() {
    let text = Array(Self.text(Self.body).utf8)
    for count in 0..<(text.count - 1) {
      #expect(throws: SSHSignature.Flaw.self) {
        try SSHSignature(armored: String(decoding: text[..<count], as: UTF8.self))
      }
    }
  }

  @Test func keysAreReadFromLines() {
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEL17CdpLX8j/SIM4puZWgDPz7w1WrAHqPNbOMjLDvJu"
    let key = SSHPublicKey(line: line)
    #expect(key?.fingerprint == "SHA256:47ObxpMReNUcCIBro/X+/0Z3yb6AVnniFev9giik9Rg")
    #expect(SSHPublicKey(line: line + " ann at home") == key)
    for other in [
      "", "ssh-ed25519", "ssh-rsa " + line.dropFirst(12), line.dropLast(4) + "", "x " + line, line + "AAAA",
    ] {
      #expect(SSHPublicKey(line: other) == nil, "\(other)")
    }
    #expect(SSHPublicKey(blob: []) == nil)
    #expect(SSHPublicKey(blob: [0, 0, 0, 1, 0x61, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
    #expect(SSHPublicKey(blob: [0xFF, 0xFF, 0xFF, 0xFF]) == nil)
  }
}
