import ArgumentParser
import Journal

struct StoreBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copies the store, as it is now, to a new directory; runs go on meanwhile.",
    discussion: """
      The log's private key and the signer's memory are not copied. A store that was restored from a backup is shorter \
      than what was signed, and signs again after `belay audit init --renew`.
      """)

  @Argument(help: "The directory, which must not exist yet.", completion: .directory)
  var directory: String

  @OptionGroup var store: StoreOptions

  func run() throws {
    let reader = try RunReader(store)
    do throws(JournalError) {
      try reader.store.backUp(to: directory)
    } catch {
      throw CommandFault(message: "\(error)", status: .failed)
    }
  }
}
