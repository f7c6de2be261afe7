import Glibc

extension SSHKeygen {
  /// How long ssh-keygen may take, in milliseconds.
  private static let patience: Int64 = 60_000

  /// Says whether a person's key made a signature over a message, and was allowed to at a time.
  ///
  /// ssh-keygen decides, by its exit status alone; its words only explain a refusal. Throws where it could not be asked,
  /// which is no verdict: nothing is verified then.
  ///
  /// - Parameters:
  ///   - identity: Whose it has to be; `allowedSigners` has patterns for such names.
  ///   - allowedSigners: Whose which key is (ssh-keygen(1), "ALLOWED SIGNERS"). Times without a `Z` are UTC, whatever
  ///     this machine's zone is.
  ///   - revokedKeys: Public keys, one a line, that count for nothing; comments begin with `#`.
  ///   - time: When it has to be valid, in milliseconds since 1970; both ends of a key's time belong to it.
  package func verify(
    _ message: [UInt8], signature text: String, namespace: String, identity: String, allowedSigners: String,
    revokedKeys: String? = nil, at time: Int64
  ) throws(SSHKeygenError) -> SignatureVerdict {
    try Self.check(namespace, "the namespace")
    try Self.check(identity, "the name of the signer")
    if let revokedKeys { try Self.check(revokedKeys: revokedKeys) }
    let signature: SSHSignature
    do throws(SSHSignature.Flaw) {
      signature = try SSHSignature(armored: text)
    } catch {
      return .refused(.malformed(error.reason))
    }
    guard signature.namespace.utf8.elementsEqual(namespace.utf8) else {
      return .refused(.otherNamespace(signature.namespace))
    }
    let folder = try PrivateFolder(below: directory)
    try folder.write(.message, message)
    // What was read is what ssh-keygen gets, written anew.
    try folder.write(.signature, Array(signature.armored.utf8))
    try folder.write(.allowed, Array(allowedSigners.utf8))
    let question = [
      "-Y", "verify", "-f", folder.path(.allowed), "-I", identity, "-n", namespace, "-s", folder.path(.signature),
      "-O", try Self.option(time),
    ]
    var revocation: [String] = []
    if let revokedKeys {
      try folder.write(.revoked, Array(revokedKeys.utf8))
      revocation = ["-r", folder.path(.revoked)]
    }
    let answer = try ask(question + revocation, in: folder)
    let key = signature.publicKey
    if answer.status == 0 {
      // One key that is written in two ways must not count as two.
      guard answer.output.hasSuffix(" \(key.fingerprint)\n") else {
        return .refused(.malformed("its key is not written as OpenSSH writes it"))
      }
      return .valid(key)
    }
    return .refused(
      try refusal(of: signature, namespace: namespace, isRevocable: revokedKeys != nil, question, time, in: folder))
  }

  /// Why ssh-keygen said no, by asking it for less.
  private func refusal(
    of signature: SSHSignature, namespace: String, isRevocable: Bool, _ question: [String], _ time: Int64,
    in folder: borrowing PrivateFolder
  ) throws(SSHKeygenError) -> SignatureRefusal {
    let isSound = try ask(
      ["-Y", "check-novalidate", "-n", namespace, "-s", folder.path(.signature)], in: folder)
    let key = signature.publicKey
    guard isSound.status == 0 else { return .altered }
    let answer = try ask(question, in: folder)
    if answer.status == 0 {
      guard isRevocable else { throw .failed("it answers the same question now so and now so") }
      return .revoked(fingerprint: key.fingerprint)
    }
    if let refusal = Self.refusal(answer.errors, allowed: folder.path(.allowed), key) { return refusal }
    let allowed = folder.read(.allowed) ?? ""
    return .otherKey(
      fingerprint: key.fingerprint, of: try principals(of: key, allowedSigners: allowed, at: time, in: folder))
  }

  /// What ssh-keygen's words about the lines for a person say; nil where they say nothing of why.
  private static func refusal(_ words: String, allowed: String, _ key: SSHPublicKey) -> SignatureRefusal? {
    var unreadable: SignatureRefusal?
    for line in words.split(whereSeparator: \.isNewline) where line.hasPrefix(allowed + ":") {
      let rest = line.dropFirst(allowed.count + 1)
      guard let colon = rest.firstIndex(of: ":"), let number = Int(rest[..<colon]) else { continue }
      let reason = rest[rest.index(after: colon)...].drop { $0 == " " }
      let limit = reason.split(separator: " ").last.map { String($0) + "Z" }
      let fingerprint = key.fingerprint
      if reason.hasPrefix("key is not yet valid") { return .notYetValid(fingerprint: fingerprint, from: limit) }
      if reason.hasPrefix("key has expired") { return .noLongerValid(fingerprint: fingerprint, until: limit) }
      if reason.hasPrefix("key is not permitted for use in signature namespace") {
        return .namespaceNotAllowed(fingerprint: fingerprint)
      }
      let certificate = "certificate not authorized: "
      if reason.hasPrefix(certificate) { return .certificate(String(reason.dropFirst(certificate.count))) }
      unreadable = unreadable ?? .unreadableLine(number, String(reason))
    }
    return unreadable
  }

  // MARK: Names

  /// The patterns of those whose key a signature names, at a time; they may have `*` and `?` in them, or begin with `!`.
  ///
  /// The signature is not verified. Each line with its key counts, those of a certificate's authority too.
  package func principals(
    of signature: SSHSignature, allowedSigners: String, at time: Int64
  ) throws(SSHKeygenError) -> [String] {
    let folder = try PrivateFolder(below: directory)
    try folder.write(.signature, Array(signature.armored.utf8))
    return try principals(of: signature.publicKey, allowedSigners: allowedSigners, at: time, in: folder)
  }

  /// The same, where the folder has the signature; its allowed signers are written over.
  private func principals(
    of key: SSHPublicKey, allowedSigners: String, at time: Int64, in folder: borrowing PrivateFolder
  ) throws(SSHKeygenError) -> [String] {
    var names: [String] = []
    let question = [
      "-Y", "find-principals", "-f", folder.path(.allowed), "-s", folder.path(.signature), "-O", try Self.option(time),
    ]
    // ssh-keygen stops at the first line with the key.
    for bytes in allowedSigners.utf8.split(separator: 0x0A) {
      let line = String(Substring(bytes))
      guard line.contains(key.base64) || key.isCertificate && line.lowercased().contains("cert-authority") else {
        continue
      }
      try folder.write(.allowed, Array((line + "\n").utf8))
      let answer = try ask(question, in: folder)
      guard answer.status == 0 else { continue }
      for name in answer.output.split(separator: "\n") where !names.contains(String(name)) {
        names.append(String(name))
      }
    }
    return names
  }

  // MARK: Asking

  /// Asks ssh-keygen about the message in the folder, if there is one, with nothing of the environment but the way to it.
  private func ask(
    _ arguments: [String], in folder: borrowing PrivateFolder
  ) throws(SSHKeygenError) -> KeygenRun {
    let message = folder.path(.message)
    return try KeygenRun(
      try program(), arguments, variables: [("PATH", value(of: "PATH") ?? ""), ("LC_ALL", "C"), ("TZ", "UTC0")],
      input: access(message, F_OK) == 0 ? message : "/dev/null", company: .nobody(patience: Self.patience), in: folder)
  }

  /// The option for a time, in UTC as `TZ` says: OpenSSH before 9.1 knows no `Z`.
  private static func option(_ time: Int64) throws(SSHKeygenError) -> String {
    // 0 means now to ssh-keygen; the last second of the year 9999.
    guard (1...253_402_300_799).contains(time / 1_000) else { throw .timeOutOfRange(time) }
    var seconds = time_t(time / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let digits = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map {
      $0 < 10 ? "0\($0)" : "\($0)"
    }
    return "verify-time=\(parts.tm_year + 1_900)" + digits.joined()
  }

  /// Refuses a list with a line that ssh-keygen would take for something else, or not see.
  private static func check(revokedKeys text: String) throws(SSHKeygenError) {
    for (index, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let content = line.last == 0x0D ? line.dropLast() : line
      guard content.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw .unreadableRevokedKeys(line: index + 1)
      }
      let text = String(decoding: content, as: UTF8.self).drop { $0 == " " || $0 == "\t" }
      if text.isEmpty || text.hasPrefix("#") { continue }
      guard SSHPublicKey(line: text) != nil else { throw .unreadableRevokedKeys(line: index + 1) }
    }
  }
}
