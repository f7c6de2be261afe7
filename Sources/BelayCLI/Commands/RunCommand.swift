import ArgumentParser
import Performers
import RunbookExecutor
import RunbookParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a runbook: every step is recorded, verified, and undone if the policy says so.")

  @Argument(help: "The runbook's file, or - for standard input.", completion: .file(extensions: ["yaml"]))
  var runbook: String

  @OptionGroup var inputs: InputOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var signing: SigningOptions
  @OptionGroup var store: StoreOptions

  @Flag(name: .long, help: "Do really what observes, and nothing that changes.")
  var dryRun = false

  func run() throws {
    let plan = try Compilations.plan(runbook, inputs, ask: true)
    ProcessSupervisor.keepMemoryPrivate()
    var typed: [String: SecretBytes] = [:]
    for input in plan.inputs where input.content == .secret(.prompt) {
      guard Terminal.isAttended, let value = InputPrompt.askSecret(input.name) else {
        if input.isOptional { continue }
        throw CommandFault(
          message: "the secret \(input.name) must be typed, and nobody is there; give it another source", status: .usage
        )
      }
      typed[input.name] = value
    }
    let host = EngineHost(
      store: try EngineHost.openStore(store), options: engine, typedSecrets: typed,
      project: plan.policy == nil ? nil : FileProject.policyMark(of: runbook))
    throw try host.begin(plan, mode: dryRun ? .dryRun : .live, signing: signing)
  }
}
