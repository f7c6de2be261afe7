import ArgumentParser
import Journal
import Presentation

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Checks the log.", subcommands: [AuditVerifyCommand.self])
}

struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Checks the hash chain of all records, and every stored output.",
    discussion: "Exits 0 if everything is as it was written, else 1.")

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let reader = try RunReader(store)
    let found: VerificationReport
    do throws(JournalError) {
      found = try reader.store.verify()
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
    switch report.format {
    case .text:
      let lines = AuditReport.lines(found, store: reader.store.path, colour: Terminal.standardOutput.wantsColour)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(AuditReport.json(found, store: reader.store.path).prettyText() + "\n")
    }
    if !found.isIntact { throw ExitStatus.failed }
  }
}
