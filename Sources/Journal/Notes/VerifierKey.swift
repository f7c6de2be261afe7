import Crypto
import Expressions

/// A public key with the name it signs under (C2SP signed-note).
package struct VerifierKey: Hashable, Sendable {
  /// What a key's signatures are over.
  package enum Kind: UInt8, Sendable {
    /// Ed25519 over the note's text.
    case note = 1
    /// Ed25519 over the note's text and a time: a witness's cosignature (C2SP tlog-cosignature).
    case cosignature = 4
  }

  /// The name: not empty, without blanks and plus signs.
  package let name: String
  /// What its signatures are over.
  package let kind: Kind
  /// The 32 bytes of the Ed25519 key.
  package let publicKey: [UInt8]
  /// The first four bytes of the SHA-256 of name, line break, kind and key.
  package let id: UInt32

  package init?(name: String, kind: Kind, publicKey: [UInt8]) {
    guard Self.isName(name), publicKey.count == 32 else { return nil }
    self.name = name
    self.kind = kind
    self.publicKey = publicKey
    let hash = ContentHash(of: Array(name.utf8) + [0x0A, kind.rawValue] + publicKey)
    id = (0..<4).reduce(0) { $0 << 8 | UInt32(hash.bytes[$1]) }
  }

  /// Reads `name+id+key`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = Base64.decode(parts[2]), let first = bytes.first,
      let kind = Kind(rawValue: first)
    else { return nil }
    self.init(name: String(parts[0]), kind: kind, publicKey: Array(bytes.dropFirst()))
    guard Self.hex(id) == parts[1] else { return nil }
  }

  /// Whether a text can name a key.
  package static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
      && text.unicodeScalars.allSatisfy {
        $0 != "+" && $0.value > 0x20 && $0.value != 0x7F && !$0.properties.isWhitespace
      }
  }

  static func hex(_ id: UInt32) -> String {
    let digits = String(id, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Whether this key has signed the message.
  func isValid(_ signature: some Collection<UInt8>, for message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
    return key.isValidSignature(Array(signature), for: message)
  }
}

extension VerifierKey: CustomStringConvertible {
  /// `name+id+key`, as it is handed to others.
  package var description: String { "\(name)+\(Self.hex(id))+\(Base64.encode([kind.rawValue] + publicKey))" }
}
