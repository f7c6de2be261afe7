import CanonicalJSON
import Journal

/// What verifying a store found: `belay audit verify`.
package enum AuditReport {
  /// The lines for people.
  package static func lines(_ report: VerificationReport, store: String, colour: Bool) -> [String] {
    let words = RunWords(colour: colour)
    let records = report.recordCount == 1 ? "1 record" : "\(report.recordCount) records"
    let outputs = report.outputCount == 1 ? "1 stored output" : "\(report.outputCount) stored outputs"
    let counts = "\(records) and \(outputs)"
    guard !report.isIntact else {
      return [
        words.paint("intact", .green) + ": \(counts) in \(store)",
        "last record \(report.lastSeq), \(report.lastHash.hex)",
      ]
    }
    var lines = [words.paint("not intact", .red) + ": \(counts) in \(store)"]
    lines += report.findings.map { "  record \($0.seq): \(RunWords.harmless($0.what))" }
    if report.furtherFindings > 0 { lines.append("  and \(report.furtherFindings) more") }
    return lines
  }

  /// The report for programs.
  package static func json(_ report: VerificationReport, store: String) -> JSON {
    .object([
      .init("store", .string(store)), .init("intact", .bool(report.isIntact)),
      .init("records", .int(report.recordCount)), .init("outputs", .int(report.outputCount)),
      .init("last", .object([.init("seq", .int(report.lastSeq)), .init("hash", .string(report.lastHash.hex))])),
      .init(
        "findings",
        .array(
          report.findings.map { .object([.init("seq", .int($0.seq)), .init("what", .string($0.what))]) })),
      .init("further-findings", .int(Int64(report.furtherFindings))),
    ])
  }
}
