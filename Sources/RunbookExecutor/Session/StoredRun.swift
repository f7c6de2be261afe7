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
  ///
  /// - Throws: `StoredRunError`, and what keeps the store from being read.
  package init(_ run: String, in store: JournalStore) throws {
    let records = try store.records(ofRun: run).map { stored in
      do {
        return (seq: stored.seq, content: try stored.parsed().content)
      } catch {
        throw StoredRunError.damaged(run: run, record: stored.seq, reason: "\(error)")
      }
    }
    try self.init(run, of: records) { try Self.head(of: $0, in: store) }
  }

  /// Folds records that somebody hands over.
  ///
  /// - Parameter load: Gives the beginning of an output; nil where there is none to be had.
  /// - Throws: `StoredRunError`, also where a record does not follow from those before it.
  package init(
    _ run: String, of records: [(seq: Int64, content: PendingRecord)], load: (String) throws -> [UInt8]? = { _ in nil }
  ) throws {
    var state: RunState?
    var entries: [Entry] = []
    var mode = RunMode.live
    for (sequence, record) in records {
      do {
        // What people say from outside counts once an engine has heard it.
        if record.type == Ballot.recordType { continue }
        let data = record.data ?? .object([])
        let event = try RunEventCodec.decode(Self.body(of: record), in: state, load: load)
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
        entries.append(Entry(sequence: sequence, time: record.timestamp, address: record.step, event: event))
      } catch {
        throw StoredRunError.damaged(run: run, record: sequence, reason: "\(error)")
      }
    }
    guard let state else { throw StoredRunError.missing(run: run) }
    self.state = state
    self.entries = entries
    self.mode = mode
  }

  private init(state: RunState, mode: RunMode) {
    self.state = state
    self.entries = []
    self.mode = mode
  }

  /// A run as it began, though what came after cannot be read; nil where it is over.
  static func beginning(of run: String, in store: JournalStore) throws -> StoredRun? {
    let records = try store.records(ofRun: run)
    guard let first = records.first else { throw StoredRunError.missing(run: run) }
    for record in records.reversed() {
      let type = try record.parsed().content.type
      if type == "run.ended" { return nil }
      if type != Ballot.recordType { break }
    }
    let record = try first.parsed().content
    guard case .runStarted(let start) = try RunEventCodec.decode(Self.body(of: record), in: nil, load: { _ in nil })
    else { throw CodecError("the run does not begin with its start") }
    return StoredRun(
      state: RunState(start, at: record.timestamp),
      mode: record.data?["mode"]?.string.flatMap(RunMode.init) ?? .live)
  }

  /// Where a run's records do not follow from those before them; nil where they do, and where they name outputs, which
  /// expressions may read.
  package static func contradiction(in records: [(seq: Int64, content: PendingRecord)], of run: String) -> String? {
    var needsOutputs = false
    do {
      _ = try StoredRun(run, of: records) { _ in
        needsOutputs = true
        return nil
      }
      return nil
    } catch _ where needsOutputs {
      return nil
    } catch StoredRunError.damaged(_, let record, let reason) {
      return "record \(record) does not follow from those before it: \(reason)"
    } catch {
      return "\(error)"
    }
  }

  private static func body(of record: PendingRecord) -> RecordBody {
    RecordBody(
      type: record.type, step: record.step, attempt: record.attempt, actor: record.actor,
      data: record.data ?? .object([]))
  }

  /// The beginning of an output; nil where the store has lost it, which must not make the whole run unreadable.
  static func head(of sha256: String, in store: JournalStore) throws -> [UInt8]? {
    do throws(JournalError) {
      return try store.outputHead(sha256)
    } catch {
      if error.isOutputLost { return nil }
      throw error
    }
  }
}

/// A run that cannot be read.
package enum StoredRunError: Error, CustomStringConvertible {
  /// The store does not know it.
  case missing(run: String)
  /// A record of it is not what was written, or does not follow from those before it.
  case damaged(run: String, record: Int64, reason: String)

  /// What is wrong and what to do.
  package var description: String {
    switch self {
    case .missing(let run): "there is no run \(run) in this store; `belay runs` lists them"
    case .damaged(let run, let record, let reason):
      "record \(record) of run \(run) cannot be read: \(reason); `belay audit verify` says what else is damaged, and "
        + "`belay abandon \(run) --reason …` gives the run up and its locks back"
    }
  }
}
