import CanonicalJSON
import Diagnostics
import RunbookParser

/// A report in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS, errata 01).
package struct DiagnosticSARIFRenderer {
  private let version: String

  /// - Parameter version: The version of this program.
  package init(version: String) { self.version = version }

  /// The log: one run, a result for each diagnostic, and a notification for each file that could not be read.
  ///
  /// Lines and columns count from 1, columns in UTF-16 code units; an end is the place after the last character.
  package func render(_ report: ValidationReport) -> String {
    let codes = Set(report.diagnostics.map(\.code)).sorted()
    var places: [DiagnosticCode: Int] = [:]
    for (index, code) in codes.enumerated() { places[code] = index }
    var invocation: [JSON.Member] = [.init("executionSuccessful", .bool(report.faults.isEmpty))]
    if !report.faults.isEmpty {
      let notifications = report.faults.map { fault in
        JSON.object([.init("level", .string("error")), .init("message", Self.message(fault))])
      }
      invocation.append(.init("toolExecutionNotifications", .array(notifications)))
    }
    let run = JSON.object([
      .init("tool", .object([.init("driver", driver(codes))])), .init("columnKind", .string("utf16CodeUnits")),
      .init("invocations", .array([.object(invocation)])),
      .init("artifacts", .array(report.files.map { .object([.init("location", Self.artifact($0))]) })),
      .init("results", .array(report.diagnostics.map { Self.result($0, rule: places[$0.code] ?? -1) })),
    ])
    let log = JSON.object([
      .init(
        "$schema", .string("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
      ),
      .init("version", .string("2.1.0")), .init("runs", .array([run])),
    ])
    return log.prettyText() + "\n"
  }

  private func driver(_ codes: [DiagnosticCode]) -> JSON {
    .object([
      .init("name", .string("belay")), .init("version", .string(version)), .init("semanticVersion", .string(version)),
      .init("rules", .array(codes.map(Self.rule))),
    ])
  }

  private static func rule(_ code: DiagnosticCode) -> JSON {
    guard let rule = RuleDescription.of(code.rawValue) else { return .object([.init("id", .string(code.rawValue))]) }
    let help = "\(rule.explanation)\n\n`belay explain \(code)` shows examples."
    return .object([
      .init("id", .string(code.rawValue)), .init("shortDescription", message(rule.title)),
      .init("fullDescription", message(rule.explanation)),
      .init("help", .object([.init("text", .string(help)), .init("markdown", .string(help))])),
      .init(
        "defaultConfiguration",
        .object([.init("level", .string(rule.severity == .error ? "error" : "warning"))])),
    ])
  }

  private static func result(_ diagnostic: Diagnostic, rule: Int) -> JSON {
    var members: [JSON.Member] = [
      .init("ruleId", .string(diagnostic.code.rawValue)), .init("ruleIndex", .int(Int64(rule))),
      .init("level", .string(diagnostic.severity == .error ? "error" : "warning")),
      .init("message", message(([diagnostic.message] + diagnostic.notes).joined(separator: "\n"))),
      .init("locations", .array([.object([.init("physicalLocation", place(diagnostic.source, diagnostic.span))])])),
    ]
    if !diagnostic.labels.isEmpty {
      let related = diagnostic.labels.enumerated().map { index, label in
        JSON.object([
          .init("id", .int(Int64(index + 1))), .init("physicalLocation", place(label.source, label.span)),
          .init("message", message(label.message)),
        ])
      }
      members.append(.init("relatedLocations", .array(related)))
    }
    if let fix = diagnostic.fix { members.append(.init("fixes", .array([Self.fix(fix, diagnostic.source)]))) }
    return .object(members)
  }

  private static func fix(_ fix: Diagnostic.Fix, _ source: SourceText) -> JSON {
    let replacements = fix.edits.map { edit in
      JSON.object([
        .init("deletedRegion", region(source, edit.span)),
        .init("insertedContent", .object([.init("text", .string(edit.replacement))])),
      ])
    }
    let change = JSON.object([
      .init("artifactLocation", artifact(source.name)), .init("replacements", .array(replacements)),
    ])
    return .object([.init("description", message(fix.title)), .init("artifactChanges", .array([change]))])
  }

  private static func place(_ source: SourceText, _ span: ByteSpan) -> JSON {
    .object([.init("artifactLocation", artifact(source.name)), .init("region", region(source, span))])
  }

  private static func region(_ source: SourceText, _ span: ByteSpan) -> JSON {
    let start = source.location(at: Int(span.start))
    let end = source.location(at: Int(span.end))
    return .object([
      .init("startLine", .int(Int64(start.line))),
      .init("startColumn", .int(Int64(source.utf16Column(at: start, offset: Int(span.start))))),
      .init("endLine", .int(Int64(end.line))),
      .init("endColumn", .int(Int64(source.utf16Column(at: end, offset: Int(span.end))))),
    ])
  }

  private static func message(_ text: String) -> JSON { .object([.init("text", .string(text))]) }

  private static func artifact(_ path: String) -> JSON { .object([.init("uri", .string(uri(path)))]) }

  /// A path as a reference of RFC 3986: an absolute one with its scheme, what may not stand in it as `%XX`.
  static func uri(_ path: String) -> String {
    var uri = path.utf8.first == UInt8(ascii: "/") ? "file://" : ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        uri += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return uri
  }
}
