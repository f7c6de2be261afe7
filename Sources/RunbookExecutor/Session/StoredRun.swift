import CanonicalJSON
import Journal
import RunEngine

/// A run as its records tell it.
package struct StoredRun {
  /// An event and the record it stands in.
  package struct Entry {
    /// The record's number.
    package var sequence: Int64
    /// When it happened, in milliseconds since the epoch.
    package var time: Int64
    /// The address it concerns.
    package var address: String?
    /// What happened.
    package var event: RunEvent
  }

  /// What the records lead to.
  package var state: RunState
  /// The events in order.
  package var entries: [Entry]
  /// Which kind of run it is.
  package var mode: RunMode

  /// Folds a run's records.
  package init(_ run: String, in store: JournalStore) throws {
    var state: RunState?
    var entries: [Entry] = []
    var mode = RunMode.live
    for stored in try store.records(ofRun: run) {
      let record = try stored.parsed().content
      let data = record.data ?? .object([])
      let body = RecordBody(
        type: record.type, step: record.step, attempt: record.attempt, actor: record.actor, data: data)
      do {
        let event = try RunEventCodec.decode(body, in: state) { try store.outputHead($0) }
        if case .runStarted(let start) = event, state == nil {
          state = RunState(start, at: record.timestamp)
          mode = data["mode"]?.string.flatMap(RunMode.init) ?? .live
        } else if var current = state {
          state = nil
          _ = try current.apply(event, at: record.timestamp)
          state = current
        } else {
          throw CodecError("the run does not begin with its start")
        }
        entries.append(Entry(sequence: stored.seq, time: record.timestamp, address: record.step, event: event))
      } catch {
        throw StoredRunError("record \(stored.seq) of run \(run) cannot be read: \(error)")
      }
    }
    guard let state else { throw StoredRunError("there is no run \(run) in this store; `belay runs` lists them") }
    self.state = state
    self.entries = entries
    self.mode = mode
  }
}

/// A run that cannot be read.
package struct StoredRunError: Error, CustomStringConvertible {
  /// What is wrong and what to do.
  package let description: String

  package init(_ description: String) { self.description = description }
}
