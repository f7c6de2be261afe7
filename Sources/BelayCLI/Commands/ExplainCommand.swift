import ArgumentParser
import Diagnostics
import Presentation
import RunbookParser

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains a diagnostic by its code, with examples; without a code, lists them all.")

  @Argument(help: "A code, such as BLY0103.", completion: .custom(Completions.codes))
  var code: String?

  @OptionGroup var report: ReportOptions

  func run() throws {
    let output = Terminal.standardOutput
    guard let code else {
      output.write(report.format == .json ? RulePage.listJSON().prettyText() + "\n" : RulePage.list())
      return
    }
    guard let rule = RuleDescription.of(code.uppercased()) else {
      let nearest = Spelling.nearest(to: code, in: RuleDescription.all.map(\.code.rawValue))
      throw CommandFault(
        message: "there is no diagnostic \(code)"
          + (nearest.map { "; did you mean \($0)?" } ?? "; belay explain lists them"),
        status: .usage)
    }
    let page = RulePage(rule)
    output.write(report.format == .json ? page.json().prettyText() + "\n" : page.text(colour: output.wantsColour))
  }
}
