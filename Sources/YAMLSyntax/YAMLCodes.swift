import Diagnostics

/// The kinds of mistakes that the syntax knows: `BLY0001` to `BLY0049`.
extension DiagnosticCode {
  static let notYAML = DiagnosticCode(rawValue: "BLY0001")
  static let notUTF8 = DiagnosticCode(rawValue: "BLY0002")
  static let tooLarge = DiagnosticCode(rawValue: "BLY0003")
  static let tooDeep = DiagnosticCode(rawValue: "BLY0004")
  static let secondDocument = DiagnosticCode(rawValue: "BLY0005")
  static let duplicateKey = DiagnosticCode(rawValue: "BLY0006")
  static let anchor = DiagnosticCode(rawValue: "BLY0007")
  static let alias = DiagnosticCode(rawValue: "BLY0008")
  static let mergeKey = DiagnosticCode(rawValue: "BLY0009")
  static let tag = DiagnosticCode(rawValue: "BLY0010")
  static let keyNotText = DiagnosticCode(rawValue: "BLY0011")
  static let emptyDocument = DiagnosticCode(rawValue: "BLY0012")
  static let nulInText = DiagnosticCode(rawValue: "BLY0013")
  static let cutByComment = DiagnosticCode(rawValue: "BLY0014")
}
