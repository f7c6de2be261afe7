import ArgumentParser
import Diagnostics
import Presentation
import RunbookExecutor
import RunbookParser

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Says what a project's rules mean.", subcommands: [Explain.self])

  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "explain",
      abstract: "Says who may start a runbook, what must be approved, when nothing is changed, and by which rules.")

    @Argument(help: "The runbook's file, or - for standard input.", completion: .custom(Completions.runbooks))
    var runbook: String

    @Option(
      help: ArgumentHelp("The environment, one of those the runbook names.", valueName: "name"),
      completion: .custom(Completions.environments))
    var environment: String?

    @OptionGroup var report: ReportOptions

    func run() throws {
      let source = try FileReader.read(runbook)
      let compilation = RunbookCompiler.compile(
        source, request: PlanRequest(environment: environment), project: FileProject.of(runbook))
      // Which values inputs get does not matter here.
      let diagnostics = compilation.diagnostics.filter { $0.code != .missingInput }
      Compilations.show(diagnostics)
      guard !diagnostics.hasErrors, let plan = compilation.draft else { throw ExitStatus.usage }
      let colour = report.format == .text && Terminal.standardOutput.wantsColour
      let text = PolicyText(plan, at: SystemClock().wall(), colour: colour)
      switch report.format {
      case .text: Terminal.standardOutput.write(text.lines.joined(separator: "\n") + "\n")
      case .json: Terminal.standardOutput.write(text.json.prettyText() + "\n")
      }
    }
  }
}
