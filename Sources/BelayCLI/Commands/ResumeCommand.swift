import ArgumentParser

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Goes on with an interrupted run, from its records.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @OptionGroup var engine: EngineOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let host = EngineHost(store: try EngineHost.openStore(store), options: engine)
    throw try host.takeOver(try RunReader.resolve(id, in: host.store), purpose: .resume)
  }
}
