import ArgumentParser
import Performers
import RunbookExecutor
import RunbookParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a runbook: every step is recorded, verified, and undone if the policy says so.")

  @Argument(help: "The runbook's file, or - for standard input.", completion: .custom(Completions.runbooks))
  var runbook: String

  @OptionGroup var inputs: InputOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var signing: SigningOptions
  @OptionGroup var store: StoreOptions

  @Flag(name: .long, help: "Do really what observes, and nothing that changes.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "With --dry-run: says what is observed otherwise than in an earlier run, dry or not.", valueName: "run"),
    completion: .custom(Completions.runs))
  var against: String?

  func run() throws {
    if against != nil, !dryRun {
      throw CommandFault(message: "--against compares what a dry run observes: add --dry-run", status: .usage)
    }
    let earlier = try against.map { try RunReader.resolve($0, in: try RunReader(store).store) }
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
    var host = EngineHost(
      store: try EngineHost.openStore(store), options: engine, typedSecrets: typed,
      project: plan.policy == nil ? nil : FileProject.policyMark(of: runbook))
    if let earlier {
      host.afterwards = { [store = host.store, engine] state in
        let comparison = ObservationComparison(
          try StoredRun(state.run.id, in: store), against: try StoredRun(earlier, in: store))
        ObservationWriter(options: engine).write(comparison, against: earlier)
      }
    }
    throw try host.begin(plan, mode: dryRun ? .dryRun : .live, signing: signing)
  }
}
