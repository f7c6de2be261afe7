/// What came of verifying a signature.
package enum SignatureVerdict: Sendable, Hashable {
  /// The person's key made it over this message, and was allowed to at that time.
  case valid(SSHPublicKey)
  /// It counts for nothing.
  case refused(SignatureRefusal)
}

/// Why a signature does not count.
package enum SignatureRefusal: Error, Sendable, Hashable {
  /// It is no signature.
  case malformed(String)
  /// It was made for something else.
  case otherNamespace(String)
  /// The message or the signature is not as it was when it was signed.
  case altered
  /// The key that made it is revoked, or the authority that vouched for the key.
  case revoked(fingerprint: String)
  /// The time is before the person's key counts; when it does, where that is known.
  case notYetValid(fingerprint: String, from: String?)
  /// The time is after the person's key counted; until when it did, where that is known.
  case noLongerValid(fingerprint: String, until: String?)
  /// The person's key must not sign for this namespace.
  case namespaceNotAllowed(fingerprint: String)
  /// The authority is one that is trusted, and the certificate does not hold for the person or the time.
  case certificate(String)
  /// A line for the person cannot be read.
  case unreadableLine(Int, String)
  /// The key is not the person's; the patterns of those whose it is.
  case otherKey(fingerprint: String, of: [String])

  /// The reason, for people.
  package var reason: String {
    switch self {
    case .malformed(let reason): "the signature is malformed: \(reason)"
    case .otherNamespace(let name): "it was signed for \"\(name)\", which is something else"
    case .altered: "the message or the signature was altered after it was signed"
    case .revoked(let fingerprint): "the key \(fingerprint) is revoked"
    case .notYetValid(let fingerprint, let from):
      "the key \(fingerprint) is not valid yet" + (from.map { ", but from \($0) on" } ?? "")
    case .noLongerValid(let fingerprint, let until):
      "the key \(fingerprint) is no longer valid" + (until.map { ", but was until \($0)" } ?? "")
    case .namespaceNotAllowed(let fingerprint): "the key \(fingerprint) must not be used for this"
    case .certificate(let reason): "its certificate does not hold: \(reason)"
    case .unreadableLine(let line, let reason): "line \(line) of the allowed signers cannot be read: \(reason)"
    case .otherKey(let fingerprint, let names) where names.isEmpty: "the key \(fingerprint) is nobody's who may sign"
    case .otherKey(let fingerprint, let names):
      "the key \(fingerprint) is not theirs, but that of \(names.joined(separator: ", "))"
    }
  }
}
