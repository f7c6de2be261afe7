import ArgumentParser
import Journal
import Presentation

struct AuditShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows who signs the log, and how far it is signed; checks nothing.")

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let reader = try RunReader(store)
    let view: SigningSummary
    do throws(JournalError) {
      view = try SigningSummary(reader.store)
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
    switch report.format {
    case .text: Terminal.standardOutput.write(view.lines.joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(view.json.prettyText() + "\n")
    }
  }
}

extension SigningSummary {
  /// Reads a store.
  fileprivate init(_ store: JournalStore) throws(JournalError) {
    let keys = try store.logKeys()
    var signer: Int64?
    if let key = keys.last { signer = (try? store.signerState(of: key))?.size }
    let newest = try store.newestCheckpoint()
    self.init(
      store: store.path, keys: keys.map { .init(verifier: $0.verifier, folder: store.keyFolder($0.directory)) },
      records: try store.recordCount(), checkpoint: newest, signed: signer)
  }
}
