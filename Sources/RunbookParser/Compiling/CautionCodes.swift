import Diagnostics

/// What is likely wrong though it can be run: from `BLY0150` on.
extension DiagnosticCode {
  static let unverifiedChange = DiagnosticCode(rawValue: "BLY0150")
  static let changingObservation = DiagnosticCode(rawValue: "BLY0151")
  static let kubectlContext = DiagnosticCode(rawValue: "BLY0152")
  static let exposedSecret = DiagnosticCode(rawValue: "BLY0153")
  package static let shellCheck = DiagnosticCode(rawValue: "BLY0154")
}
