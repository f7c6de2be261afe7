/// Verifies an exported log, line after line, without the store that it came from.
package struct ExportVerifier {
  var log = LogVerifier(anchor: nil)
  /// A line behind the last record that cannot be read, and its number.
  private var unread: (reading: RecordReading, line: Int)?
  private var end: ExportLine.End?
  private var hasEnded = false

  init() {}

  /// Verifies an export.
  ///
  /// - Parameter keys: The keys of which one must have signed each checkpoint; those that the export names itself where
  ///   nil, which shows damage and not forgery.
  package static func verify(_ bytes: [UInt8], keys: [VerifierKey]? = nil) -> VerificationReport {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let isWhole = lines.last?.isEmpty ?? false
    if isWhole { lines.removeLast() }
    var verifier = ExportVerifier()
    let named = lines.first.flatMap { ExportLine.keys(ofFirst: Array($0), kind: "log") }
    if named == nil {
      verifier.log.report.report(VerificationReport.firstLine, "cannot be read as the beginning of an exported log")
    }
    let accepted = keys ?? named ?? []
    verifier.log.report.keys = accepted
    let read = ParallelWork(Array(lines.dropFirst())) { ExportLine(Array($0), keys: accepted) }.finish()
    for (place, line) in read.enumerated() {
      verifier.take(line, number: place + 2, next: Self.seq(ofNextRecordIn: read, after: place))
    }
    verifier.finish(isWhole: isWhole)
    if keys != nil, verifier.log.report.checkpointCount == 0, verifier.log.report.lastSeq > 0 {
      verifier.log.report.report(verifier.log.report.lastSeq, "and those before it are covered by no checkpoint")
    }
    verifier.log.report.sort()
    return verifier.log.report
  }

  /// What the next record's line says of its number; nil where nothing can be read there.
  static func seq(ofNextRecordIn lines: [ExportLine], after place: Int) -> Int64? {
    for line in lines[(place + 1)...] {
      if case .record(let reading) = line { return reading.words?.seq }
    }
    return nil
  }

  /// Takes the next line.
  ///
  /// - Parameters:
  ///   - number: The line's number in the file.
  ///   - next: The number of the record that follows, where that can be read.
  mutating func take(_ line: ExportLine, number: Int, next: Int64?) {
    guard !hasEnded else {
      log.report.report(log.report.lastSeq, "is followed by line \(number), behind the export's last line")
      return
    }
    switch line {
    case .record(let reading):
      guard let words = reading.words else {
        settleUnread(isRecord: true)
        unread = (reading, number)
        return
      }
      settleUnread(isRecord: words.seq > log.chain.expected)
      take(reading, words, next: next)
    case .checkpoint(let reading):
      // A checkpoint says by its size whether a record came before it.
      settleUnread(isRecord: reading.checkpoint.map { $0.size >= log.chain.expected } ?? false)
      log.take(reading, at: log.chain.expected - 1)
    case .end(let end):
      settleUnread(isRecord: end.map { $0.records >= log.chain.expected } ?? true)
      hasEnded = true
      self.end = end
      if end == nil { log.report.report(log.report.lastSeq, "is followed by a last line that cannot be read") }
    }
  }

  private mutating func take(_ reading: RecordReading, _ words: RecordReading.Words, next: Int64?) {
    let place = log.chain.expected
    let seq = words.seq
    if seq == place || words.previous == log.chain.lastHash || next == place + 1 && seq != place + 1 {
      log.take(reading, at: place, of: nil)
    } else if seq > place, next != place {
      log.take(reading, at: seq, of: nil)
    } else {
      log.report.recordCount += 1
      log.report.report(seq, "stands behind record \(place - 1), where it does not belong")
    }
  }

  /// Decides what a line was that could not be read, once it is known what follows it.
  private mutating func settleUnread(isRecord: Bool) {
    guard let unread else { return }
    self.unread = nil
    if isRecord {
      log.take(unread.reading, at: log.chain.expected, of: nil)
    } else {
      log.report.report(
        log.chain.expected - 1, "is followed by line \(unread.line), which is neither a record nor a checkpoint")
    }
  }

  /// Ends with the last line.
  ///
  /// - Parameter isWhole: Whether that line was ended.
  mutating func finish(isWhole: Bool) {
    settleUnread(isRecord: false)
    log.finish()
    let report = log.report
    guard hasEnded, isWhole else {
      log.report.report(report.lastSeq + 1, "is missing, or the export's last line alone: the export was cut off")
      return
    }
    guard let end else { return }
    if end.records > report.lastSeq { log.cutOff(end.records, "the export's last line counts") }
    if end.records < report.recordCount {
      log.report.report(report.lastSeq, "is one too many: the export's last line counts \(end.records) records")
    }
    if end.checkpoints != report.checkpointCount {
      log.report.report(
        report.lastSeq,
        "is the last, and before or behind it are \(report.checkpointCount) checkpoints: the export's last line counts "
          + "\(end.checkpoints)")
    }
    if end.records == report.lastSeq, end.last != report.lastHash, report.findings.isEmpty {
      log.report.report(report.lastSeq, "was changed: it does not have the hash that the export's last line names")
    }
  }
}
