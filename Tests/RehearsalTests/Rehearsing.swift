import Diagnostics
import Rehearsal
import RunEngine
import RunbookParser

/// A project of one runbook, for rehearsals of it.
struct Rehearsing: ProjectSources {
  private let runbook: SourceText
  private let own: SourceText?

  /// - Parameters:
  ///   - keys: The runbook's keys after its head, as they are written.
  ///   - settings: The project's file.
  init(_ keys: String, settings: String? = nil) {
    runbook = SourceText(name: "main.yaml", text: "belay: 1\nname: main\nversion: 1.0.0\n" + keys)
    own = settings.map { SourceText(name: "belay.yaml", text: "project: 1\n" + $0) }
  }

  var settings: SourceText? { own }
  func library(named name: String) -> SourceText? { nil }
  func runbook(named name: String) -> SourceText? { name == "main" ? runbook : nil }
  func file(at path: String) -> SourceText? { nil }

  /// What is wrong with a scenario, which is given without its head.
  func mistakes(_ scenario: String) -> [String] {
    RunbookCompiler.rehearsal(Self.source(scenario), project: self).diagnostics.filter { $0.severity == .error }
      .map { "\($0.code.rawValue) \($0.message)" }
  }

  /// What comes of a scenario, which is given without its head.
  func play(_ scenario: String) -> RehearsalResult { RehearsedRun(planned(scenario)).play() }

  /// A scenario, which is given without its head, and its runbook as it is planned for it.
  func planned(_ scenario: String) -> PlannedRehearsal {
    let (planned, diagnostics) = RunbookCompiler.rehearsal(Self.source(scenario), project: self)
    guard let planned else { preconditionFailure("\(diagnostics.map { ($0.message, $0.notes) })") }
    return planned
  }

  /// A whole scenario as a file, and its runbook as it is planned for it.
  func planned(file: String) -> (planned: PlannedRehearsal?, mistakes: [String]) {
    let (planned, diagnostics) = RunbookCompiler.rehearsal(
      SourceText(name: "scenario.yaml", text: file), project: self)
    return (planned, diagnostics.map(\.message))
  }

  private static func source(_ scenario: String) -> SourceText {
    SourceText(name: "scenario.yaml", text: "rehearsal: 1\nrunbook: main\nname: a night\n" + scenario)
  }
}

extension RehearsalResult {
  /// The changes and ways back that began, in order.
  var changes: [String] { order.filter(\.changes).map(\.name) }

  /// What is wrong with it.
  var complaints: [String] { problems + failures }
}
