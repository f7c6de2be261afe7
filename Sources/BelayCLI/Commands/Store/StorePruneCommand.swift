import ArgumentParser
import Journal
import RunbookExecutor
import RunbookParser

struct StorePruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Removes old output of ended runs; records and hashes stay.",
    discussion: """
      The log says what was removed and by whom, and `belay audit verify` calls it pruned, not missing. Output that an \
      expression of its run reads stays, for the run could not be shown or undone without it; so does that of a dry run \
      that somebody looked at who has approved a step of a run that is not over.
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
      let needed = try NeededOutputs(in: store, before: now - age)
      let report = try store.prune(
        outputsBefore: now - age, now: now, by: EngineHost.operatorName, except: needed.ofRuns.union(needed.ofVotes))
      let kept = report.keptCount > 0 ? "; \(report.keptCount) stay, for runs or approvals rest on them" : ""
      Terminal.standardOutput.write(
        "pruned \(report.outputCount) output\(report.outputCount == 1 ? "" : "s") of \(report.bytes) bytes\(kept)\n")
    } catch {
      throw CommandFault(message: "\(error)", status: .failed)
    }
  }
}
