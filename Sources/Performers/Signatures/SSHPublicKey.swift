import Expressions
import Journal

/// A public key as SSH writes it, or a certificate for one (OpenSSH's PROTOCOL.certkeys).
package struct SSHPublicKey: Sendable, Hashable {
  /// The name of its type, such as `ssh-ed25519`.
  package let type: String
  /// `SHA256:` and the hash without padding, as ssh-keygen shows it; a certificate's is that of its key.
  package let fingerprint: String
  /// The binary form.
  package let blob: [UInt8]

  /// What stands in front of the number in the name of a certificate's type.
  private static let certificateMark = "-cert-v"
  /// The types of certificates: their keys' types, and of how many strings such a key consists.
  private static let certificates: [String: (type: String, parts: Int)] = [
    "ssh-ed25519-cert-v01@openssh.com": ("ssh-ed25519", 1),
    "ssh-rsa-cert-v01@openssh.com": ("ssh-rsa", 2),
    "ecdsa-sha2-nistp256-cert-v01@openssh.com": ("ecdsa-sha2-nistp256", 2),
    "ecdsa-sha2-nistp384-cert-v01@openssh.com": ("ecdsa-sha2-nistp384", 2),
    "ecdsa-sha2-nistp521-cert-v01@openssh.com": ("ecdsa-sha2-nistp521", 2),
    "sk-ssh-ed25519-cert-v01@openssh.com": ("sk-ssh-ed25519@openssh.com", 2),
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": ("sk-ecdsa-sha2-nistp256@openssh.com", 3),
  ]

  /// Reads the binary form; nil where it is none.
  package init?(blob: [UInt8]) {
    var reader = SSHWireReader(blob[...])
    guard let type = reader.text(), !type.isEmpty else { return nil }
    var key = blob
    if let plain = Self.certificates[type] {
      // A certificate begins with a nonce; then comes what a key has after its type.
      guard reader.string() != nil else { return nil }
      key = Self.string(Array(plain.type.utf8)[...])
      for _ in 0..<plain.parts {
        guard let part = reader.string() else { return nil }
        key += Self.string(part)
      }
    } else {
      guard !type.contains(Self.certificateMark) else { return nil }
      var parts = 0
      while !reader.isAtEnd {
        guard reader.string() != nil else { return nil }
        parts += 1
      }
      guard parts > 0 else { return nil }
    }
    self.type = type
    self.blob = blob
    self.fingerprint = "SHA256:" + ContentHash(of: key).base64.prefix { $0 != "=" }
  }

  /// Reads a line of a `.pub` file: the type, the key in base64 and a comment, divided by blanks; nil where it is none.
  package init?(line: some StringProtocol) {
    let words = line.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
    guard words.count >= 2, let blob = Base64.decode(words[1]), let key = SSHPublicKey(blob: blob),
      key.type.utf8.elementsEqual(words[0].utf8)
    else { return nil }
    self = key
  }

  /// The binary form in base64, as it stands in a line.
  var base64: String { Base64.encode(blob) }

  /// Whether it is a certificate.
  package var isCertificate: Bool { type.contains(Self.certificateMark) }

  private static func string(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
  }
}
