import Diagnostics

/// What validating some files came to.
package struct ValidationReport: Sendable {
  /// The files that were read, in the order they are shown.
  package var files: [String]
  /// What was found in them, in the order it is shown.
  package var diagnostics: [Diagnostic]
  /// Why something that was named could not be validated, a sentence each.
  package var faults: [String]

  package init(files: [String], diagnostics: [Diagnostic], faults: [String] = []) {
    self.files = files
    self.diagnostics = diagnostics
    self.faults = faults
  }
}
