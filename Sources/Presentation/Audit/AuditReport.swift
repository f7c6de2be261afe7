import CanonicalJSON
import Journal

/// What verifying a log found: `belay audit verify`.
package struct AuditReport {
  private let report: VerificationReport
  private let place: String
  private let isExport: Bool
  private let isPinned: Bool

  /// - Parameters:
  ///   - place: The store or the file.
  ///   - isPinned: Whether the keys came from the reader rather than from what was read.
  package init(report: VerificationReport, place: String, isExport: Bool, isPinned: Bool) {
    self.report = report
    self.place = place
    self.isExport = isExport
    self.isPinned = isPinned
  }

  /// The lines for people.
  package func lines(colour: Bool) -> [String] {
    let words = RunWords(colour: colour)
    var lines: [String] = []
    if report.isIntact {
      lines.append(words.paint("intact", .green) + ": \(counts) in \(place)")
      lines.append("last record \(report.lastSeq), \(report.lastHash.hex)")
    } else {
      lines.append(words.paint("not intact", .red) + ": \(counts) in \(place)")
      lines += report.findings.map { "  \(Self.name($0.seq)): \(RunWords.marked($0.what))" }
      if report.furtherFindings > 0 { lines.append("  and \(report.furtherFindings) more") }
    }
    return lines + outputs.map { RunWords.marked($0) } + signing.map { RunWords.marked($0) }
  }

  /// What is not there any more, and what is there besides: what no record names proves nothing and belongs to no run.
  private var outputs: [String] {
    list(report.prunedOutputs, "pruned")
      + list(report.strayOutputs, "that no record names, left by an engine that died or added since")
  }

  private func list(_ outputs: [String], _ what: String) -> [String] {
    if outputs.isEmpty { return [] }
    let shown = outputs.prefix(10).map { "  " + $0 } + (outputs.count > 10 ? ["  and \(outputs.count - 10) more"] : [])
    return ["\(Self.count(Int64(outputs.count), "stored output")) \(what):"] + shown
  }

  private var counts: String {
    let records = Self.count(report.recordCount, "record")
    if isExport { return "\(records) and \(Self.count(report.checkpointCount, "checkpoint"))" }
    var counts = "\(records) and \(Self.count(report.outputCount, "stored output"))"
    if !report.prunedOutputs.isEmpty { counts += " (\(report.prunedOutputs.count) pruned)" }
    return counts
  }

  private var signing: [String] {
    guard !report.keys.isEmpty else {
      return isExport || report.checkpointCount > 0
        ? ["not signed: only the hash chain was checked, which whoever can write the log can make anew"]
        : ["not signed"]
    }
    var lines: [String] = []
    if report.checkpointCount == 0 {
      lines.append("not signed yet")
    } else {
      let rest = report.lastSeq - report.coveredRecords
      lines.append(
        "\(Self.count(report.checkpointCount, "checkpoint")), the last that fits over \(Self.count(report.coveredRecords, "record"))"
          + (rest > 0 ? "; \(Self.count(rest, "later record")) not covered yet" : ""))
    }
    if report.unfitCheckpoints > 0 {
      lines.append(
        "\(Self.count(report.unfitCheckpoints, "checkpoint")) cannot be held against what is left, or does not fit")
    }
    for key in report.keys {
      lines.append((isPinned ? "signed with the key given, " : "signed with ") + key.description)
    }
    if !isPinned {
      lines.append("this key comes from \(isExport ? "the file" : "the store") itself; --key checks against yours")
    }
    switch report.anchor {
    case .none: break
    case .held(let size): lines.append("the signer remembers \(Self.count(size, "record"))")
    case .unreadable(let reason): lines.append("what the signer remembers was not looked at: \(reason)")
    }
    return lines
  }

  private static func name(_ seq: Int64) -> String {
    seq == VerificationReport.firstLine ? "the first line" : "record \(seq)"
  }

  static func count(_ count: Int64, _ what: String) -> String { count == 1 ? "1 \(what)" : "\(count) \(what)s" }

  /// The report for programs.
  package var json: JSON {
    var members: [JSON.Member] = [
      .init(isExport ? "export" : "store", .string(place)), .init("intact", .bool(report.isIntact)),
      .init("records", .int(report.recordCount)), .init("outputs", .int(report.outputCount)),
      .init("pruned", .strings(report.prunedOutputs)), .init("unnamed", .strings(report.strayOutputs)),
      .init("last", .object([.init("seq", .int(report.lastSeq)), .init("hash", .string(report.lastHash.hex))])),
      .init(
        "signing",
        .object([
          .init("keys", .strings(report.keys.map(\.description))), .init("pinned", .bool(isPinned)),
          .init("checkpoints", .int(report.checkpointCount)), .init("covered", .int(report.coveredRecords)),
          .init("unfit", .int(report.unfitCheckpoints)),
        ])),
    ]
    if case .held(let size) = report.anchor { members.append(.init("remembered", .int(size))) }
    members += [
      .init(
        "findings",
        .array(
          report.findings.map {
            .object([
              .init("seq", $0.seq == VerificationReport.firstLine ? .null : .int($0.seq)),
              .init("what", .string($0.what)),
            ])
          })),
      .init("further-findings", .int(Int64(report.furtherFindings))),
    ]
    return .object(members)
  }
}
