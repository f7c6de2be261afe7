import RunbookExecutor

/// Verifies people's signatures with ssh-keygen.
package struct SSHSignatureChecker: SignatureChecker {
  private let keygen: SSHKeygen

  package init(_ keygen: SSHKeygen) { self.keygen = keygen }

  package func verify(
    _ message: [UInt8], signature: String, namespace: String, principal: String, allowedSigners: String,
    revoked: String?, at time: Int64
  ) -> SignatureFinding {
    do throws(SSHKeygenError) {
      let verdict = try keygen.verify(
        message, signature: signature, namespace: namespace, identity: principal, allowedSigners: allowedSigners,
        revokedKeys: revoked, at: time)
      switch verdict {
      case .valid(let key): return .valid(fingerprint: key.fingerprint)
      case .refused(.otherKey(let fingerprint, let names)):
        return .otherKey(SignatureRefusal.otherKey(fingerprint: fingerprint, of: names).reason)
      // A certificate names whom it holds for; it may hold for somebody else.
      case .refused(.certificate(let reason)): return .otherKey(SignatureRefusal.certificate(reason).reason)
      case .refused(let refusal): return .refused(refusal.reason)
      }
    } catch {
      return .unable("it cannot be verified: \(error.message)")
    }
  }

  package func key(of signature: String) -> String? {
    guard let key = try? SSHSignature(armored: signature).publicKey, !key.isCertificate else { return nil }
    return key.base64
  }
}
