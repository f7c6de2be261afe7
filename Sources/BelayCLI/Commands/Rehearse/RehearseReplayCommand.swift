import ArgumentParser
import Diagnostics
import Presentation
import Rehearsal
import RunbookParser

struct RehearseReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Holds a run against the runbook of today: what would now be done differently.",
    discussion: """
      The runbook is planned with the inputs of the run and played with the answers it had. Exits 0 if nothing would be \
      different, 1 if something would, 2 if the runbook cannot be planned with these inputs.
      """)

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @Option(
    help: ArgumentHelp("The runbook's file. Default: the project's runbook of that name.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var runbook: String?

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let history = try RunReader(store).history(id)
    if history.isAlive {
      throw CommandFault(message: "an engine drives the run now; replay it once it is over", status: .usage)
    }
    let past = history.moments.map { (time: $0.time, event: $0.event) }
    let recording = RunRecording(past, of: history.state)
    let project = FileProject.of(runbook ?? "-")
    let sources: any ProjectSources =
      try runbook.map { ProjectWithRunbook(try FileReader.read($0), named: history.state.plan.name, around: project) }
      ?? project
    let (planned, diagnostics) = RunbookCompiler.rehearsal(ScenarioText.head(of: history.state), project: sources)
    Compilations.show(diagnostics)
    guard var planned else { throw ExitStatus.usage }
    planned.rehearsal = recording.scenario
    planned.rehearsal.expectation = RehearsalScenario.Expectation()
    let today = RehearsedRun(planned, zones: ZoneFiles.records(of: planned.plan)).play()
    let comparison = ReplayComparison(past.map(\.event), of: history.state, today: today)
    switch report.format {
    case .text:
      let lines = ReplayReport(colour: Terminal.standardOutput.wantsColour)
        .lines(comparison, history.state, today, omissions: recording.omissions)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json:
      Terminal.standardOutput.write(
        ReplayReport.json(comparison, history.state, today, omissions: recording.omissions).prettyText() + "\n")
    }
    if !comparison.differences.isEmpty { throw ExitStatus.failed }
  }
}

/// A project in which one name means a certain file.
private struct ProjectWithRunbook: ProjectSources {
  private let source: SourceText
  private let name: String
  private let around: FileProject

  init(_ source: SourceText, named name: String, around: FileProject) {
    self.source = source
    self.name = name
    self.around = around
  }

  var settings: SourceText? { around.settings }
  var settingsProblem: String? { around.settingsProblem }
  func library(named name: String) -> SourceText? { around.library(named: name) }
  func runbook(named name: String) -> SourceText? { name == self.name ? source : around.runbook(named: name) }
  func libraries(named name: String) -> [String] { around.libraries(named: name) }
  func runbooks(named name: String) -> [String] { name == self.name ? [] : around.runbooks(named: name) }
  func file(at path: String) -> SourceText? { around.file(at: path) }
}
