import ArgumentParser
import Presentation

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Lists the runs in the store, the newest first.")

  @Option(help: "How many at most.")
  var limit = 20

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is at least 1") }
  }

  func run() throws {
    let runs = try RunReader(store).newest(limit)
    switch report.format {
    case .text: Terminal.standardOutput.write(RunTable.lines(runs).joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(RunTable.json(runs).prettyText() + "\n")
    }
  }
}
