import ArgumentParser
import Diagnostics
import Journal
import Presentation
import Rehearsal
import RunbookExecutor
import RunbookParser
import TerminalText

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

  @Option(
    help: ArgumentHelp(
      "Instead of playing, lists what has changed or failed, or was played longer ago than this.", valueName: "30d"))
  var stale: String?

  @OptionGroup var exploring: ExploreOptions
  @OptionGroup var inputs: InputOptions
  @OptionGroup var store: StoreOptions

  @Option(help: "How to write: text, json or junit (XML).")
  var format: Format = .text

  func run() throws {
    if let stale { return try listStale(stale) }
    let wantsColour = format == .text && Terminal.standardOutput.wantsColour
    let planned = try rehearsals()
    if exploring.explore { return try explore(planned) }
    let entries = planned.map { play($1, from: $0, tellsAlways: format == .text && planned.count == 1, wantsColour) }
    switch format {
    case .text:
      let lines = RehearsalReport(colour: wantsColour).lines(entries)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(RehearsalReport.json(entries).prettyText() + "\n")
    case .junit: Terminal.standardOutput.write(RehearsalReport.junit(entries))
    }
    remember(entries)
    if !entries.allSatisfy(\.result.hasPassed) { throw ExitStatus.failed }
  }

  /// Plays one; its story is told where it is asked for, or something is not as it should be: then it is played once more,
  /// which comes to the same.
  private func play(
    _ planned: PlannedRehearsal, from file: String?, tellsAlways: Bool, _ wantsColour: Bool
  ) -> RehearsalReport.Entry {
    let zones = ZoneFiles.records(of: planned.plan)
    if !tellsAlways {
      let result = RehearsedRun(planned, zones: zones).play()
      if result.hasPassed || format == .json { return RehearsalReport.Entry(file: file, result: result, story: []) }
    }
    let story = RehearsalStory(colour: wantsColour)
    let result = RehearsedRun(planned, zones: zones).play(story.hear)
    return RehearsalReport.Entry(file: file, result: result, story: story.lines)
  }

  /// Keeps what was played from files; where that cannot be kept, what was asked for was done all the same.
  private func remember(_ entries: [RehearsalReport.Entry]) {
    let now = SystemClock().wall()
    var played: [String: [String: RehearsalMemory.Playing]] = [:]
    for entry in entries {
      guard let file = entry.file, let source = try? FileReader.read(file) else { continue }
      let plan = entry.result.state.plan
      played[plan.name, default: [:]][FileProject.of(file).relative(file)] = RehearsalMemory.Playing(
        plan: plan.digest, scenario: ContentHash(of: source.bytes).hex, time: now, hasPassed: entry.result.hasPassed)
    }
    guard !played.isEmpty else { return }
    do throws(JournalError) {
      let memory = try RehearsalMemory(at: store.directory, creating: true)
      for (runbook, playings) in played.sorted(by: { $0.key < $1.key }) { try memory.remember(playings, of: runbook) }
    } catch {
      Terminal.standardError.write(TerminalText.harmless("note: nobody will know that it was rehearsed: \(error)\n"))
    }
  }

  private func listStale(_ text: String) throws {
    guard !all, scenario.isEmpty, !inputs.isGiven, !exploring.isGiven, format != .junit else {
      throw CommandFault(
        message: "--stale plays nothing: it goes with a runbook, --store and --format json", status: .usage)
    }
    guard let age = DurationText.parse(text) else {
      throw CommandFault(message: "--stale \(text): write a duration, such as 30d", status: .usage)
    }
    let name = try runbook.map { path -> String in
      guard let name = RunbookCompiler.compile(try FileReader.read(path)).runbook?.name else {
        throw CommandFault(message: "\(path) is no runbook", status: .usage)
      }
      return name
    }
    let staleness = Staleness(
      project: FileProject.of(runbook ?? "-"), store: store.directory, age: age, now: SystemClock().wall())
    let (entries, looked) = try staleness.find(of: name)
    switch format {
    case .text, .junit:
      Terminal.standardOutput.write(StaleTable.lines(entries, looked: looked).joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(StaleTable.json(entries, looked: looked).prettyText() + "\n")
    }
    // What has been rehearsed since it changed is worth knowing, and no work left to do.
    if entries.contains(where: { $0.reason != .changedSinceRun }) { throw ExitStatus.failed }
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
