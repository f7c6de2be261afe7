/// A zone of time, as the files of the zone database have it (RFC 9636).
public struct ZoneInfo: Sendable {
  private struct Transition {
    var time: Int64
    var offset: Int64
  }

  /// The offset before the first transition.
  private let first: Int64
  private let transitions: [Transition]
  /// What holds after the last one.
  private let rule: ZoneRule?

  /// A zone from the bytes of its file; nil where they are none, or of the first version, which ends in 2037.
  public init?(_ bytes: [UInt8]) {
    guard let old = Header(bytes, at: 0), old.version >= UInt8(ascii: "2"),
      let header = Header(bytes, at: Header.size + old.length(timeSize: 4))
    else { return nil }
    let times = header.start
    let indices = times + header.times * 8
    let types = indices + header.times
    let end = header.start + header.length(timeSize: 8)
    guard end <= bytes.count, header.types > 0 else { return nil }
    func offset(ofType type: Int) -> Int64 { Int64(Int32(truncatingIfNeeded: Self.number(bytes, types + type * 6, 4))) }
    first = offset(ofType: 0)
    var transitions: [Transition] = []
    for place in 0..<header.times {
      let type = Int(bytes[indices + place])
      guard type < header.types else { return nil }
      transitions.append(Transition(time: Self.number(bytes, times + place * 8, 8), offset: offset(ofType: type)))
    }
    self.transitions = transitions
    let footer = bytes[end...].dropFirst().prefix { $0 != 0x0A }
    rule = ZoneRule(Array(footer))
  }

  /// How many seconds the zone is ahead of UTC at a point in time.
  public func offset(at time: Timestamp) -> Int64 {
    guard let last = transitions.last, time.seconds < last.time else {
      return rule?.offset(at: time.seconds) ?? transitions.last?.offset ?? first
    }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].time <= time.seconds { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : transitions[low - 1].offset
  }

  /// A big-endian number; one of fewer than 8 bytes is not negative.
  fileprivate static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int64 {
    Int64(bitPattern: bytes[place..<place + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private struct Header {
    static let size = 44
    var version: UInt8
    var start: Int
    var times: Int
    var types: Int
    private var letters: Int
    private var leaps: Int
    private var standards: Int
    private var universals: Int

    init?(_ bytes: [UInt8], at place: Int) {
      guard place + Self.size <= bytes.count, bytes[place..<place + 4].elementsEqual("TZif".utf8) else { return nil }
      func count(_ index: Int) -> Int { Int(ZoneInfo.number(bytes, place + 20 + index * 4, 4)) }
      version = bytes[place + 4]
      start = place + Self.size
      (universals, standards, leaps, times, types, letters) = (
        count(0), count(1), count(2), count(3), count(4), count(5)
      )
      for count in [universals, standards, leaps, times, types, letters] where count > bytes.count { return nil }
    }

    func length(timeSize: Int) -> Int {
      times * (timeSize + 1) + types * 6 + letters + leaps * (timeSize + 4) + standards + universals
    }
  }
}

/// What a zone does every year: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX `TZ`).
struct ZoneRule: Sendable {
  private enum Day: Sendable {
    /// A day of the week in a week of a month; week 5 is the last.
    case weekday(month: Int64, week: Int64, day: Int64)
    /// A day of the year from 1 on, 29 February left out.
    case julian(Int64)
    /// A day of the year from 0 on.
    case ordinal(Int64)
  }

  private struct Change {
    var day: Day
    /// Seconds after midnight, by the clock before the change.
    var time: Int64
  }

  private let standard: Int64
  private var summer: (offset: Int64, start: Change, end: Change)?

  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    guard Self.skipName(&rest), let west = Self.time(&rest) else { return nil }
    standard = -west
    if rest.isEmpty { return }
    guard Self.skipName(&rest) else { return nil }
    var offset = standard + 3600
    if rest.first != UInt8(ascii: ",") {
      guard let west = Self.time(&rest) else { return nil }
      offset = -west
    }
    guard let start = Self.change(&rest), let end = Self.change(&rest), rest.isEmpty else { return nil }
    summer = (offset, start, end)
  }

  /// How many seconds the zone is ahead of UTC at a point in time, in seconds since 1970.
  func offset(at seconds: Int64) -> Int64 {
    guard let summer else { return standard }
    let year = CivilTime(secondsSince1970: seconds + standard).year
    let start = Self.seconds(of: summer.start, year) - standard
    let end = Self.seconds(of: summer.end, year) - summer.offset
    let isSummer = start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
    return isSummer ? summer.offset : standard
  }

  private static func seconds(of change: Change, _ year: Int64) -> Int64 {
    func midnight(_ month: Int64, _ day: Int64) -> CivilTime {
      CivilTime(year: year, month: month, day: day, hour: 0, minute: 0, second: 0)
    }
    let days: Int64
    let base: CivilTime
    switch change.day {
    case .weekday(let month, let week, let day):
      base = midnight(month, 1)
      var offset = (day - base.dayOfWeek + 7) % 7 + (week - 1) * 7
      if offset >= CivilTime.days(in: month, of: year) { offset -= 7 }
      days = offset
    case .julian(let day):
      base = midnight(1, 1)
      days = day - 1 + (day >= 60 && CivilTime.days(in: 2, of: year) == 29 ? 1 : 0)
    case .ordinal(let day):
      base = midnight(1, 1)
      days = day
    }
    return base.secondsSince1970 + days * 86_400 + change.time
  }

  // MARK: Reading

  private static func skipName(_ rest: inout ArraySlice<UInt8>) -> Bool {
    if rest.first == UInt8(ascii: "<") {
      guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
      rest = rest[(end + 1)...]
      return true
    }
    let name = rest.prefix { Lexer.isWord($0) && !Lexer.isDigit($0) }
    rest = rest.dropFirst(name.count)
    return name.count >= 3
  }

  /// `[+-]h[h][h][:mm[:ss]]` as seconds.
  private static func time(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    var sign: Int64 = 1
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = first == UInt8(ascii: "-") ? -1 : 1
      rest = rest.dropFirst()
    }
    guard var total = number(&rest).map({ $0 * 3600 }) else { return nil }
    for unit in [60, 1] as [Int64] where rest.first == UInt8(ascii: ":") {
      rest = rest.dropFirst()
      guard let part = number(&rest) else { return nil }
      total += part * unit
    }
    return sign * total
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    let digits = rest.prefix(while: Lexer.isDigit)
    guard !digits.isEmpty, digits.count <= 4 else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  private static func change(_ rest: inout ArraySlice<UInt8>) -> Change? {
    guard rest.popFirst() == UInt8(ascii: ",") else { return nil }
    let day: Day
    switch rest.first {
    case UInt8(ascii: "M"):
      var parts: [Int64] = []
      repeat {
        rest = rest.dropFirst()
        guard let part = number(&rest) else { return nil }
        parts.append(part)
      } while rest.first == UInt8(ascii: ".") && parts.count < 3
      guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]), parts[2] < 7 else { return nil }
      day = .weekday(month: parts[0], week: parts[1], day: parts[2])
    case UInt8(ascii: "J"):
      rest = rest.dropFirst()
      guard let number = number(&rest) else { return nil }
      day = .julian(number)
    default:
      guard let number = number(&rest) else { return nil }
      day = .ordinal(number)
    }
    guard rest.first == UInt8(ascii: "/") else { return Change(day: day, time: 7200) }
    rest = rest.dropFirst()
    return time(&rest).map { Change(day: day, time: $0) }
  }
}
