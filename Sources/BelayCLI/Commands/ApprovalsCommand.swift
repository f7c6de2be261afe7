import ArgumentParser
import Journal
import Presentation

struct ApprovalsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approvals", abstract: "Lists the steps that wait for approvals, or shows what one of them will do.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`; all runs unless said.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String?

  @Argument(
    help: ArgumentHelp("The step; needed where several of the run wait.", valueName: "step"),
    completion: .custom(Completions.steps))
  var step: String?

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let gates = GateReader(store: try RunReader(store).store)
    if let id, report.format == .text {
      let lines: [String]
      do {
        lines = try gates.visit(id, step).lines(colour: Terminal.standardOutput.wantsColour, gates.store)
      } catch let error as JournalError {
        throw CommandFault(message: "\(error)", status: .fault)
      }
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
      return
    }
    var rows = try gates.rows()
    if let id {
      let visit = try gates.visit(id, step)
      rows = rows.filter { $0.state.run.id == visit.run.state.run.id && $0.step == visit.step }
    }
    switch report.format {
    case .text: Terminal.standardOutput.write(GateTable.lines(rows).joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(GateTable.json(rows).prettyText() + "\n")
    }
  }
}
