import Diagnostics

/// What a text may be where it stands.
enum ScalarShape: Sendable {
  /// Anything, but not nothing.
  case text
  /// Anything, also nothing.
  case template
  /// `true` or `false`.
  case flag
  /// A whole number within bounds.
  case integer(ClosedRange<Int>)
  /// A number within bounds, without an exponent.
  case decimal(ClosedRange<Int>)
  /// Any integer of 64 bits.
  case anyInteger
  /// Any number.
  case anyNumber
  /// A length of time, or an expression over constants that gives one.
  case duration(zeroToo: Bool)
  /// A length of time as it stands.
  case plainDuration
  /// A number of bytes.
  case size
  /// One of some words.
  case word([String])
  /// One of some words, in small or capital letters.
  case anyCase([String])
  /// A name of the language.
  case name
  /// A version in the sense of semver.org.
  case version
  /// Bounds on a version.
  case versionBounds
  /// What a program elsewhere is reached by.
  case place
  /// The address of a request.
  case address
  /// A port of a service, by number or name.
  case port
  /// A host and a port of it.
  case destination
  /// The version of the language.
  case one
  /// The name of a type that needs nothing beside it.
  case bareType([String])
  /// The engine's own machine.
  case here

  /// What is wrong with a text.
  struct Problem {
    var message: String
    var notes: [String] = []
    /// What was most likely meant.
    var nearest: String?
    var code = DiagnosticCode.badValue
  }

  /// What is wrong with a text; nil where it fits.
  func problem(_ text: String, _ subject: @autoclosure () -> String) -> Problem? {
    switch self {
    case .text, .template: return nil
    case .flag:
      return text == "true" || text == "false" ? nil : Problem(message: "\(subject()) is true or false, not `\(text)`")
    case .integer(let range):
      if let value = Int(text), range.contains(value) { return nil }
      return Problem(
        message: "\(subject()) is a whole number from \(range.lowerBound) to \(range.upperBound), not `\(text)`")
    case .decimal(let range):
      if Self.isDecimal(text), let value = Double(text), value >= Double(range.lowerBound),
        value <= Double(range.upperBound)
      {
        return nil
      }
      return Problem(message: "\(subject()) is a number from \(range.lowerBound) to \(range.upperBound), not `\(text)`")
    case .anyInteger: return Int64(text) != nil ? nil : Problem(message: "\(subject()) is an integer, not `\(text)`")
    case .anyNumber:
      return Self.isNumber(text) && Double(text) != nil
        ? nil : Problem(message: "\(subject()) is a number, not `\(text)`")
    case .duration(let zeroToo):
      if text.contains("${{") { return nil }
      if let value = DurationText.parse(text), zeroToo || value > 0 { return nil }
      return Problem(
        message: "\(subject()) is a duration, not `\(text)`",
        notes: ["durations are written 500ms, 30s, 5m, 1h30m or 7d"]
      )
    case .plainDuration:
      return DurationText.parse(text) != nil ? nil : Problem(message: "\(subject()) is a duration, not `\(text)`")
    case .size: return SizeText.parse(text) != nil ? nil : Problem(message: "\(subject()) is a size, not `\(text)`")
    case .word(let words): return words.contains(text) ? nil : Self.wrongWord(text, words, subject())
    case .anyCase(let words):
      return words.contains { $0.lowercased() == text.lowercased() } ? nil : Self.wrongWord(text, words, subject())
    case .name: return Self.flaw(ofName: text, subject())
    case .version:
      if SemanticVersion(text) != nil { return nil }
      return Problem(
        message: "\(subject()) is a semantic version, not `\(text)`", notes: ["such as 1.0.0 or 1.2.0-rc.1"])
    case .versionBounds:
      if VersionConstraint(text) != nil { return nil }
      return Problem(message: "`\(text)` does not bound a version", notes: ["such as >=14, or >=1.28 <2"])
    case .place:
      if text.contains("${{") { return nil }
      return Place.flaw(of: text).map { Problem(message: "`\(text)` cannot name a place: \($0)") }
    case .address:
      // What comes from an input may be empty where the step's `when` is false.
      if text.contains("${{") || text.hasPrefix("http://") || text.hasPrefix("https://") { return nil }
      return Problem(message: "\(subject()) begins with http:// or https://")
    case .port:
      return text.contains("${{") || Tunnel.isPort(text)
        ? nil : Problem(message: "\(subject()) is a number from 1 to 65535 or a port's name, not `\(text)`")
    case .destination:
      return text.contains("${{") || Tunnel.destination(text) != nil
        ? nil : Problem(message: "\(subject()) is HOST:PORT, not `\(text)`")
    case .one:
      return text == "1"
        ? nil : Problem(message: "this program understands version 1 of the language", code: .notARunbook)
    case .bareType(let types):
      guard let needed = DeclaredType.needed[text], types.contains(text) else {
        return types.contains(text) ? nil : Self.wrongWord(text, types, subject())
      }
      return Problem(
        message: "the type `\(text)` needs `\(needed)`", notes: ["as in {type: \(text), \(needed): …}"],
        code: .missingKey)
    case .here:
      if text == "local" { return nil }
      return Problem(
        message: "\(subject()) is `local`, `{ssh: user@host}` or `{pod: NAME}`, not `\(text)`",
        notes: ["a machine is reached with `on: {ssh: \(text)}`"])
    }
  }

  /// Whether nothing at all may stand there.
  var mayBeEmpty: Bool {
    switch self {
    case .template: true
    default: false
    }
  }

  private static func wrongWord(_ text: String, _ words: [String], _ subject: String) -> Problem {
    Problem(
      message: words.count == 1
        ? "\(subject) is `\(words[0])`, not `\(text)`"
        : "\(subject) is one of \(words.joined(separator: ", ")), not `\(text)`",
      nearest: Spelling.nearest(to: text, in: words))
  }

  /// What keeps a text from being a name: `[a-z][a-z0-9-]*`, at most 63 characters, no word of an expression.
  static func flaw(ofName text: String, _ subject: String) -> Problem? {
    let bytes = text.utf8
    let isWellFormed =
      bytes.first.map { $0 >= 0x61 && $0 <= 0x7A } == true && bytes.count <= 63
      && bytes.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    if !isWellFormed {
      return Problem(
        message: "`\(text)` cannot name \(subject)",
        notes: ["a name is a small letter, then small letters, digits and hyphens, at most 63 in all"], code: .badName)
    }
    guard reservedNames.contains(text) else { return nil }
    return Problem(
      message: "`\(text)` is a word of the expression language and cannot name \(subject)", code: .badName)
  }

  static let reservedNames = ["in", "true", "false", "null"]

  private static func isDecimal(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
  }

  /// A number as YAML and JSON write it, without words for what is none.
  private static func isNumber(_ text: String) -> Bool {
    text.utf8.contains { $0 >= 0x30 && $0 <= 0x39 }
      && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || "+-.eE".utf8.contains($0) }
  }
}
