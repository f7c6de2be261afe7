import ArgumentParser
import Journal

struct AuditExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the whole log as lines: records as they stand, and signed checkpoints.",
    discussion: "What programs wrote is not in it, only its hashes. docs/audit.md says how to check it without Belay.")

  @Option(
    name: .shortAndLong, help: ArgumentHelp("A new file to write to. Default: standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var store: StoreOptions

  func run() throws {
    let reader = try RunReader(store)
    do {
      try WholeFile.write(output) { sink in try LogExport.write(reader.store, into: sink) }
    } catch let error as JournalError {
      throw CommandFault(message: "\(error)", status: .fault)
    }
  }
}
