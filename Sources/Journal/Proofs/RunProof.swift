import CanonicalJSON

/// One file that shows what a run did, for somebody who has neither the store nor the other runs.
///
/// Its lines: who signs the log, and the run; the run's records as they stand; a checkpoint that covers them; the nodes of
/// the Merkle tree that lead from the records to the checkpoint's root.
package enum RunProof {
  /// Makes the proof of a run.
  ///
  /// - Throws: `signing` where no checkpoint covers the run.
  package static func make(of run: String, in store: JournalStore) throws(JournalError) -> [UInt8] {
    let snapshot = try store.snapshot()
    defer { snapshot.close() }
    let records = try snapshot.records(ofRun: run)
    guard let last = records.last?.seq else { throw .signing("there is no run \(run)") }
    guard let checkpoint = try snapshot.checkpoint(covering: last) else {
      throw .signing("no checkpoint covers record \(last), the run's last: `belay audit checkpoint` makes one")
    }
    let tree = try snapshot.tree(ofSize: checkpoint.checkpoint.size)
    guard tree.root(ofSize: tree.size) == checkpoint.checkpoint.root else {
      throw .signing("the records do not fit the checkpoint over \(tree.size) records; `belay audit verify` says more")
    }
    let nodes = tree.inclusionProof(of: records.map { Int($0.seq) - 1 }, size: tree.size)
    var bytes = LogExport.line(
      .object([
        .init("belay", "proof"), .init("keys", .strings(try snapshot.logKeys().map(\.verifier.description))),
        .init("run", .string(run)), .init("v", .int(LogExport.version)),
      ]))
    for record in records { bytes += record.line + [0x0A] }
    bytes += LogExport.line(.object([.init("checkpoint", .string(checkpoint.note.description))]))
    bytes += LogExport.line(.object([.init("nodes", .strings(nodes.map(\.base64)))]))
    return bytes
  }

  /// Checks a proof.
  ///
  /// - Parameters:
  ///   - keys: The keys of which one must have signed the checkpoint; those that the proof names itself where nil.
  ///   - witnesses: Keys that must all have cosigned it.
  package static func check(
    _ bytes: [UInt8], keys: [VerifierKey]?, witnesses: [VerifierKey] = []
  ) -> RunProofReport {
    var report = RunProofReport()
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    guard lines.count >= 5, lines.removeLast().isEmpty, let named = ExportLine.keys(ofFirst: lines[0], kind: "proof"),
      let run = ExportLine.canonical(lines[0])?["run"]?.string,
      let note = ExportLine.canonical(lines[lines.count - 2])?["checkpoint"]?.string,
      let signed = SignedCheckpoint(note),
      let texts = ExportLine.canonical(lines[lines.count - 1])?["nodes"]?.array
    else {
      report.problems.append("this is not the proof of a run, or it was cut off")
      return report
    }
    report.run = run
    report.keys = keys ?? named
    report.checkpoint = signed.checkpoint
    if let problem = CheckpointReading(note, keys: report.keys).problem {
      report.problems.append("the checkpoint \(problem)")
    }
    for witness in witnesses {
      if let time = signed.note.cosigningTime(of: witness) {
        report.cosignatures.append(.init(name: witness.name, time: time))
      } else {
        report.problems.append("the witness \(witness.name) has not cosigned the checkpoint")
      }
    }
    report.read(Array(lines[1..<(lines.count - 2)]), of: run)
    let nodes = texts.compactMap { $0.string.flatMap { ContentHash(base64: $0) } }
    let root =
      nodes.count == texts.count && report.problems.isEmpty
      ? MerkleProof.root(of: report.leaves, proof: nodes, size: signed.checkpoint.size) : nil
    if report.problems.isEmpty, root != signed.checkpoint.root {
      report.problems.append("the records do not lead to the root that was signed: one of them, or a node, was changed")
    }
    return report
  }
}

/// What checking a run's proof came to.
package struct RunProofReport: Sendable {
  /// A record in few words.
  package struct Entry: Sendable {
    package let seq: Int64
    /// Milliseconds since the epoch.
    package let time: Int64
    package let type: String
    package let step: String?
    package let actor: String?
  }

  /// A witness that has cosigned.
  package struct Cosignature: Hashable, Sendable {
    package let name: String
    /// Seconds since the epoch.
    package let time: Int64
  }

  /// The run.
  package internal(set) var run = ""
  /// The keys that the checkpoint was held against.
  package internal(set) var keys: [VerifierKey] = []
  /// The checkpoint.
  package internal(set) var checkpoint: Checkpoint?
  /// Who has cosigned it, of those that were asked about.
  package internal(set) var cosignatures: [Cosignature] = []
  /// The records.
  package internal(set) var entries: [Entry] = []
  /// What the records hold.
  package internal(set) var records: [(seq: Int64, content: PendingRecord)] = []
  /// The outputs that the records name, each once.
  package internal(set) var outputs: [String] = []
  /// The digest of the plan.
  package internal(set) var plan: String?
  /// How the run ended; nil where it had not.
  package internal(set) var outcome: String?
  /// Which kind of run it is, where it is none that really does what it says.
  package internal(set) var mode: String?
  /// How many numbers between the run's first and last record are of other runs, or were left out.
  package internal(set) var gaps: Int64 = 0
  /// What is wrong.
  package internal(set) var problems: [String] = []

  var leaves: [(place: Int64, hash: ContentHash)] = []

  /// Whether the records are in the log that was signed.
  package var isProven: Bool { problems.isEmpty }

  /// The root of the tree over so many records, in base64; nil where not all of them are of this run.
  package func root(ofSize size: Int64) -> String? {
    guard size > 0, size <= leaves.count, leaves[0].place == 0, leaves[Int(size) - 1].place == size - 1 else {
      return nil
    }
    let first = leaves.prefix(Int(size)).map(\.hash)
    return MerkleTree(leaves: first).root(ofSize: first.count).base64
  }

  mutating func read(_ lines: [[UInt8]], of run: String) {
    var known: Set<String> = []
    var last: (seq: Int64, hash: ContentHash)?
    for (place, line) in lines.enumerated() {
      guard let record = RecordLine.parse(line), record.bytes() == line else {
        problems.append("line \(place + 2) cannot be read as a record")
        continue
      }
      if record.run != run { problems.append("record \(record.seq) is of run \(record.run)") }
      if let last {
        if record.seq <= last.seq {
          problems.append("record \(record.seq) stands behind record \(last.seq)")
        } else if record.seq == last.seq + 1, record.previous != last.hash {
          problems.append("record \(record.seq) does not name the hash of record \(last.seq)")
        }
        gaps += max(0, record.seq - last.seq - 1)
      } else if record.content.type != "run.started" {
        problems.append("record \(record.seq) is not the run's beginning")
      }
      last = (record.seq, ContentHash(of: line))
      plan = record.content.plan ?? plan
      if record.content.type == "run.started" { mode = record.content.data?["mode"]?.string }
      if record.content.type == "run.ended" { outcome = record.content.data?["outcome"]?.string }
      entries.append(
        Entry(
          seq: record.seq, time: record.content.timestamp, type: record.content.type, step: record.content.step,
          actor: record.content.actor))
      records.append((record.seq, record.content))
      leaves.append((record.seq - 1, ContentHash(leaf: line)))
      for output in record.content.data.map(RecordReading.outputs) ?? [] where known.insert(output.sha256).inserted {
        outputs.append(output.sha256)
      }
    }
  }
}
