import Diagnostics

/// A report as JUnit XML, as build servers read it.
///
/// Each file is a suite. An error is a case that failed, a warning a case that passed and says so, and a file in which
/// nothing was found has one case that passed.
package struct DiagnosticJUnitRenderer {
  package init() {}

  /// The document.
  package func render(_ report: ValidationReport) -> String {
    var bySource: [String: [Diagnostic]] = [:]
    for diagnostic in report.diagnostics { bySource[diagnostic.source.name, default: []].append(diagnostic) }
    var names: [String] = []
    var seen: Set<String> = []
    for name in report.files + report.diagnostics.map(\.source.name) where seen.insert(name).inserted {
      names.append(name)
    }
    let suites = names.map { suite($0, bySource[$0] ?? []) } + (report.faults.isEmpty ? [] : [faults(report.faults)])
    let tests = suites.reduce(0) { $0 + $1.tests }
    let failures = suites.reduce(0) { $0 + $1.failures }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\"belay validate\" tests=\"\(tests)\" failures=\"\(failures)\""
    text += " errors=\"\(report.faults.count)\">\n" + suites.map(\.text).joined() + "</testsuites>\n"
    return text
  }

  private typealias Suite = (text: String, tests: Int, failures: Int)

  private func suite(_ name: String, _ diagnostics: [Diagnostic]) -> Suite {
    let failures = diagnostics.count { $0.severity == .error }
    let tests = max(1, diagnostics.count)
    let file = XMLText.attribute(name)
    var text = "  <testsuite name=\"\(file)\" tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\">\n"
    if diagnostics.isEmpty { text += "    <testcase classname=\"\(file)\" name=\"is valid\"/>\n" }
    let renderer = DiagnosticTextRenderer(colour: false)
    for diagnostic in diagnostics {
      let place = diagnostic.source.location(at: Int(diagnostic.span.start))
      let title = XMLText.attribute("\(place.line):\(place.column) \(diagnostic.code) \(diagnostic.message)")
      let shown = XMLText.content(renderer.render([diagnostic]))
      text += "    <testcase classname=\"\(file)\" name=\"\(title)\">\n"
      if diagnostic.severity == .error {
        text += "      <failure type=\"\(diagnostic.code)\" message=\"\(XMLText.attribute(diagnostic.message))\">"
        text += shown + "</failure>\n"
      } else {
        text += "      <system-out>\(shown)</system-out>\n"
      }
      text += "    </testcase>\n"
    }
    return (text + "  </testsuite>\n", tests, failures)
  }

  private func faults(_ faults: [String]) -> Suite {
    var text =
      "  <testsuite name=\"belay validate\" tests=\"\(faults.count)\" failures=\"0\" errors=\"\(faults.count)\">\n"
    for fault in faults {
      let message = XMLText.attribute(fault)
      text += "    <testcase classname=\"belay validate\" name=\"\(message)\">\n"
      text += "      <error type=\"unreadable\" message=\"\(message)\"/>\n    </testcase>\n"
    }
    return (text + "  </testsuite>\n", faults.count, 0)
  }
}
