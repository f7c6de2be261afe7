import ArgumentParser

struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Copies the store, and takes old output out of it.",
    subcommands: [StoreBackupCommand.self, StorePruneCommand.self])
}
