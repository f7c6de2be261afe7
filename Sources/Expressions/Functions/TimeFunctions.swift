/// The parts of points in time and of lengths of time.
enum TimeFunctions {
  /// The result; nil where the function does not take the arguments.
  static func apply(
    _ function: Builtin, _ arguments: [Value], _ scope: any Scope
  ) throws(EvaluationError) -> Value? {
    if function == .strftime { return try formatted(arguments, scope) }
    switch (arguments.first, arguments.dropFirst().first, arguments.count) {
    case (.timestamp(let time)?, nil, 1): return .int(part(function, of: time, offset: 0))
    case (.timestamp(let time)?, .string(let zone)?, 2):
      return .int(part(function, of: time, offset: try offset(of: zone, at: time, scope)))
    case (.duration(let duration)?, nil, 1): return part(function, of: duration).map { .int($0) }
    default: return nil
    }
  }

  private static func formatted(_ arguments: [Value], _ scope: any Scope) throws(EvaluationError) -> Value? {
    guard arguments.count == 2 || arguments.count == 3, case .timestamp(let time) = arguments[0],
      case .string(let format) = arguments[1]
    else { return nil }
    guard arguments.count == 3 else { return .string(try TimeText.of(time, format, zone: "UTC", offset: 0)) }
    guard case .string(let zone) = arguments[2] else { return nil }
    return .string(try TimeText.of(time, format, zone: zone, offset: try offset(of: zone, at: time, scope)))
  }

  private static func part(_ function: Builtin, of time: Timestamp, offset: Int64) -> Int64 {
    let date = CivilTime(secondsSince1970: time.seconds + offset)
    return switch function {
    case .getFullYear: date.year
    case .getMonth: date.month - 1
    case .getDate: date.day
    case .getDayOfMonth: date.day - 1
    case .getDayOfWeek: date.dayOfWeek
    case .getDayOfYear: date.dayOfYear
    case .getHours: date.hour
    case .getMinutes: date.minute
    case .getSeconds: date.second
    default: Int64(time.nanos / 1_000_000)
    }
  }

  /// The whole length in a unit, but of milliseconds those beyond the second, as the published functions have it.
  private static func part(_ function: Builtin, of duration: ExactDuration) -> Int64? {
    switch function {
    case .getHours: duration.seconds / 3600
    case .getMinutes: duration.seconds / 60
    case .getSeconds: duration.seconds
    case .getMilliseconds: Int64(duration.nanos / 1_000_000)
    default: nil
    }
  }

  /// How many seconds a zone is ahead of UTC.
  private static func offset(
    of zone: String, at time: Timestamp, _ scope: any Scope
  ) throws(EvaluationError) -> Int64 {
    if let offset = FixedOffset.read(zone) ?? scope.timeZones.offset(of: zone, at: time) { return offset }
    throw EvaluationError("there is no time zone `\(zone)`")
  }
}

/// Zones that say themselves how far they are from UTC.
enum FixedOffset {
  /// The seconds ahead of UTC of `UTC`, `Z`, `+02:00`, `-08:00` or `02:00`; nil for another zone.
  static func read(_ zone: String) -> Int64? {
    if zone == "UTC" || zone == "Z" { return 0 }
    var bytes = Array(zone.utf8)[...]
    var sign: Int64 = 1
    if let first = bytes.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
      sign = first == UInt8(ascii: "-") ? -1 : 1
      bytes = bytes.dropFirst()
    }
    let digits = Array(bytes)
    guard digits.count == 5, digits[2] == UInt8(ascii: ":"), let hours = number(digits[0], digits[1]), hours < 24,
      let minutes = number(digits[3], digits[4]), minutes < 60
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }

  private static func number(_ tens: UInt8, _ ones: UInt8) -> Int64? {
    guard Lexer.isDigit(tens), Lexer.isDigit(ones) else { return nil }
    return Int64(tens - UInt8(ascii: "0")) * 10 + Int64(ones - UInt8(ascii: "0"))
  }
}
