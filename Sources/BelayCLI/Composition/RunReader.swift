import Journal
import Presentation
import RunbookExecutor

/// Reads runs from a store for commands that report.
struct RunReader {
  let store: JournalStore

  init(store: JournalStore) { self.store = store }

  /// Opens a store for reading.
  init(_ options: StoreOptions) throws {
    do throws(JournalError) {
      store = try JournalStore.open(at: options.directory, access: .readOnly)
      EngineHost.warnOfWideModes(store)
    } catch {
      let isMissing = if case .missing = error { true } else { false }
      throw CommandFault(message: "\(error)", status: isMissing ? .usage : .fault)
    }
  }

  /// The run that a text means: its id, the beginning of one, or `last`.
  static func resolve(_ text: String, in store: JournalStore) throws -> String {
    let runs: [RunEntry]
    do throws(JournalError) {
      runs = try store.runs()
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
    if text == "last", let newest = runs.first { return newest.id }
    if runs.contains(where: { $0.id == text }) { return text }
    let found = text.isEmpty ? [] : runs.filter { $0.id.hasPrefix(text) }
    switch found.count {
    case 1: return found[0].id
    case 0:
      throw CommandFault(
        message: "there is no run \(text) in \(store.path); `belay runs` lists those there are", status: .usage)
    default:
      throw CommandFault(
        message: "\(text) begins the names of \(found.count) runs: \(found.map(\.id).joined(separator: ", "))",
        status: .usage)
    }
  }

  /// A run with all its records.
  func history(_ text: String) throws -> RunHistory {
    let run = try Self.resolve(text, in: store)
    do {
      return try read(run)
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
  }

  private func read(_ run: String) throws -> RunHistory {
    let stored = try StoredRun(run, in: store)
    return RunHistory(
      state: stored.state,
      moments: stored.entries.map { RunHistory.Moment(sequence: $0.sequence, time: $0.time, event: $0.event) },
      mode: stored.mode.rawValue, isAlive: store.isEngineAlive(run: run))
  }

  /// The newest runs, each with all its records, or with what keeps it from being read.
  func newest(_ count: Int) throws -> [RunListing] {
    let runs: [RunEntry]
    do throws(JournalError) {
      runs = try store.runs()
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
    return runs.prefix(count).map { run in
      do {
        return .readable(try read(run.id))
      } catch {
        return .damaged(run: run.id, reason: "\(error)")
      }
    }
  }
}
