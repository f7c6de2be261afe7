import Journal
import Presentation
import Rehearsal
import RunEngine
import RunbookParser

/// Looks for what should be rehearsed again in a project.
struct Staleness {
  let project: FileProject
  let store: String
  /// How long ago a scenario may have been played, in milliseconds.
  let age: Int64
  /// The present, in milliseconds since the epoch.
  let now: Int64

  /// What is stale of one runbook, or of all, and how many scenarios were looked at.
  func find(of runbook: String?) throws -> (entries: [StaleEntry], looked: Int) {
    let memory = try? RehearsalMemory(at: store, creating: false)
    let runs = PastRuns(at: store)?.newest() ?? [:]
    var entries: [StaleEntry] = []
    var looked = 0
    for name in runbook.map({ [$0] }) ?? project.runbookNames {
      let files = project.rehearsals(of: name)
      if files.isEmpty { entries.append(StaleEntry(runbook: name, reason: .noScenario)) }
      let playings = files.isEmpty ? [:] : memory?.playings(of: name) ?? [:]
      for file in files {
        looked += 1
        let source = try FileReader.read(file)
        let (planned, _) = RunbookCompiler.rehearsal(source, project: project)
        let scenario = planned?.rehearsal.name
        let last = playings[project.relative(file)]
        if let reason = StaleReason.of(
          last, plan: planned?.plan.digest, scenario: ContentHash(of: source.bytes).hex, now: now, age: age)
        {
          entries.append(
            StaleEntry(
              runbook: name, scenario: scenario, file: WorkingDirectory.relative(file), last: last?.time,
              reason: reason))
        }
      }
      if let run = runs[name], hasChanged(run.state) {
        entries.append(StaleEntry(runbook: name, last: run.state.startedAt, reason: .changedSinceRun))
      }
    }
    return (entries, looked)
  }

  /// Whether the runbook of today gives another plan with the inputs of a run.
  private func hasChanged(_ run: RunState) -> Bool {
    let (planned, _) = RunbookCompiler.rehearsal(ScenarioText.head(of: run), project: project)
    return planned?.plan.digest != run.plan.digest
  }
}
