import Glibc

extension SSHKeygen {
  /// Signs a message, and gives the text of the signature.
  ///
  /// An agent that has the key is asked first. A passphrase is asked for at the terminal, where there is one.
  ///
  /// - Parameters:
  ///   - namespace: What it is signed for, such as `approval@belay`; it counts for nothing else.
  ///   - path: The file of a private key; or of a public key or a certificate, whose private half is beside it or in an
  ///     agent, which may have it from a PKCS#11 device.
  package func sign(
    _ message: [UInt8], namespace: String, key path: String
  ) throws(SSHKeygenError) -> String {
    try Self.check(namespace, "the namespace")
    try Self.check(path, "the path of the key")
    let program = try program()
    let key = try KeyFile(path)
    let needsAgent = key.publicKey != nil && !Self.hasPrivateHalf(path)
    if needsAgent, value(of: "SSH_AUTH_SOCK") == nil { throw .noAgent(path: path) }
    let folder = try PrivateFolder(below: directory)
    try folder.write(.message, message)
    var arguments = ["-q", "-Y", "sign", "-f", path, "-n", namespace]
    if needsAgent { arguments.append("-U") }
    // The message is in a file: where ssh-keygen finds no terminal it reads a passphrase from standard input.
    let hasTerminal = Self.hasTerminal
    let run = try KeygenRun(
      program, arguments + [folder.path(.message)], variables: variables,
      input: hasTerminal ? Self.terminal : "/dev/null", company: .person, in: folder)
    guard run.status == 0, let text = folder.read(.made) else {
      throw Self.error(run.errors, path: path, key: key.publicKey, hasTerminal: hasTerminal)
    }
    do throws(SSHSignature.Flaw) {
      let signature = try SSHSignature(armored: text)
      guard signature.namespace.utf8.elementsEqual(namespace.utf8),
        key.publicKey == nil || key.publicKey == signature.publicKey
      else { throw SSHSignature.Flaw(reason: "it is of another key, or for something else") }
      return signature.armored
    } catch {
      throw .failed("it made a signature that is malformed: \(error.reason)")
    }
  }

  private static let terminal = "/dev/tty"

  /// Whether this process has a terminal to ask at.
  private static var hasTerminal: Bool {
    let descriptor = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    close(descriptor)
    return true
  }

  /// Whether ssh-keygen finds the private half of a public key's file without an agent: by the name alone.
  private static func hasPrivateHalf(_ path: String) -> Bool {
    path.hasSuffix(".pub") && access(String(path.dropLast(4)), F_OK) == 0
  }

  /// What a failure means; only its explanation hangs on ssh-keygen's words.
  private static func error(
    _ words: String, path: String, key: SSHPublicKey?, hasTerminal: Bool
  ) -> SSHKeygenError {
    if words.contains("UNPROTECTED PRIVATE KEY") { return .exposedKey(path: path) }
    if words.contains("incorrect passphrase") {
      return hasTerminal ? .wrongPassphrase(path: path) : .needsPassphrase(path: path)
    }
    if words.contains("agent refused operation") || words.contains("communication with agent failed") {
      return .agentRefused(path: path)
    }
    if words.contains("get agent socket") { return .noAgent(path: path) }
    // Older ones say "No private key found" of an agent, too.
    if words.contains("find key in agent") || key != nil && words.contains("No private key found") {
      return .notInAgent(path: path, fingerprint: key?.fingerprint)
    }
    return .failed(words.isEmpty ? "it says nothing" : SSHKeygen.oneLine(words))
  }

  /// Its words in one line, and not more than somebody reads.
  static func oneLine(_ words: String) -> String {
    let line = words.split { $0.isNewline }.joined(separator: "; ")
    return line.count <= 400 ? line : line.prefix(400) + "…"
  }
}

/// A file that a person names as the key.
private struct KeyFile {
  /// What it holds; nil where that is a private key.
  let publicKey: SSHPublicKey?

  /// The longest public key or certificate that is read.
  private static let limit = 64 << 10
  private static let privateMark = Array("-----BEGIN ".utf8)

  /// Looks into the file; of a private key nothing but its first words is read.
  init(_ path: String) throws(SSHKeygenError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .noKey(path: path, reason: errorText(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .noKey(path: path, reason: "it is no regular file")
    }
    if Self.bytes(descriptor, Self.privateMark.count) == Self.privateMark {
      publicKey = nil
      return
    }
    let text = String(decoding: Self.bytes(descriptor, Self.limit), as: UTF8.self)
    guard let line = text.split(whereSeparator: \.isNewline).first, let key = SSHPublicKey(line: line) else {
      throw .notAKey(path: path)
    }
    publicKey = key
  }

  /// The first bytes of a file.
  private static func bytes(_ descriptor: Int32, _ limit: Int) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    return Array(buffer[..<max(0, pread(descriptor, &buffer, limit, 0))])
  }
}
