import Crypto
import Expressions

/// A private key with the name it signs under; it cannot be printed.
package struct SigningKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey
  /// What others check its signatures with.
  package let verifier: VerifierKey

  /// Makes a new key; nil where the name cannot be one.
  package init?(generatedFor name: String, kind: VerifierKey.Kind) {
    self.init(name: name, kind: kind, key: Curve25519.Signing.PrivateKey())
  }

  private init?(name: String, kind: VerifierKey.Kind, key: Curve25519.Signing.PrivateKey) {
    guard let verifier = VerifierKey(name: name, kind: kind, publicKey: Array(key.publicKey.rawRepresentation))
    else { return nil }
    self.key = key
    self.verifier = verifier
  }

  /// Reads the content of a key's file; nil for anything else.
  package init?(fileContent: [UInt8]) {
    let text = String(decoding: fileContent, as: UTF8.self)
    guard text.last == "\n" else { return nil }
    let parts = text.dropLast().split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", let bytes = Base64.decode(parts[4]),
      let first = bytes.first, let kind = VerifierKey.Kind(rawValue: first),
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Array(bytes.dropFirst()))
    else { return nil }
    self.init(name: String(parts[2]), kind: kind, key: key)
    guard VerifierKey.hex(verifier.id) == parts[3] else { return nil }
  }

  /// What a key's file holds: `PRIVATE+KEY+name+id+seed`.
  package var fileContent: [UInt8] {
    let seed = Base64.encode([verifier.kind.rawValue] + Array(key.rawRepresentation))
    return Array("PRIVATE+KEY+\(verifier.name)+\(VerifierKey.hex(verifier.id))+\(seed)\n".utf8)
  }

  /// The 64 bytes of a signature.
  func sign(_ message: [UInt8]) throws(JournalError) -> [UInt8] {
    do {
      return Array(try key.signature(for: message))
    } catch {
      throw .signing("the signature cannot be made: \(error)")
    }
  }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "the private key of \(verifier.name)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
