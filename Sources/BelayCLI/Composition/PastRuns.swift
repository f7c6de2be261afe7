import Journal
import Presentation
import Rehearsal
import RunbookExecutor
import RunbookParser

/// The runs of a store by their runbooks.
struct PastRuns {
  /// How many of the newest runs are looked at.
  private static let scanLimit = 500

  private let store: JournalStore
  private let heads: [(id: String, runbook: String, environment: String?)]

  /// The live runs of a store, the newest first; nil where there is no store.
  init?(at directory: String) {
    guard let store = try? JournalStore.open(at: directory, access: .readOnly), let runs = try? store.runs() else {
      return nil
    }
    self.store = store
    heads = runs.prefix(Self.scanLimit).compactMap { run in
      guard let first = try? store.records(after: run.firstSeq - 1, limit: 1).first?.parsed().content,
        let data = first.data,
        let name = data["runbook"]?.string, data["mode"]?.string != RunMode.dryRun.rawValue
      else { return nil }
      return (run.id, name, data["plan"]?["environment"]?.string)
    }
  }

  /// The newest run of each runbook.
  func newest() -> [String: RunHistory] {
    var newest: [String: RunHistory] = [:]
    for head in heads where newest[head.runbook] == nil {
      newest[head.runbook] = try? RunReader(store: store).history(head.id)
    }
    return newest
  }

  /// How long the steps of a plan took in its newest runs, in the plan's environment.
  func durations(of plan: RunPlan, atMost limit: Int = 20) -> PastDurations {
    var durations = PastDurations()
    for head in heads where head.runbook == plan.name && head.environment == plan.environment {
      guard durations.runs < limit else { break }
      guard let history = try? RunReader(store: store).history(head.id) else { continue }
      durations.add(history.moments.map { ($0.time, $0.event) }, of: history.state)
    }
    return durations
  }
}
