import ArgumentParser

/// The command line.
package struct BelayCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "belay",
    abstract: "Plans, runs, verifies and undoes runbooks, and keeps a log that can be proven.",
    discussion: """
      Exit statuses: 0 succeeded; 1 failed, or rolled back; 2 wrong runbook or command line; 3 changes are left in \
      place; 4 denied; 5 a precondition is unmet, or a lock is held; 6 aborted; 7 interrupted, can be resumed; \
      70 a fault of the program.
      """,
    version: BelayVersion.current,
    subcommands: [
      ValidateCommand.self, ExplainCommand.self, PlanCommand.self, RunCommand.self, ResumeCommand.self,
      RehearseCommand.self,
      RollbackCommand.self,
      AbandonCommand.self, ApprovalsCommand.self, ApproveCommand.self, PolicyCommand.self, RunsCommand.self,
      ShowCommand.self, LogsCommand.self, ListCommand.self, AuditCommand.self,
      StoreCommand.self, EvalCommand.self, FmtCommand.self, GraphCommand.self, SchemaCommand.self,
      CompletionCommand.self,
    ])

  package init() {}
}

/// The version of this build.
package enum BelayVersion {
  /// As `belay --version` prints it.
  package static let current = "0.1.0"
}
