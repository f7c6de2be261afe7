import ArgumentParser
import Journal
import Presentation

struct AuditCheckProofCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-proof", abstract: "Checks the proof of a run, without the store that it came from.",
    discussion: "Exits 0 if the run's records are in the log that was signed, else 1.")

  @Argument(help: "The file, or - for standard input.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "The key of a witness that must have cosigned the checkpoint; may be repeated.", valueName: "key"))
  var witness: [String] = []

  @OptionGroup var keys: KeyOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let accepted = try keys.accepted()
    let witnesses = try witness.map { try KeyOptions.parse($0, kind: .cosignature) }
    let found = RunProof.check(try WholeFile.read(file), keys: accepted, witnesses: witnesses)
    let view = ProofReport(report: found, isPinned: accepted != nil)
    switch report.format {
    case .text:
      Terminal.standardOutput.write(
        view.lines(colour: Terminal.standardOutput.wantsColour).joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(view.json.prettyText() + "\n")
    }
    if !found.isProven { throw ExitStatus.failed }
  }
}
