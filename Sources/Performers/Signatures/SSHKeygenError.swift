/// Why ssh-keygen signed nothing, or could not be asked.
package enum SSHKeygenError: Error, Sendable, Hashable {
  /// The program cannot be found or run.
  case noProgram(SpawnError)
  /// The key's file cannot be read.
  case noKey(path: String, reason: String)
  /// The file holds neither a private nor a public key.
  case notAKey(path: String)
  /// Others may read the private key, and ssh-keygen does not use such a one.
  case exposedKey(path: String)
  /// The private key has a passphrase, and there is no terminal to ask for it.
  case needsPassphrase(path: String)
  /// The passphrase that was typed is not the private key's.
  case wrongPassphrase(path: String)
  /// The file is a public key, its private half is not beside it, and there is no agent.
  case noAgent(path: String)
  /// The agent does not have the private half.
  case notInAgent(path: String, fingerprint: String?)
  /// The agent has the private half and did not sign.
  case agentRefused(path: String)
  /// A list of revoked keys has a line that is none, so that nobody knows what it revokes.
  case unreadableRevokedKeys(line: Int)
  /// A time that no year of four digits has, in milliseconds since 1970.
  case timeOutOfRange(Int64)
  /// A text cannot be handed to ssh-keygen.
  case unusable(part: String)
  /// It was ended by a signal, an interrupt at the terminal mostly.
  case interrupted
  /// It did not answer within the time, in milliseconds.
  case unanswered(Int64)
  /// The files for it cannot be made.
  case files(String)
  /// Anything else, in its own words.
  case failed(String)

  /// What went wrong, and what to do about it.
  package var message: String {
    switch self {
    case .noProgram(let error): "signatures need OpenSSH's ssh-keygen: \(error.message)"
    case .noKey(let path, let reason): "the key \(path) cannot be read: \(reason)"
    case .notAKey(let path): "\(path) is neither a private nor a public SSH key; name a file such as ~/.ssh/id_ed25519"
    case .exposedKey(let path):
      "others may read the private key \(path): `chmod 600` it, and think of whether somebody has"
    case .needsPassphrase(let path):
      "the key \(path) has a passphrase, and there is no terminal to ask for it: `ssh-add` it to an agent first"
    case .wrongPassphrase(let path): "that is not the passphrase of the key \(path): try again"
    case .noAgent(let path):
      "the private half of \(path) is not beside it, and no agent answers: start `ssh-agent`, or set SSH_AUTH_SOCK"
    case .notInAgent(let path, let fingerprint):
      "the agent does not have the key \(fingerprint.map { "\($0) of " } ?? "")\(path): "
        + "`ssh-add` it, or `ssh-add -s` the library of its device"
    case .agentRefused(let path):
      "the agent refused to sign with the key \(path): it may be locked, want to be confirmed, or its device is gone"
    case .unreadableRevokedKeys(let line):
      "line \(line) of the revoked keys is not a public key, so that nothing can be verified: mend it"
    case .timeOutOfRange(let time): "signatures cannot be verified for the time \(time)"
    case .unusable(let part): "\(part) is empty or contains a control character"
    case .interrupted: "ssh-keygen was interrupted, and signed or verified nothing"
    case .unanswered(let milliseconds): "ssh-keygen did not answer within \(milliseconds / 1000) seconds"
    case .files(let reason): "the files for ssh-keygen cannot be made: \(reason)"
    case .failed(let words): "ssh-keygen failed: \(words)"
    }
  }
}
