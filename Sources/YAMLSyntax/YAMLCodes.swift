import Diagnostics

/// The kinds of mistakes that the syntax knows: `BLY0001` to `BLY0049`.
extension DiagnosticCode {
  package static let notYAML = DiagnosticCode(rawValue: "BLY0001")
  package static let notUTF8 = DiagnosticCode(rawValue: "BLY0002")
  package static let tooLarge = DiagnosticCode(rawValue: "BLY0003")
  package static let tooDeep = DiagnosticCode(rawValue: "BLY0004")
  package static let secondDocument = DiagnosticCode(rawValue: "BLY0005")
  package static let duplicateKey = DiagnosticCode(rawValue: "BLY0006")
  package static let anchor = DiagnosticCode(rawValue: "BLY0007")
  package static let alias = DiagnosticCode(rawValue: "BLY0008")
  package static let mergeKey = DiagnosticCode(rawValue: "BLY0009")
  package static let tag = DiagnosticCode(rawValue: "BLY0010")
  package static let keyNotText = DiagnosticCode(rawValue: "BLY0011")
  package static let emptyDocument = DiagnosticCode(rawValue: "BLY0012")
  package static let nulInText = DiagnosticCode(rawValue: "BLY0013")
  package static let cutByComment = DiagnosticCode(rawValue: "BLY0014")
}
