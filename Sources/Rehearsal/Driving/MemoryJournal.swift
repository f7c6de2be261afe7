import CanonicalJSON
import Journal
import RunEngine

/// The records of a rehearsed run: what an engine that takes it over knows of it.
struct MemoryJournal {
  private var records: [(line: [UInt8], time: Int64)] = []
  /// What has not been written as records yet: only an engine that takes the run over reads them.
  private var events: [(time: Int64, event: RunEvent)] = []
  private var written: RunState

  /// A journal that holds a run's start.
  init(_ start: RunStart, at time: Int64) {
    written = RunState(start, at: time)
    records.append((Self.line(RunEventCodec.encode(.runStarted(start), in: written)), time))
  }

  /// Makes events durable.
  mutating func commit(_ batch: [(time: Int64, event: RunEvent)]) { events += batch }

  /// The state that the records lead to, read from their bytes.
  mutating func read(load: (String) -> [UInt8]?) throws -> RunState {
    for (time, event) in events {
      _ = try written.apply(event, at: time)
      records.append((Self.line(RunEventCodec.encode(event, in: written)), time))
    }
    events = []
    var state: RunState?
    for (line, time) in records {
      let event = try RunEventCodec.decode(try Self.body(line), in: state, load: load)
      if case .runStarted(let start) = event {
        state = RunState(start, at: time)
      } else {
        _ = try state?.apply(event, at: time)
      }
    }
    guard let state else { throw CodecError("there are no records") }
    written = state
    return state
  }

  private static func line(_ body: RecordBody) -> [UInt8] {
    var members = [JSON.Member("type", .string(body.type)), JSON.Member("data", body.data)]
    if let step = body.step { members.append(JSON.Member("step", .string(step))) }
    if let attempt = body.attempt { members.append(JSON.Member("attempt", .int(attempt))) }
    if let actor = body.actor { members.append(JSON.Member("actor", .string(actor))) }
    return JSON.object(members).canonicalBytes()
  }

  private static func body(_ line: [UInt8]) throws -> RecordBody {
    let json = try JSON.parse(line)
    return RecordBody(
      type: json["type"]?.string ?? "", step: json["step"]?.string, attempt: json["attempt"]?.int,
      actor: json["actor"]?.string, data: json["data"] ?? .object([]))
  }
}
