import Diagnostics

/// The other files of a project, as far as a runbook asks for them.
///
/// The compiler reads nothing itself: who calls it says what lies where.
public protocol ProjectSources: Sendable {
  /// The project's own file, `belay.yaml`; nil where there is none, and where it cannot be read.
  var settings: SourceText? { get }
  /// Why the project's own file cannot be read though it is there; nil where that is not so.
  ///
  /// Nothing is planned then: its rules, people and keys are unknown, not absent.
  var settingsProblem: String? { get }
  /// The library of this name; nil where there is none.
  func library(named name: String) -> SourceText?
  /// The runbook of this name; nil where there is none.
  func runbook(named name: String) -> SourceText?
  /// The paths of all libraries of a name, where there are several; none where there is one, or none.
  func libraries(named name: String) -> [String]
  /// The paths of all runbooks of a name, where there are several; none where there is one, or none.
  func runbooks(named name: String) -> [String]
  /// The file at a path below the project's root; nil where there is none.
  func file(at path: String) -> SourceText?
}

extension ProjectSources {
  /// Nothing: where nobody says otherwise the file can be read, or is not there.
  public var settingsProblem: String? { nil }

  /// None: where nobody says otherwise there is one file of each name.
  public func libraries(named name: String) -> [String] { [] }

  /// None: where nobody says otherwise there is one file of each name.
  public func runbooks(named name: String) -> [String] { [] }
}
