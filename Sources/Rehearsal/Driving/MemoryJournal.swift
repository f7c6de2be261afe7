import CanonicalJSON
import Journal
import RunEngine

/// The records of a rehearsed run: what an engine that takes it over knows of it. They are written when one does.
struct MemoryJournal: Sendable {
  private let start: RunStart
  private let startedAt: Int64
  private var lines: [(bytes: [UInt8], time: Int64)] = []
  /// What the lines lead to; nil before the first is written.
  private var written: RunState?

  /// A journal that holds a run's start.
  init(_ start: RunStart, at time: Int64) {
    self.start = start
    startedAt = time
  }

  /// The state that the records lead to, read from their bytes.
  ///
  /// - Parameter events: All that was committed, in order.
  mutating func read(_ events: [RehearsedEvent], load: (String) -> [UInt8]?) throws -> RunState {
    var state = written ?? RunState(start, at: startedAt)
    if lines.isEmpty { lines.append((Self.line(RunEventCodec.encode(.runStarted(start), in: state)), startedAt)) }
    for happened in events[(lines.count - 1)...] {
      _ = try state.apply(happened.event, at: happened.time)
      lines.append((Self.line(RunEventCodec.encode(happened.event, in: state)), happened.time))
    }
    var read: RunState?
    for (bytes, time) in lines {
      let event = try RunEventCodec.decode(try Self.body(bytes), in: read, load: load)
      if case .runStarted(let start) = event {
        read = RunState(start, at: time)
      } else {
        _ = try read?.apply(event, at: time)
      }
    }
    guard let read else { throw CodecError("there are no records") }
    written = read
    return read
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
