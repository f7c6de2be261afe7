import Expressions
import RunbookParser

/// Finds the version in what a tool prints.
enum ToolVersion {
  /// The first version, or what the first group of a pattern finds.
  static func find(in text: String, pattern: String?) -> SemanticVersion? {
    if let pattern {
      guard let pattern = try? LinearPattern(pattern), let match = pattern.firstMatch(in: text) else { return nil }
      return SemanticVersion(match, lenient: true)
    }
    for word in text.split(whereSeparator: { !($0.isASCII && ($0.isNumber || $0 == ".")) }) {
      let trimmed = word.drop { $0 == "." }
      guard trimmed.contains("."), let version = SemanticVersion(Self.withoutLastStop(trimmed), lenient: true)
      else { continue }
      return version
    }
    return nil
  }

  private static func withoutLastStop(_ word: Substring) -> String {
    String(word.last == "." ? word.dropLast() : word)
  }
}
