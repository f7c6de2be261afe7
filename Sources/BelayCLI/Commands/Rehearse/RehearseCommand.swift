import ArgumentParser

struct RehearseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse", abstract: "Plays a runbook with answers from a scenario: nothing is started or asked.",
    subcommands: [RehearsePlayCommand.self, RehearseRecordCommand.self, RehearseReplayCommand.self],
    defaultSubcommand: RehearsePlayCommand.self)
}
