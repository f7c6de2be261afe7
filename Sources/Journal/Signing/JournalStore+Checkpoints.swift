extension JournalStore {
  /// The folder for keys where none is named.
  package static let usualKeyFolder = "keys"

  /// Gives the log a key, and signs what is in it already.
  ///
  /// - Parameters:
  ///   - name: The log's name, the origin of its checkpoints.
  ///   - folder: Where the key and the signer's state are to lie; below the store where nil.
  ///   - renewing: Whether the log has a key that is to be replaced.
  package func beginSigning(name: String, folder: String?, renewing: Bool) throws(JournalError) -> LogKey {
    lock.lock()
    defer { lock.unlock() }
    let keys = try Self.logKeys(on: writing())
    if let last = keys.last, !renewing {
      throw .signing("the log has a key already, \(last.verifier); `--renew` replaces it")
    }
    let number = (keys.last?.number ?? 0) + 1
    let directory = folder ?? Self.usualKeyFolder
    let signer = try LogSigner(number: number, name: name, in: keyFolder(directory))
    let key = LogKey(number: number, verifier: signer.key.verifier, directory: directory)
    var session = try signer.begin()
    var isCommitted = false
    defer { signer.end(session, committed: isCommitted) }
    try commit { connection throws(JournalError) in
      let insertion = try connection.prepared(.insertLogKey)
      insertion.bind(1, number)
      insertion.bind(2, key.verifier.description)
      insertion.bind(3, directory)
      try insertion.run()
      guard let checkpoint = try signer.sign(&session, head: currentHead(on: connection), on: connection)
      else { return }
      try Self.insert(checkpoint, on: connection)
    }
    isCommitted = true
    try note(key)
    return key
  }

  /// Signs what has been added since the last checkpoint.
  ///
  /// - Throws: `signing` where the log has no key, or where it does not continue what was signed.
  package func makeCheckpoint() throws(JournalError) {
    lock.lock()
    defer { lock.unlock() }
    guard try !Self.logKeys(on: writing()).isEmpty else {
      throw .signing("the log has no key; `belay audit init` makes one")
    }
    var signing = Signing()
    defer { signing.end() }
    try commit { connection throws(JournalError) in
      try sign(currentHead(on: connection), with: &signing, on: connection)
    }
    signing.isCommitted = true
  }

  /// Adds witnesses' signatures to a checkpoint of this log.
  package func addCosignatures(_ cosigned: SignedCheckpoint) throws(JournalError) {
    lock.lock()
    defer { lock.unlock() }
    try commit { connection throws(JournalError) in
      let size = cosigned.checkpoint.size
      let found = try Self.checkpoints(.firstCheckpointFrom, size, nil, on: connection).first
      guard let found, found.size == size, var own = SignedNote(found.note), own.text == cosigned.note.text else {
        throw .signing("the log has no such checkpoint over \(size) records")
      }
      own.merge(cosigned.note)
      let update = try connection.prepared(.updateCheckpoint)
      update.bind(1, own.description)
      update.bind(2, size)
      try update.run()
    }
  }

  /// A checkpoint as it lies in the store.
  struct StoredCheckpoint: Sendable {
    let size: Int64
    let note: String
  }

  /// The keys of the log; none where it is not signed.
  package func logKeys() throws(JournalError) -> [LogKey] {
    lock.lock()
    defer { lock.unlock() }
    return try Self.logKeys(on: reading())
  }

  /// The checkpoints over more than so many records and at most so many.
  func checkpoints(after size: Int64, upTo last: Int64) throws(JournalError) -> [StoredCheckpoint] {
    lock.lock()
    defer { lock.unlock() }
    return try Self.checkpoints(.checkpoints, size, last, on: reading())
  }

  /// The newest checkpoint; nil where there is none.
  package func newestCheckpoint() throws(JournalError) -> SignedCheckpoint? {
    lock.lock()
    defer { lock.unlock() }
    return try Self.checkpoints(.lastCheckpoint, nil, nil, on: reading()).first.flatMap { SignedCheckpoint($0.note) }
  }

  /// The state that a key's signer has kept.
  package func signerState(of key: LogKey) throws(JournalError) -> SignerState {
    try SignerStateFile.read(at: keyFolder(key.directory) + "/" + LogSigner.stateName(key.number))
  }

  /// Where a folder of keys lies.
  package func keyFolder(_ directory: String) -> String {
    directory.utf8.first == UInt8(ascii: "/") ? directory : self.directory.absolutePath + "/" + directory
  }

  // MARK: Inside a commit

  /// What a commit that signs holds until it is over.
  struct Signing {
    fileprivate var signer: LogSigner?
    fileprivate var session: LogSigner.Session?
    /// Whether the commit has succeeded.
    var isCommitted = false

    /// Lets other signers in again.
    func end() {
      if let signer, let session { signer.end(session, committed: isCommitted) }
    }
  }

  /// Signs the log up to its head, if it has a key; inside a transaction.
  func sign(_ head: Head, with signing: inout Signing, on connection: SQLiteConnection) throws(JournalError) {
    let keys = try Self.logKeys(on: connection)
    guard let key = keys.last else {
      if !isKnownUnsigned { try refuseContradiction(to: keys) }
      isKnownUnsigned = true
      return
    }
    let signer: LogSigner
    if let kept = self.signer, kept.number == key.number {
      signer = kept
    } else {
      try refuseContradiction(to: keys)
      signer = try LogSigner(key, in: keyFolder(key.directory))
      self.signer = signer
    }
    var session = try signer.begin()
    signing.signer = signer
    defer { signing.session = session }
    if let checkpoint = try signer.sign(&session, head: head, on: connection) {
      try Self.insert(checkpoint, on: connection)
    }
  }

  private func refuseContradiction(to keys: [LogKey]) throws(JournalError) {
    guard let problem = contradiction(to: keys) else { return }
    throw .signing(
      "the log has been signed otherwise: \(problem); `belay audit verify` says more, and a backup may have to be restored"
    )
  }

  private static func insert(_ checkpoint: SignedCheckpoint, on connection: SQLiteConnection) throws(JournalError) {
    let insertion = try connection.prepared(.insertCheckpoint)
    insertion.bind(1, checkpoint.checkpoint.size)
    insertion.bind(2, checkpoint.note.description)
    try insertion.run()
  }

  private static func logKeys(on connection: SQLiteConnection) throws(JournalError) -> [LogKey] {
    let statement = try connection.prepared(.logKeys)
    defer { statement.reset() }
    var keys: [LogKey] = []
    while try statement.step() {
      let text = statement.text(1)
      guard let verifier = VerifierKey(text), verifier.kind == .note else {
        throw .signing("the store names a key that is none: \(text)")
      }
      keys.append(LogKey(number: statement.int(0), verifier: verifier, directory: statement.text(2)))
    }
    return keys
  }

  private static func checkpoints(
    _ query: StoreQuery, _ first: Int64?, _ second: Int64?, on connection: SQLiteConnection
  ) throws(JournalError) -> [StoredCheckpoint] {
    let statement = try connection.prepared(query)
    defer { statement.reset() }
    if let first { statement.bind(1, first) }
    if let second { statement.bind(2, second) }
    var found: [StoredCheckpoint] = []
    while try statement.step() { found.append(StoredCheckpoint(size: statement.int(0), note: statement.text(1))) }
    return found
  }
}
