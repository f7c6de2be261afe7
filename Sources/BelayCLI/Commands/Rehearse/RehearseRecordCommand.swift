import ArgumentParser
import Diagnostics
import Rehearsal
import RunbookFormatter
import TerminalText

struct RehearseRecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Writes a scenario that says what the world and people said in a run.",
    discussion: "It goes to standard output. Secrets are not in it: they are not in the records either.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @OptionGroup var store: StoreOptions

  func run() throws {
    let history = try RunReader(store).history(id)
    if history.isAlive {
      throw CommandFault(message: "an engine drives the run now; record it once it is over", status: .usage)
    }
    let recording = RunRecording(history.moments.map { ($0.time, $0.event) }, of: history.state)
    let remarks = recording.omissions.map { "Not in the scenario: \($0)." }
    let text = ScenarioText.write(
      recording.scenario, of: history.state.plan, addresses: recording.addresses, remarks: remarks)
    let source = SourceText(name: "scenario.yaml", text: text)
    Terminal.standardOutput.write(RunbookFormatter.format(source).text ?? text)
    for omission in recording.omissions {
      Terminal.standardError.write(TerminalText.harmless("note: not in the scenario: \(omission)\n"))
    }
  }
}
