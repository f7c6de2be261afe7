import Expressions

/// A text and who has signed it (C2SP signed-note).
package struct SignedNote: Hashable, Sendable {
  /// One line below the text.
  package struct Signature: Hashable, Sendable {
    /// The name of the key.
    package let name: String
    /// The first four bytes of the key's hash.
    package let keyID: UInt32
    /// What follows them.
    package let bytes: [UInt8]
  }

  /// The most signatures that a note is read with.
  package static let signatureLimit = 64

  /// The text, which ends in a line break.
  package let text: String
  /// The signatures, in order.
  package private(set) var signatures: [Signature]

  package init(text: String, signatures: [Signature] = []) {
    self.text = text
    self.signatures = signatures
  }

  /// Reads a note; nil where it is not one.
  package init?(_ content: String) {
    let bytes = Array(content.utf8)
    guard bytes.last == 0x0A, !bytes.contains(where: { $0 < 0x20 && $0 != 0x0A }),
      let end = bytes.indices.last(where: { $0 > 0 && bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A })
    else { return nil }
    var signatures: [Signature] = []
    for line in bytes[(end + 1)...].dropLast().split(separator: 0x0A, omittingEmptySubsequences: false) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "—", VerifierKey.isName(String(words[1])),
        let value = Base64.decode(words[2]), value.count > 4, signatures.count < Self.signatureLimit
      else { return nil }
      signatures.append(
        Signature(
          name: String(words[1]), keyID: value.prefix(4).reduce(0) { $0 << 8 | UInt32($1) },
          bytes: Array(value.dropFirst(4))))
    }
    guard !signatures.isEmpty else { return nil }
    self.init(text: String(decoding: bytes[..<end], as: UTF8.self), signatures: signatures)
    // Only what is written as it would be written is read, so that no byte of a note can change unnoticed.
    guard description.utf8.elementsEqual(bytes) else { return nil }
  }

  /// Adds the signature of a log's key.
  package mutating func sign(with key: SigningKey) throws(JournalError) {
    add(try key.sign(Array(text.utf8)), of: key.verifier)
  }

  /// Adds a witness's signature.
  ///
  /// - Parameter time: Seconds since the epoch.
  package mutating func cosign(with key: SigningKey, at time: Int64) throws(JournalError) {
    let signature = try key.sign(Self.cosigned(text, at: time))
    let stamp = (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * $0)) }
    add(stamp + signature, of: key.verifier)
  }

  private mutating func add(_ bytes: [UInt8], of key: VerifierKey) {
    signatures.append(Signature(name: key.name, keyID: key.id, bytes: bytes))
  }

  /// Adds signatures of another copy of the same text that are not there yet.
  package mutating func merge(_ other: SignedNote) {
    for signature in other.signatures where other.text == text && !signatures.contains(signature) {
      signatures.append(signature)
    }
  }

  /// Whether a log's key has signed the text.
  package func isSigned(by key: VerifierKey) -> Bool {
    guard key.kind == .note else { return false }
    return signatures.contains {
      $0.name == key.name && $0.keyID == key.id && key.isValid($0.bytes, for: Array(text.utf8))
    }
  }

  /// When a witness has signed the text, in seconds since the epoch; nil where it has not.
  package func cosigningTime(of key: VerifierKey) -> Int64? {
    guard key.kind == .cosignature else { return nil }
    for signature in signatures where signature.name == key.name && signature.keyID == key.id {
      guard signature.bytes.count == 72 else { continue }
      let time = signature.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
      guard time <= UInt64(Int64.max) else { continue }
      if key.isValid(signature.bytes.dropFirst(8), for: Self.cosigned(text, at: Int64(time))) { return Int64(time) }
    }
    return nil
  }

  private static func cosigned(_ text: String, at time: Int64) -> [UInt8] {
    Array("cosignature/v1\ntime \(time)\n\(text)".utf8)
  }
}

extension SignedNote: CustomStringConvertible {
  /// The note as it is written.
  package var description: String {
    text + "\n"
      + signatures.map { signature in
        let id = (0..<4).map { UInt8(truncatingIfNeeded: signature.keyID >> (24 - 8 * $0)) }
        return "— \(signature.name) \(Base64.encode(id + signature.bytes))\n"
      }.joined()
  }
}
