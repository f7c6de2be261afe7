import Journal
import Presentation
import Rehearsal
import RunbookExecutor
import RunbookParser

/// The live runs of a store by their runbooks, the newest first.
struct PastRuns {
  /// How many of the newest runs are looked at to find the last one of each runbook.
  private static let scanLimit = 500
  /// How many are looked at to find those of one runbook.
  private static let searchLimit = 100
  /// How many records of runs are read to tell durations, but for those of the newest run: a tenth of a second's work.
  private static let recordBudget: Int64 = 5_000

  private let store: JournalStore
  private let runs: [RunEntry]

  /// The runs of a store; nil where there is none.
  init?(at directory: String) {
    guard let store = try? JournalStore.open(at: directory, access: .readOnly), let runs = try? store.runs() else {
      return nil
    }
    self.store = store
    self.runs = runs
  }

  /// The runbook and the environment of a run; nil where it is a dry run, or cannot be read.
  private func head(of run: RunEntry) -> (runbook: String, environment: String?)? {
    guard let data = try? store.records(after: run.firstSeq - 1, limit: 1).first?.parsed().content.data,
      let name = data["runbook"]?.string, data["mode"]?.string != RunMode.dryRun.rawValue
    else { return nil }
    return (name, data["plan"]?["environment"]?.string)
  }

  /// The newest run of each runbook.
  func newest() -> [String: RunHistory] {
    var newest: [String: RunHistory] = [:]
    for run in runs.prefix(Self.scanLimit) {
      guard let head = head(of: run), newest[head.runbook] == nil else { continue }
      newest[head.runbook] = try? RunReader(store: store).history(run.id)
    }
    return newest
  }

  /// How long the steps of a plan took in its newest runs, in the plan's environment.
  func durations(of plan: RunPlan, atMost limit: Int = 20) -> PastDurations {
    var durations = PastDurations()
    var records: Int64 = 0
    for run in runs.prefix(Self.searchLimit) {
      // The records of runs that went on meanwhile are counted along.
      records += run.lastSeq - run.firstSeq
      guard durations.runs == 0 || durations.runs < limit && records <= Self.recordBudget else { break }
      guard let head = head(of: run), head.runbook == plan.name, head.environment == plan.environment,
        let history = try? RunReader(store: store).history(run.id)
      else { continue }
      durations.add(history.moments.map { ($0.time, $0.event) }, of: history.state)
    }
    return durations
  }
}
