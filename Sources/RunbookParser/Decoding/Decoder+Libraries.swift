import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// The values and checks of the libraries that a runbook uses.
  func use(_ node: YAMLNode?) -> [NamedValue] {
    var found: [NamedValue] = []
    for (name, span) in names(node, "`use`") {
      guard let library = project?.library(named: name) else {
        report(
          .unknownFile, "there is no library `\(name)`", span,
          notes: ["a library is a file of the project that begins with `library: 1` and says `name: \(name)`"])
        names.lacksLibrary = true
        continue
      }
      let (root, problems) = YAMLReader.read(library)
      diagnostics += problems
      guard let root else {
        names.lacksLibrary = true
        continue
      }
      let outside = source
      source = library
      found += self.library(root)
      source = outside
    }
    return found
  }

  /// A library's values; its checks become known.
  private func library(_ root: YAMLNode) -> [NamedValue] {
    guard let root = file(root, .library) else { return [] }
    let found = values(root["values"])
    announceChecks(root["checks"])
    return found
  }

  /// A library on its own: all that can be checked of it without a runbook that uses it.
  func wholeLibrary(_ root: YAMLNode) {
    guard let root = file(root, .library) else { return }
    isLibraryAlone = true
    _ = values(root["values"])
    announceChecks(root["checks"])
    lookAtUnusedChecks()
  }
}
