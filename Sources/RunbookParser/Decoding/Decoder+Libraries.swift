import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// The values and checks of the libraries that a runbook uses.
  func use(_ node: YAMLNode?) -> [NamedValue] {
    var found: [NamedValue] = []
    var used: [String: ByteSpan] = [:]
    for (name, span) in names(node, "`use`") {
      if let first = used[name] {
        report(.duplicateName, "the library `\(name)` is used twice", span, labels: [(first, "this is the first time")])
        continue
      }
      used[name] = span
      refuseNamesakes(project?.libraries(named: name) ?? [], "library", name, span)
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

  /// Reports that several files have the name that is meant: which of them would count nobody could tell.
  func refuseNamesakes(_ paths: [String], _ kind: String, _ name: String, _ span: ByteSpan) {
    guard !paths.isEmpty else { return }
    report(
      .duplicateName, "\(paths.count) files of the project are the \(kind) `\(name)`", span,
      notes: paths.map { "one is \($0)" })
  }

  /// Warns where a runbook that is only spoken of is not there: who looks for it at night would not find it.
  func lookFor(_ runbook: String, _ span: ByteSpan) {
    guard let project, project.runbook(named: runbook) == nil else { return }
    report(
      .unknownFile, "there is no runbook `\(runbook)` in this project", span, severity: .warning,
      notes: ["a runbook is a file of the project that begins with `belay: 1` and says `name: \(runbook)`"])
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
