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
    let run = try RunReader.resolve(id, in: host.store)
    guard let state = try host.abandon(run, reason: reason) else {
      Terminal.standardOutput.write(
        "aborted: run \(run) cannot be read, so that nobody knows what is left of its changes; its locks are free\n")
      throw ExitStatus.residue
    }
    let lines = RunSummary(colour: Terminal.standardOutput.wantsColour).lines(state)
    Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    throw state.residue.isClean ? ExitStatus.aborted : ExitStatus.residue
  }
}
