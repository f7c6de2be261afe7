import Expressions

/// Files of public keys in OpenSSH's formats: whose which key is (ssh-keygen(1), "ALLOWED SIGNERS"), and lists of keys.
///
/// Who has signed is for ssh-keygen to say. This tells what a file names at all, and what in it nobody could use.
package struct AllowedSigners: Sendable {
  /// A line that gives a key to people.
  package struct Line: Sendable, Hashable {
    /// Its number, from 1.
    package let number: Int
    /// The patterns of those whose key it is.
    package let principals: [String]
    /// Whether the key is that of an authority, which signs certificates.
    package let isAuthority: Bool
    /// The key in base64, as it stands there.
    package let key: String

    /// Whether it speaks of a person by name; nil where patterns leave that to ssh-keygen.
    package func names(_ principal: String) -> Bool? {
      if principals.contains(where: { $0.contains { "*?!".contains($0) } }) { return nil }
      return principals.contains(principal)
    }
  }

  /// A line that says nothing that could be used.
  package struct Problem: Sendable, Hashable {
    /// Its number, from 1.
    package let line: Int
    /// What is wrong with it.
    package let text: String
  }

  package private(set) var lines: [Line] = []
  package private(set) var problems: [Problem] = []

  /// Reads a file of allowed signers.
  package init(_ text: String) {
    for (number, line) in Self.content(of: text) {
      switch Self.parse(line, number) {
      case .success(let line): lines.append(line)
      case .failure(let flaw): problems.append(Problem(line: number, text: flaw.text))
      }
    }
  }

  /// What is wrong with a list of public keys, one a line.
  package static func problems(ofKeys text: String) -> [Problem] {
    content(of: text).compactMap { number, line in
      key(line) == nil ? Problem(line: number, text: "it is not a public key") : nil
    }
  }

  // MARK: Lines

  private struct Flaw: Error {
    let text: String
  }

  private static let options = ["cert-authority", "namespaces", "valid-after", "valid-before"]

  /// The lines that are neither empty nor comments, without what surrounds them.
  private static func content(of text: String) -> [(Int, Substring)] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { place, line in
      var line = line.drop { $0 == " " || $0 == "\t" }
      while let last = line.last, last == "\r" || last == " " || last == "\t" { line.removeLast() }
      return line.isEmpty || line.hasPrefix("#") ? nil : (place + 1, line)
    }
  }

  private static func parse(_ line: Substring, _ number: Int) -> Result<Line, Flaw> {
    var rest = line
    let names = word(&rest).filter { $0 != "\"" }
    var isAuthority = false
    if key(rest) == nil {
      let said = word(&rest)
      for option in split(said) {
        let name = option.prefix { $0 != "=" }.lowercased()
        guard options.contains(name) else {
          // It may have been meant for a key.
          return .failure(
            Flaw(text: rest.isEmpty ? "it has no public key" : "`\(name)` is neither a public key nor an option"))
        }
        if name == "cert-authority" { isAuthority = true }
        if name.hasPrefix("valid-"), !isTime(option.dropFirst(name.count + 1)) {
          return .failure(Flaw(text: "`\(option)` is no time: YYYYMMDD or YYYYMMDDHHMM[SS], with a Z for UTC"))
        }
      }
    }
    guard let key = key(rest) else { return .failure(Flaw(text: "it has no public key")) }
    return .success(
      Line(
        number: number, principals: names.split(separator: ",").map(String.init), isAuthority: isAuthority, key: key))
  }

  /// The first word of a line, whose quoted parts may have blanks; the blanks after it go with it.
  private static func word(_ rest: inout Substring) -> Substring {
    var isQuoted = false
    let end = rest.firstIndex { character in
      if character == "\"" { isQuoted.toggle() }
      return !isQuoted && (character == " " || character == "\t")
    }
    let word = rest[..<(end ?? rest.endIndex)]
    rest = rest[(end ?? rest.endIndex)...].drop { $0 == " " || $0 == "\t" }
    return word
  }

  /// The parts between commas that no quotation marks surround.
  private static func split(_ options: Substring) -> [Substring] {
    var isQuoted = false
    return options.split { character in
      if character == "\"" { isQuoted.toggle() }
      return !isQuoted && character == ","
    }
  }

  private static func isTime(_ text: Substring) -> Bool {
    var digits = text.filter { $0 != "\"" }
    if digits.last == "Z" { digits.removeLast() }
    return [8, 12, 14].contains(digits.count) && digits.allSatisfy { $0.isASCII && $0.isNumber }
  }

  /// The key in base64 of a text that is a key's type, the key and perhaps a comment; nil for any other.
  private static func key(_ text: Substring) -> String? {
    let words = text.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
    guard words.count >= 2, let blob = Base64.decode(words[1]), blob.count > 4 else { return nil }
    let count = blob[..<4].reduce(0) { $0 << 8 | Int($1) }
    guard count > 0, count <= blob.count - 4, blob[4..<(4 + count)].elementsEqual(words[0].utf8) else { return nil }
    return String(words[1])
  }
}
