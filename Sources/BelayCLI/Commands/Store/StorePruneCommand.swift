import ArgumentParser
import Journal
import RunbookExecutor
import RunbookParser

struct StorePruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Removes old output of ended runs; records and hashes stay.",
    discussion: """
      The log says what was removed and by whom, and `belay audit verify` calls it pruned, not missing. A run whose \
      output is gone is shown without it, and may not be undone any more where an expression needs it. A dry run that \
      somebody looked at who has approved a step of a run that is not over keeps its output.
      """)

  @Option(help: ArgumentHelp("How old the output must be, such as 90d.", valueName: "duration"))
  var outputsOlderThan: String

  @OptionGroup var store: StoreOptions

  func run() throws {
    guard let age = DurationText.parse(outputsOlderThan), age >= 0 else {
      throw CommandFault(message: "\(outputsOlderThan) is not a duration such as 90d or 12h", status: .usage)
    }
    let store = try EngineHost.openStore(self.store)
    defer { store.close() }
    do {
      let now = SystemClock().wall()
      let report = try store.prune(
        outputsBefore: now - age, now: now, by: EngineHost.operatorName, except: Ballot.dryRunsThatCount(in: store))
      Terminal.standardOutput.write(
        "pruned \(report.outputCount) output\(report.outputCount == 1 ? "" : "s") of \(report.bytes) bytes\n")
    } catch {
      throw CommandFault(message: "\(error)", status: .failed)
    }
  }
}
