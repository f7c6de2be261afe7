import ArgumentParser
import Presentation

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows a run: its steps, their evidence, what is left of its changes, and the next command.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let history = try RunReader(store).history(id)
    switch report.format {
    case .text:
      let lines = RunReport(colour: Terminal.standardOutput.wantsColour).lines(history)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(RunReport.json(history).prettyText() + "\n")
    }
  }
}
