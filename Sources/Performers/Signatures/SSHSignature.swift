import Expressions
import Journal

/// A signature that `ssh-keygen -Y sign` makes (OpenSSH's PROTOCOL.sshsig), read but not verified.
package struct SSHSignature: Sendable, Hashable {
  /// Whose it says it is.
  package let publicKey: SSHPublicKey
  /// What it says it was made for.
  package let namespace: String
  /// What the message was hashed with: `sha256` or `sha512`.
  package let hashAlgorithm: String
  private let blob: [UInt8]

  /// The longest text that is read, in bytes: some times what the longest keys and certificates make.
  private static let limit = 64 << 10
  private static let begin = "-----BEGIN SSH SIGNATURE-----"
  private static let end = "-----END SSH SIGNATURE-----"
  private static let magic = Array("SSHSIG".utf8)
  private static let version: UInt32 = 1
  /// The characters in a line, as ssh-keygen writes it.
  private static let lineLength = 70
  /// The longest line that is read.
  private static let longestLine = 76

  /// Why a text is no signature.
  package struct Flaw: Error, Sendable, Hashable {
    /// The words, to follow "the signature is malformed: ".
    package let reason: String
  }

  /// Reads the text between its two marks; only one text stands for a signature, but for the length of the lines and the
  /// line feed at its end.
  package init(armored text: String) throws(Flaw) {
    guard text.utf8.count <= Self.limit else { throw Flaw(reason: "it is longer than \(Self.limit) bytes") }
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard let first = lines.first, first.elementsEqual(Self.begin.utf8) else {
      throw Flaw(reason: "it does not begin with the line \(Self.begin)")
    }
    guard lines.count > 2, let last = lines.last, last.elementsEqual(Self.end.utf8) else {
      throw Flaw(reason: "it does not end with the line \(Self.end)")
    }
    let body = lines[1..<(lines.count - 1)]
    let length = body.first?.count ?? 0
    guard length <= Self.longestLine, body.dropLast().allSatisfy({ $0.count == length }),
      let rest = body.last?.count, rest > 0, rest <= length
    else { throw Flaw(reason: "its lines are not of one length") }
    guard let blob = Base64.decode(String(decoding: body.joined(), as: UTF8.self)) else {
      throw Flaw(reason: "it is not base64")
    }
    try self.init(blob: blob)
  }

  private init(blob: [UInt8]) throws(Flaw) {
    var reader = SSHWireReader(blob[...])
    guard reader.skips(Self.magic) else { throw Flaw(reason: "it does not begin with SSHSIG") }
    guard let version = reader.uint32(), version == Self.version else {
      throw Flaw(reason: "it is not of version \(Self.version)")
    }
    guard let key = reader.string(), let publicKey = SSHPublicKey(blob: Array(key)) else {
      throw Flaw(reason: "it holds no public key")
    }
    guard let namespace = reader.text(), !namespace.isEmpty else { throw Flaw(reason: "it holds no namespace") }
    // It is not signed, and for versions to come.
    guard let reserved = reader.string(), reserved.isEmpty else {
      throw Flaw(reason: "it holds something of a later version")
    }
    guard let hashAlgorithm = reader.text(), ["sha256", "sha512"].contains(hashAlgorithm) else {
      throw Flaw(reason: "it names no hash that is known")
    }
    guard let signature = reader.string(), !signature.isEmpty, reader.isAtEnd else {
      throw Flaw(reason: "it is cut off, or something follows it")
    }
    self.publicKey = publicKey
    self.namespace = namespace
    self.hashAlgorithm = hashAlgorithm
    self.blob = blob
  }

  /// The text as ssh-keygen writes it.
  package var armored: String {
    let digits = Array(Base64.encode(blob).utf8)
    var lines = [Self.begin]
    for start in stride(from: 0, to: digits.count, by: Self.lineLength) {
      lines.append(String(decoding: digits[start..<min(start + Self.lineLength, digits.count)], as: UTF8.self))
    }
    lines.append(Self.end)
    return lines.map { $0 + "\n" }.joined()
  }
}
