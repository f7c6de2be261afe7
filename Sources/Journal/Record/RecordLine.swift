import CanonicalJSON

/// A record as its line says it.
package struct RecordLine: Hashable, Sendable {
  /// The version of the record's form.
  package static let currentVersion: Int64 = 1

  /// The version of the record's form.
  package var version: Int64
  /// The sequence number, counted from 1 across the store.
  package var seq: Int64
  /// The run.
  package var run: String
  /// The hash of the line before; zero for the first.
  package var previous: ContentHash
  /// What the record holds.
  package var content: PendingRecord

  package init(
    version: Int64 = currentVersion, seq: Int64, run: String, previous: ContentHash, content: PendingRecord
  ) {
    self.version = version
    self.seq = seq
    self.run = run
    self.previous = previous
    self.content = content
  }

  /// Reads a line; nil where it is not a record of a known form.
  package static func parse(_ line: [UInt8]) -> RecordLine? {
    guard let value = try? JSON.parse(line) else { return nil }
    return RecordLine(value)
  }

  /// Reads a line's value; nil where it is not a record of a known form.
  package init?(_ value: JSON) {
    guard let members = value.members else { return nil }
    var version: Int64?
    var seq: Int64?
    var timestamp: Int64?
    var run: String?
    var type: String?
    var previous: ContentHash?
    var content = PendingRecord(timestamp: 0, type: "")
    for member in members {
      switch (member.key, member.value) {
      case ("v", .int(let number)): version = number
      case ("seq", .int(let number)): seq = number
      case ("ts", .int(let number)): timestamp = number
      case ("run", .string(let text)): run = text
      case ("type", .string(let text)): type = text
      case ("step", .string(let text)): content.step = text
      case ("attempt", .int(let number)): content.attempt = number
      case ("actor", .string(let text)): content.actor = text
      case ("plan", .string(let text)): content.plan = text
      case ("data", let data): content.data = data
      case ("prev", .string(let text)): previous = ContentHash(hex: text)
      default: return nil
      }
    }
    guard let version, version == Self.currentVersion, let seq, let timestamp, let run, let type, let previous
    else { return nil }
    content.timestamp = timestamp
    content.type = type
    self.init(version: version, seq: seq, run: run, previous: previous, content: content)
  }

  /// The line: canonical JSON without a line break.
  package func bytes() -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(512)
    append(to: &line)
    return line
  }

  /// Appends the line; RFC 8785 sorts the keys.
  func append(to line: inout [UInt8]) {
    line.append(0x7B)
    if let actor = content.actor { Self.append("\"actor\":", text: actor, to: &line) }
    if let attempt = content.attempt { Self.append("\"attempt\":", number: attempt, to: &line) }
    if let data = content.data {
      Self.append("\"data\":", to: &line)
      data.appendCanonical(to: &line)
      line.append(0x2C)
    }
    if let plan = content.plan { Self.append("\"plan\":", text: plan, to: &line) }
    Self.append("\"prev\":\"", to: &line)
    previous.appendHex(to: &line)
    Self.append("\",", to: &line)
    Self.append("\"run\":", text: run, to: &line)
    Self.append("\"seq\":", number: seq, to: &line)
    if let step = content.step { Self.append("\"step\":", text: step, to: &line) }
    Self.append("\"ts\":", number: content.timestamp, to: &line)
    Self.append("\"type\":", text: content.type, to: &line)
    Self.append("\"v\":", number: version, to: &line)
    line[line.count - 1] = 0x7D
  }

  private static func append(_ key: StaticString, text: String, to line: inout [UInt8]) {
    append(key, to: &line)
    JSON.string(text).appendCanonical(to: &line)
    line.append(0x2C)
  }

  private static func append(_ key: StaticString, number: Int64, to line: inout [UInt8]) {
    append(key, to: &line)
    JSON.int(number).appendCanonical(to: &line)
    line.append(0x2C)
  }

  private static func append(_ key: StaticString, to line: inout [UInt8]) {
    line.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
  }
}
