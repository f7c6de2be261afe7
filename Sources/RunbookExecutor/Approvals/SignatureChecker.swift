import RunbookParser

/// What a signature was found to be worth.
package enum SignatureFinding: Sendable, Equatable {
  /// It is good; the key's fingerprint.
  case valid(fingerprint: String)
  /// It is not, for this reason.
  case refused(String)
  /// Nobody can tell: what verifies it could not be asked, for this reason.
  case unable(String)
  /// It was made by somebody else's key, or nobody's; why it does not count.
  case otherKey(String)
}

/// Verifies signatures by the keys of people, in OpenSSH's formats.
package protocol SignatureChecker: Sendable {
  /// Whether a principal has signed a message for a namespace; blocks.
  ///
  /// - Parameters:
  ///   - revoked: Public keys that are not accepted any more; none if nil.
  ///   - time: When the key must be valid, in milliseconds since the epoch.
  func verify(
    _ message: [UInt8], signature: String, namespace: String, principal: String, allowedSigners: String,
    revoked: String?, at time: Int64
  ) -> SignatureFinding

  /// The public key that a signature names, in base64; nil where it names a certificate, or cannot be read.
  func key(of signature: String) -> String?
}

/// Who of a project's people made a signature.
package struct SignerSearch: Sendable {
  /// Who it was, and the key's fingerprint; or why that cannot be said.
  package enum Result: Sendable, Equatable {
    case person(String, fingerprint: String)
    case nobody(String)
    /// It cannot be told now, for this reason.
    case unable(String)
  }

  private let people: [(name: String, principal: String)]
  private let allowedSigners: String
  private let revoked: String?
  private let checker: any SignatureChecker

  package init(
    people: [(name: String, principal: String)], allowedSigners: String, revoked: String?,
    checker: any SignatureChecker
  ) {
    self.people = people
    self.allowedSigners = allowedSigners
    self.revoked = revoked
    self.checker = checker
  }

  /// Those who may have made a signature: the ones whose lines have its key. Where that is nobody, somebody is asked about
  /// all the same, for the reason.
  private func candidates(for signature: String) -> [(name: String, principal: String)] {
    guard let key = checker.key(of: signature) else { return people }
    let lines = AllowedSigners(allowedSigners).lines.filter { $0.key == key }
    let named = people.filter { person in lines.contains { $0.names(person.principal) != false } }
    return named.isEmpty ? Array(people.prefix(1)) : named
  }

  /// The one person whose key signed a message. A key that is several people's proves nothing.
  package func signer(
    of message: String, signature: String, namespace: String, at time: Int64
  ) -> Result {
    var found: [(name: String, fingerprint: String)] = []
    var reason: String?
    for person in candidates(for: signature) {
      switch checker.verify(
        Array(message.utf8), signature: signature, namespace: namespace, principal: person.principal,
        allowedSigners: allowedSigners, revoked: revoked, at: time)
      {
      case .valid(let fingerprint): found.append((person.name, fingerprint))
      case .refused(let why): return .nobody(why)
      case .unable(let why): return .unable(why)
      case .otherKey(let why): reason = reason ?? why
      }
    }
    if found.count > 1 {
      return .nobody("its key is that of several people: \(found.map(\.name).joined(separator: ", "))")
    }
    guard let one = found.first else { return .nobody(reason ?? "the project names nobody") }
    return .person(one.name, fingerprint: one.fingerprint)
  }
}
