import ArgumentParser
import Journal

struct AuditProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Writes one file that shows others what a run did, without the other runs.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("A new file to write to. Default: standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var store: StoreOptions

  func run() throws {
    let reader = try RunReader(store)
    let run = try RunReader.resolve(id, in: reader.store)
    let proof: [UInt8]
    do throws(JournalError) {
      proof = try RunProof.make(of: run, in: reader.store)
    } catch {
      throw CommandFault(message: "the run cannot be proven: \(error.reason)", status: .failed)
    }
    try WholeFile.write(output) { sink in try sink(proof) }
  }
}
