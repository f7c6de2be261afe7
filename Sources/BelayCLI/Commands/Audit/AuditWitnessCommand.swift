import ArgumentParser
import Glibc
import Journal

struct AuditWitnessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "Sees that a log only grew since the last time, and cosigns it; for a second machine or a CI job.",
    discussion: """
      Reads what `belay audit checkpoint --since` printed, and prints the checkpoint with its own signature. Exits 1 \
      where the log does not continue what was seen last. The first time it makes the witness's key, and keeps the \
      log's, which --key gives.
      """)

  @Argument(help: "The file, or - for standard input.", completion: .file())
  var file: String?

  @Option(
    help: ArgumentHelp("Where the witness keeps its key, and what it saw last.", valueName: "dir"),
    completion: .directory)
  var state: String

  @Option(help: ArgumentHelp("The log's verifier key; needed the first time.", valueName: "key"))
  var key: String?

  @Option(help: ArgumentHelp("The witness's name; needed the first time.", valueName: "name"))
  var name: String?

  @Flag(help: "Print how many records were seen last, and nothing else.")
  var size = false

  @Flag(help: "Print the witness's verifier key, and nothing else.")
  var identity = false

  func run() throws {
    do {
      let log = try key.map { try KeyOptions.parse($0, kind: .note) }
      let memory = try WitnessMemory(at: state, log: log, name: name)
      if size {
        Terminal.standardOutput.write("\(try memory.seen()?.size ?? 0)\n")
      } else if identity {
        Terminal.standardOutput.write("\(memory.key.verifier)\n")
      } else {
        try cosign(with: memory)
      }
    } catch let error as JournalError {
      throw CommandFault(message: error.reason, status: .usage)
    } catch let refusal as WitnessRefusal {
      throw CommandFault(message: "\(refusal)", status: .failed)
    }
  }

  private func cosign(with memory: WitnessMemory) throws {
    guard let file else { throw CommandFault(message: "name a file, or - for standard input", status: .usage) }
    guard let request = WitnessRequest(String(decoding: try WholeFile.read(file), as: UTF8.self)) else {
      throw CommandFault(
        message: "\(file) is not what `belay audit checkpoint --since` prints", status: .usage)
    }
    let cosigned = try memory.withLock {
      let cosigned = try Witness.cosign(
        request, of: memory.log, after: memory.seen(), with: memory.key, at: Int64(time(nil)))
      try memory.remember(cosigned)
      return cosigned
    }
    Terminal.standardOutput.write(cosigned.note.description)
  }
}
