import ArgumentParser
import Journal
import Presentation
import RunbookExecutor

struct AuditCheckProofCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-proof", abstract: "Checks the proof of a run, without the store that it came from.",
    discussion: """
      Exits 0 if the run's records are in the log that was signed and follow from each other, and the approvals that it \
      counted are signed by those who gave them, else 1; 70 where that of approvals cannot be told. Signatures of people are verified \
      with ssh-keygen against the keys in the plan.
      """)

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
    let records = found.isProven ? found.records : []
    let audit = ApprovalAudit(records, Approvals.checker) { found.root(ofSize: $0) }
    let story = records.isEmpty ? nil : StoredRun.contradiction(in: records, of: found.run)
    let view = ProofReport(
      report: found, isPinned: accepted != nil,
      statements: audit.findings.map { finding in
        let what = finding.approves.map { ($0 ? "approved " : "denied ") + (finding.step ?? "") } ?? "started it"
        return ProofReport.SignedStatement(
          record: finding.record, what: what, person: finding.person, reason: finding.reason, problem: finding.problem)
      }, problems: audit.problems + [story].compactMap { $0 }, unchecked: audit.unchecked)
    switch report.format {
    case .text:
      Terminal.standardOutput.write(
        view.lines(colour: Terminal.standardOutput.wantsColour).joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(view.json.prettyText() + "\n")
    }
    switch view.verdict {
    case .proven: break
    case .notProven: throw ExitStatus.failed
    case .notChecked: throw ExitStatus.fault
    }
  }
}
