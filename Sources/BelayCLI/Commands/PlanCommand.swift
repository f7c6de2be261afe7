import ArgumentParser
import CanonicalJSON
import Presentation

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Shows what a run would do, without doing or looking up anything.")

  @Argument(help: "The runbook's file, or - for standard input.", completion: .file(extensions: ["yaml"]))
  var runbook: String

  @OptionGroup var inputs: InputOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let plan = try Compilations.plan(runbook, inputs, ask: false)
    switch report.format {
    case .text:
      let lines = PlanText(colour: Terminal.standardOutput.wantsColour).lines(plan)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json:
      let json = JSON.object([.init("digest", .string(plan.digest)), .init("plan", plan.encoded())])
      Terminal.standardOutput.write(json.prettyText() + "\n")
    }
  }
}
