import ArgumentParser

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Signs the log, checks it, and proves to others what is in it.",
    subcommands: [
      AuditInitCommand.self, AuditVerifyCommand.self, AuditShowCommand.self, AuditExportCommand.self,
      AuditCheckpointCommand.self, AuditProveCommand.self, AuditCheckProofCommand.self, AuditWitnessCommand.self,
    ])
}
