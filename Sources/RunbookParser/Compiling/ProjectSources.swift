import Diagnostics

/// The other files of a project, as far as a runbook asks for them.
///
/// The compiler reads nothing itself: who calls it says what lies where.
public protocol ProjectSources: Sendable {
  /// The project's own file, `belay.yaml`; nil where there is none.
  var settings: SourceText? { get }
  /// The library of this name; nil where there is none.
  func library(named name: String) -> SourceText?
  /// The runbook of this name; nil where there is none.
  func runbook(named name: String) -> SourceText?
  /// The file at a path below the project's root; nil where there is none.
  func file(at path: String) -> SourceText?
}
