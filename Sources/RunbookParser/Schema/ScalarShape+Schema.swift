import CanonicalJSON

extension ScalarShape {
  /// The schema of a text that fits, or of the typed value that YAML makes of it.
  var schema: JSON {
    switch self {
    case .text: ["type": ["string", "number", "boolean"]]
    case .template: ["type": ["string", "number", "boolean", "null"]]
    case .flag: ["enum": [true, false, "true", "false"]]
    case .integer(let range):
      Self.either(
        ["type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound))],
        Self.integerPattern(range))
    case .decimal(let range):
      Self.either(
        ["type": "number", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound))],
        "^0*([1-9][0-9]?(\\.[0-9]+)?|100(\\.0+)?)$")
    case .anyInteger: Self.either(["type": "integer"], "^[-+]?[0-9]+$")
    case .anyNumber: Self.either(["type": "number"], "^[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?$")
    case .duration(let zeroToo):
      ["type": "string", "pattern": .string("\\$\\{\\{|^\(zeroToo ? "" : "(?=.*[1-9])")\(Self.durationPattern)$")]
    case .plainDuration: ["type": "string", "pattern": .string("^\(Self.durationPattern)$")]
    case .size: Self.either(["type": "integer", "minimum": 0], "^[0-9]+(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$")
    case .word(let words):
      [
        "enum": .array(
          words.map { .string($0) } + (words.contains("true") ? [true] : []) + (words.contains("false") ? [false] : []))
      ]
    case .anyCase(let words):
      ["type": "string", "pattern": .string("^(\(words.map(Self.anyCase).joined(separator: "|")))$")]
    case .name: ["type": "string", "pattern": .string(Self.namePattern)]
    case .version:
      ["type": "string", "pattern": "^(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*)){2}(-[^+]+)?(\\+.*)?$"]
    case .versionBounds:
      Self.either(["type": "number", "minimum": 0], "^[ ,]*\(Self.bound)([ ,]+\(Self.bound))*[ ,]*$")
    case .place:
      Self.either(
        ["type": ["number", "boolean"], "minimum": 0], "\\$\\{\\{|^(?!-)[^\\u0000-\\u0020\\u007f]+$")
    case .address: ["type": "string", "pattern": "^https?://|\\$\\{\\{"]
    case .port:
      Self.either(
        ["type": ["integer", "boolean"], "minimum": 1, "maximum": 65535],
        "\\$\\{\\{|^\\+?0*(\(Self.ports))$|^(?!-)(?=.*[a-z-])[a-z0-9-]{1,63}$")
    case .destination:
      ["type": "string", "pattern": .string("\\$\\{\\{|^(?!-)[^\\u0000-\\u0020\\u007f]+:\\+?0*(\(Self.ports))$")]
    case .one: ["enum": [1, "1"]]
    case .bareType(let types): ["enum": .strings(types.filter { DeclaredType.needed[$0] == nil })]
    case .here: ["const": "local"]
    }
  }

  /// The schema of the name of a program.
  static let program: JSON = either(["type": ["number", "boolean"]], "^(.|\\n)+$")

  static let namePattern = "^(?!(\(reservedNames.joined(separator: "|")))$)[a-z][a-z0-9-]{0,62}$"
  private static let ports = upTo("65535")
  private static let durationPattern = "(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?"
  private static let bound = "(>=|<=|>|<|=)?v?[0-9]+(\\.[0-9]+){0,3}(-[^+ ,]+)?(\\+[^ ,]*)?"

  private static func either(_ typed: JSON, _ pattern: String) -> JSON {
    ["anyOf": [typed, ["type": "string", "pattern": .string(pattern)]]]
  }

  /// A pattern for the whole numbers from 0 or 1 to a power of ten or less than 100,000.
  private static func integerPattern(_ range: ClosedRange<Int>) -> String {
    let zero = range.lowerBound == 0 ? "[-+]?0+|" : ""
    return "^(\(zero)\\+?0*(\(upTo(String(range.upperBound)))))$"
  }

  /// The numbers without leading zeros from 1 to a bound: those with fewer digits, then digit by digit.
  private static func upTo(_ bound: String) -> String {
    let digits = bound.compactMap(\.wholeNumberValue)
    var parts: [String] = []
    if digits.count > 1 { parts.append("[1-9][0-9]{0,\(digits.count - 2)}") }
    for (place, digit) in digits.enumerated() where digit > (place == 0 ? 1 : 0) {
      let lowest = place == 0 ? 1 : 0
      let rest = digits.count - place - 1
      let choice = digit - 1 == lowest ? "\(lowest)" : "[\(lowest)-\(digit - 1)]"
      parts.append(digits[..<place].map(String.init).joined() + choice + (rest > 0 ? "[0-9]{\(rest)}" : ""))
    }
    return (parts + [bound]).joined(separator: "|")
  }

  private static func anyCase(_ word: String) -> String {
    word.map { "[\($0.uppercased())\($0.lowercased())]" }.joined()
  }
}
