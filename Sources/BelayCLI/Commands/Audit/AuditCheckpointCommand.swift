import ArgumentParser
import Journal

struct AuditCheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Signs what is not signed yet, and prints the newest checkpoint.",
    discussion: """
      With --since it prints what `belay audit witness` reads: the checkpoint, and the proof that it continues the one \
      that the witness saw last.
      """)

  @Option(
    help: ArgumentHelp(
      "How many records the witness has seen: 0, or what `belay audit witness --size` prints.", valueName: "records"))
  var since: Int64?

  @Option(
    help: ArgumentHelp("Keep the witness's signatures on this checkpoint, as it printed it.", valueName: "file"),
    completion: .file())
  var add: String?

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try EngineHost.openStore(self.store)
    defer { store.close() }
    let text: String
    var refusal: JournalError?
    do throws(JournalError) {
      if let add {
        let content: [UInt8]
        do { content = try WholeFile.read(add) } catch { throw .signing(error.message) }
        guard let cosigned = SignedCheckpoint(String(decoding: content, as: UTF8.self)) else {
          throw .signing("\(add) holds no checkpoint")
        }
        try store.addCosignatures(cosigned)
        return
      }
      do throws(JournalError) {
        try store.makeCheckpoint()
      } catch {
        // A witness is shown a log that cannot go on as it is, so that it sees why.
        guard since != nil else { throw error }
        refusal = error
      }
      if let since {
        text = try store.witnessRequest(since: since).description
      } else {
        text = try store.newestCheckpoint()?.note.description ?? ""
      }
    } catch {
      throw CommandFault(message: "\(error)", status: .failed)
    }
    Terminal.standardOutput.write(text)
    if let refusal { throw CommandFault(message: "\(refusal)", status: .failed) }
  }
}
