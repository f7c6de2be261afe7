/// Reads the outputs that records name.
struct OutputVerifier {
  /// How many outputs are remembered as read, so that one that is named often is read once.
  private static let memory = 1 << 16

  private let store: JournalStore
  private let reader: OutputReader
  private var intact: Set<RecordReading.OutputName> = []
  /// What is not there, and the records that name it: a later record may say that it was pruned.
  private var missing: [(name: RecordReading.OutputName, seq: Int64)] = []
  /// The last record that says of an output that it was pruned.
  private var pruned: [String: Int64] = [:]
  /// The beginnings of the hashes that records name, which tells enough apart.
  private var named: Set<UInt64> = []

  init(_ store: JournalStore) {
    self.store = store
    reader = OutputReader(store)
  }

  /// Reads the outputs that a record names.
  mutating func verify(
    _ words: RecordReading.Words, of seq: Int64, into report: inout VerificationReport
  ) throws(JournalError) {
    for name in words.outputs {
      if let mark = Self.mark(name.sha256[...]) { named.insert(mark) }
      try verify(name, of: seq, into: &report)
    }
    for sha256 in words.pruned { pruned[sha256] = seq }
  }

  private static func mark(_ sha256: Substring) -> UInt64? { UInt64(sha256.prefix(16), radix: 16) }

  /// Says what is missing without having been pruned, and what is there though no record names it.
  func finish(into report: inout VerificationReport) throws(JournalError) {
    report.strayOutputs = try store.strayOutputs { Self.mark($0).map(named.contains) ?? false }
    var counted: Set<String> = []
    for (name, seq) in missing {
      if let pruning = pruned[name.sha256], pruning > seq {
        report.outputCount -= 1
        if counted.insert(name.sha256).inserted { report.prunedOutputs.append(name.sha256) }
      } else {
        report.report(seq, "names output \(name.sha256), which is missing")
      }
    }
  }

  private mutating func verify(
    _ name: RecordReading.OutputName, of seq: Int64, into report: inout VerificationReport
  ) throws(JournalError) {
    guard !intact.contains(name) else { return }
    report.outputCount += 1
    do {
      let found = try reader.hash(of: name.sha256) { _ in }
      if found.hash.hex != name.sha256 {
        report.report(seq, "names output \(name.sha256), which was changed: it has another hash")
      } else if found.bytes != name.bytes {
        report.report(
          seq, "names output \(name.sha256) with \(name.bytes) bytes, but it has \(found.bytes)")
      } else {
        if intact.count == Self.memory { intact.removeAll(keepingCapacity: true) }
        intact.insert(name)
      }
    } catch {
      switch store.journalError(error) {
      case .outputMissing: missing.append((name, seq))
      case .outputDamaged(_, let reason):
        report.report(seq, "names output \(name.sha256), which is damaged: \(reason)")
      case let other: throw other
      }
    }
  }
}
