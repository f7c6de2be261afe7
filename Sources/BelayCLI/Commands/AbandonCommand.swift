import ArgumentParser
import Presentation
import RunEngine
import RunbookExecutor

struct AbandonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "abandon", abstract: "Gives an interrupted run up: it ends as aborted, and its changes stay.",
    discussion: "Exits 6, or 3 if changes are left in place. `belay rollback` can still undo them.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @Option(help: "Why; it is recorded.")
  var reason: String

  @OptionGroup var store: StoreOptions

  func validate() throws {
    if reason.isEmpty { throw ValidationError("--reason says why; it cannot be empty") }
  }

  func run() throws {
    let host = EngineHost(store: try EngineHost.openStore(store), options: EngineOptions())
    let state = try host.abandon(try RunReader.resolve(id, in: host.store), reason: reason)
    let lines = RunSummary(colour: Terminal.standardOutput.wantsColour).lines(state)
    Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    throw state.residue.isClean ? ExitStatus.aborted : ExitStatus.residue
  }
}
