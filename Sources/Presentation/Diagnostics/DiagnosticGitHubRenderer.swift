import Diagnostics

/// A report as workflow commands of GitHub Actions, which shows them at their lines.
package struct DiagnosticGitHubRenderer {
  package init() {}

  /// A line for each diagnostic, and one for each file that could not be read.
  ///
  /// Lines and columns count from 1, columns in Unicode scalars; a column is the last one of the place, and left out
  /// where the place goes over several lines.
  package func render(_ report: ValidationReport) -> String {
    let lines = report.diagnostics.map(line) + report.faults.map { "::error::" + Self.message($0) }
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(_ diagnostic: Diagnostic) -> String {
    let start = diagnostic.source.location(at: Int(diagnostic.span.start))
    let end = diagnostic.source.location(at: Int(diagnostic.span.end))
    var properties = [
      ("file", diagnostic.source.name), ("line", String(start.line)), ("endLine", String(max(start.line, end.line))),
      ("col", String(start.column)),
    ]
    if start.line == end.line { properties.append(("endColumn", String(max(start.column, end.column - 1)))) }
    properties.append(("title", diagnostic.code.rawValue))
    var text = ([diagnostic.message] + diagnostic.notes.map { "note: " + $0 }).joined(separator: "\n")
    if let fix = diagnostic.fix { text += "\nfix: " + fix.title }
    let said = properties.map { "\($0.0)=\(Self.property($0.1))" }.joined(separator: ",")
    return "::\(diagnostic.severity.rawValue) \(said)::\(Self.message(text))"
  }

  private static func message(_ text: String) -> String { escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A"]) }

  private static func property(_ text: String) -> String {
    escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
  }

  private static func escaped(_ text: String, _ signs: [Unicode.Scalar: String]) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let sign = signs[scalar] {
        result.append(contentsOf: sign.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
