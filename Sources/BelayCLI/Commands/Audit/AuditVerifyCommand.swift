import ArgumentParser
import Journal
import Presentation
import TerminalText

struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks every record, the hash chain, the signed checkpoints, and every stored output.",
    discussion: "Exits 0 if everything is as it was written, else 1.")

  @Option(
    name: .customLong("export"),
    help: ArgumentHelp("Check this exported log, or standard input for -, instead of a store.", valueName: "file"),
    completion: .file())
  var exported: String?

  @OptionGroup var keys: KeyOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let accepted = try keys.accepted()
    let found: VerificationReport
    let place: String
    if let exported {
      found = ExportVerifier.verify(try WholeFile.read(exported), keys: accepted)
      place = exported == "-" ? "<stdin>" : exported
    } else {
      let reader = try RunReader(store)
      place = reader.store.path
      for flaw in reader.store.wideFileModes {
        Terminal.standardError.write(TerminalText.harmless("warning: \(flaw)\n"))
      }
      do throws(JournalError) {
        found = try reader.store.verify(keys: accepted)
      } catch {
        throw CommandFault(message: "\(error)", status: .fault)
      }
    }
    let view = AuditReport(report: found, place: place, isExport: exported != nil, isPinned: accepted != nil)
    switch report.format {
    case .text:
      Terminal.standardOutput.write(
        view.lines(colour: Terminal.standardOutput.wantsColour).joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(view.json.prettyText() + "\n")
    }
    if !found.isIntact { throw ExitStatus.failed }
  }
}
