import ArgumentParser
import CanonicalJSON
import Presentation
import Rehearsal

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Shows what a run would do, without doing or looking up anything.")

  @Argument(help: "The runbook's file, or - for standard input.", completion: .custom(Completions.runbooks))
  var runbook: String

  @OptionGroup var inputs: InputOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let plan = try Compilations.plan(runbook, inputs, ask: false)
    let past = PastRuns(at: store.directory)?.durations(of: plan) ?? PastDurations()
    let estimate = PlanEstimate(plan, past)
    switch report.format {
    case .text:
      let colour = Terminal.standardOutput.wantsColour
      let lines =
        PlanText(colour: colour).lines(plan) { step in
          past.spread(of: "steps.\(step)").map { EstimateText.line($0) }
        } + EstimateText(colour: colour).lines(estimate)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json:
      let json = JSON.object([
        .init("digest", .string(plan.digest)), .init("plan", plan.encoded()),
        .init("estimate", EstimateText.json(estimate)),
      ])
      Terminal.standardOutput.write(json.prettyText() + "\n")
    }
  }
}
