import ArgumentParser
import Diagnostics
import Presentation
import Rehearsal
import RunbookParser

struct RehearsePlayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play", abstract: "Plays a runbook with answers from a scenario; `play` itself may be left out.",
    discussion: """
      Without a scenario everything succeeds. Time is simulated. Exits 0 if every rehearsal came as it should, 1 if one did \
      not, 2 if a file is wrong.
      """)

  /// The formats.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, junit
  }

  @Argument(
    help: "The runbook's file; a scenario names its runbook itself.", completion: .file(extensions: ["yaml"]))
  var runbook: String?

  @Option(
    help: ArgumentHelp("A scenario's file; may be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var scenario: [String] = []

  @Flag(help: "All scenarios of the project, of the runbook where one is named.")
  var all = false

  @OptionGroup var inputs: InputOptions

  @Option(help: "How to write: text, json or junit (XML).")
  var format: Format = .text

  func run() throws {
    let wantsColour = format == .text && Terminal.standardOutput.wantsColour
    let entries = try rehearsals().map { file, planned in
      let story = RehearsalStory(colour: wantsColour)
      let zones = ZoneFiles.records(of: planned.plan)
      let result = RehearsedRun(planned, zones: zones, observe: story.hear).play()
      return RehearsalReport.Entry(file: file, result: result, story: story.lines)
    }
    switch format {
    case .text:
      let lines = RehearsalReport(colour: wantsColour).lines(entries)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(RehearsalReport.json(entries).prettyText() + "\n")
    case .junit: Terminal.standardOutput.write(RehearsalReport.junit(entries))
    }
    if !entries.allSatisfy(\.result.hasPassed) { throw ExitStatus.failed }
  }

  /// What is to be rehearsed, or an exit with status 2.
  private func rehearsals() throws -> [(file: String?, planned: PlannedRehearsal)] {
    if scenario.isEmpty, !all {
      guard let runbook else {
        throw CommandFault(message: "name a runbook, or a scenario with --scenario, or --all", status: .usage)
      }
      let (plan, readSteps) = try Compilations.compilation(runbook, inputs, ask: false)
      let scenario = RehearsalScenario(runbook: plan.name, name: "everything succeeds")
      return [(nil, PlannedRehearsal(rehearsal: scenario, plan: plan, readSteps: readSteps))]
    }
    if inputs.isGiven {
      throw CommandFault(
        message: "a scenario says itself with which inputs and in which environment it is rehearsed", status: .usage)
    }
    let named = try runbook.map { path in
      (path: path, name: RunbookCompiler.compile(try FileReader.read(path)).runbook?.name ?? "")
    }
    let known = all ? FileProject.of(runbook ?? "-").rehearsals(of: named?.name) : []
    let files = scenario + known.map(WorkingDirectory.relative)
    if files.isEmpty {
      let what = named.map { "of \($0.name)" } ?? ""
      throw CommandFault(
        message: "the project has no scenario \(what): a file that begins with `rehearsal: 1`", status: .usage)
    }
    var diagnostics: [Diagnostic] = []
    var found: [(file: String?, planned: PlannedRehearsal)] = []
    for file in files {
      let (planned, problems) = RunbookCompiler.rehearsal(try FileReader.read(file), project: FileProject.of(file))
      diagnostics += problems
      guard let planned else { continue }
      if let named, planned.rehearsal.runbook != named.name {
        throw CommandFault(
          message: "\(file) is of the runbook \(planned.rehearsal.runbook), not of \(named.name)", status: .usage)
      }
      found.append((file, planned))
    }
    Compilations.show(diagnostics.sortedForDisplay())
    if diagnostics.hasErrors { throw ExitStatus.usage }
    return found
  }
}
