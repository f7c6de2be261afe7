import ArgumentParser

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Undoes a run that was stopped, interrupted, or that succeeded, in reverse order.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @Flag(name: .long, help: "Undo it although a later run that shares the runbook or a lock made changes.")
  var overLaterRuns = false

  @OptionGroup var engine: EngineOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let host = EngineHost(store: try EngineHost.openStore(store), options: engine)
    throw try host.takeOver(
      try RunReader.resolve(id, in: host.store), purpose: .rollback, allowOvertaken: overLaterRuns)
  }
}
