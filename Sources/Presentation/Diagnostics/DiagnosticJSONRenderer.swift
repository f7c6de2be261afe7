import CanonicalJSON
import Diagnostics

/// Diagnostics for programs.
package enum DiagnosticJSON {
  /// An array with a member for each diagnostic.
  ///
  /// Lines and columns count from 1, columns in Unicode scalars; offsets are UTF-8 bytes from 0.
  package static func array(_ diagnostics: [Diagnostic]) -> JSON { .array(diagnostics.map(object)) }

  private static func object(_ diagnostic: Diagnostic) -> JSON {
    var members: [JSON.Member] = [
      .init("code", .string(diagnostic.code.rawValue)), .init("severity", .string(diagnostic.severity.rawValue)),
      .init("message", .string(diagnostic.message)), .init("place", place(diagnostic.source, diagnostic.span)),
    ]
    if !diagnostic.labels.isEmpty {
      let labels = diagnostic.labels.map { label in
        JSON.object([.init("message", .string(label.message)), .init("place", place(label.source, label.span))])
      }
      members.append(.init("related", .array(labels)))
    }
    if !diagnostic.notes.isEmpty { members.append(.init("notes", .array(diagnostic.notes.map { .string($0) }))) }
    if let fix = diagnostic.fix {
      let edits = fix.edits.map { edit in
        JSON.object([
          .init("place", place(diagnostic.source, edit.span)), .init("replacement", .string(edit.replacement)),
        ])
      }
      members.append(.init("fix", .object([.init("title", .string(fix.title)), .init("edits", .array(edits))])))
    }
    return .object(members)
  }

  private static func place(_ source: SourceText, _ span: ByteSpan) -> JSON {
    let start = source.location(at: Int(span.start))
    let end = source.location(at: Int(span.end))
    func point(_ location: SourceLocation, _ offset: Int32) -> JSON {
      .object([
        .init("line", .int(Int64(location.line))), .init("column", .int(Int64(location.column))),
        .init("offset", .int(Int64(offset))),
      ])
    }
    return .object([
      .init("file", .string(source.name)), .init("start", point(start, span.start)), .init("end", point(end, span.end)),
    ])
  }
}
