import Diagnostics
import Glibc

extension Validation {
  private struct Mistake: Hashable {
    let file: String
    let span: ByteSpan
    let code: DiagnosticCode
    let message: String
  }

  /// Each mistake once: one in a file that many runbooks use, as the inventory, is found with every one of them.
  ///
  /// - Parameter files: As they were named; a mistake is shown under that name rather than under the project's own.
  static func withoutRepetition(_ diagnostics: [Diagnostic], named files: [String]) -> [Diagnostic] {
    guard diagnostics.count > 1 else { return diagnostics }
    var real: [String: String] = [:]
    func realPath(_ name: String) -> String {
      if let known = real[name] { return known }
      let resolved = realpath(name, nil)
      defer { free(resolved) }
      let path = resolved.map { String(cString: $0) } ?? name
      real[name] = path
      return path
    }
    let named = Set(files)
    var places: [Mistake: Int] = [:]
    var kept: [Diagnostic] = []
    for diagnostic in diagnostics {
      let mistake = Mistake(
        file: realPath(diagnostic.source.name), span: diagnostic.span, code: diagnostic.code,
        message: diagnostic.message)
      if let place = places[mistake] {
        if named.contains(diagnostic.source.name) { kept[place] = diagnostic }
      } else {
        places[mistake] = kept.count
        kept.append(diagnostic)
      }
    }
    return kept
  }
}
