/// Functions from one type to another.
enum Conversion {
  /// The converted value; nil where the function does not take the type.
  static func apply(_ function: Builtin, _ value: Value) throws(EvaluationError) -> Value? {
    switch function {
    case .int: try int(value).map { .int($0) }
    case .uint: try uint(value).map { .uint($0) }
    case .double: try double(value).map { .double($0) }
    case .string: try string(value).map { .string($0) }
    case .bool: try bool(value).map { .bool($0) }
    case .bytes: bytes(value)
    case .timestamp: try timestamp(value)
    case .duration: try duration(value)
    case .seconds: seconds(value)
    default: nil
    }
  }

  private static func int(_ value: Value) throws(EvaluationError) -> Int64? {
    switch value {
    case .int(let number): return number
    case .uint(let number): return try inRange(Int64(exactly: number), value)
    case .double(let number):
      // Both ends are left out: a double next to one is the one itself.
      guard number.magnitude < 0x1p63 else { throw outOfRange(value) }
      return Int64(number.rounded(.towardZero))
    case .string(let text): return try read(Int64(text), text, "int")
    case .timestamp(let time): return time.seconds
    default: return nil
    }
  }

  private static func uint(_ value: Value) throws(EvaluationError) -> UInt64? {
    switch value {
    case .uint(let number): return number
    case .int(let number): return try inRange(UInt64(exactly: number), value)
    case .double(let number):
      guard number >= 0, number < 0x1p64 else { throw outOfRange(value) }
      return UInt64(number.rounded(.towardZero))
    case .string(let text): return try read(UInt64(text), text, "uint")
    default: return nil
    }
  }

  private static func double(_ value: Value) throws(EvaluationError) -> Double? {
    switch value {
    case .double(let number): return number
    case .int(let number): return Double(number)
    case .uint(let number): return Double(number)
    case .string(let text):
      let number = try read(Double(text), text, "double")
      if number.isInfinite, text.utf8.contains(where: { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {
        throw EvaluationError("\(text) is out of range")
      }
      return number
    default: return nil
    }
  }

  private static func string(_ value: Value) throws(EvaluationError) -> String? {
    switch value {
    case .string, .int, .uint, .double, .bool, .timestamp, .duration: return value.rendered
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw EvaluationError("these bytes are not UTF-8")
      }
      return text
    default: return nil
    }
  }

  private static func bool(_ value: Value) throws(EvaluationError) -> Bool? {
    switch value {
    case .bool(let truth): return truth
    case .string(let text):
      switch text {
      case "true", "True", "TRUE", "t", "1": return true
      case "false", "False", "FALSE", "f", "0": return false
      default: return try read(nil as Bool?, text, "bool")
      }
    default: return nil
    }
  }

  private static func bytes(_ value: Value) -> Value? {
    switch value {
    case .bytes: value
    case .string(let text): .bytes(Array(text.utf8))
    default: nil
    }
  }

  private static func timestamp(_ value: Value) throws(EvaluationError) -> Value? {
    switch value {
    case .timestamp: return value
    case .string(let text): return .timestamp(try read(Timestamp(text), text, "timestamp"))
    case .int(let seconds):
      guard let time = Timestamp(nanoseconds: Int128(seconds) * 1_000_000_000) else { throw outOfRange(value) }
      return .timestamp(time)
    default: return nil
    }
  }

  private static func duration(_ value: Value) throws(EvaluationError) -> Value? {
    switch value {
    case .duration: return value
    case .string(let text): return .duration(try read(ExactDuration(text), text, "duration"))
    default: return nil
    }
  }

  private static func seconds(_ value: Value) -> Value? {
    guard case .duration(let duration) = value else { return nil }
    return .double(duration.inSeconds)
  }

  private static func read<Result>(
    _ result: Result?, _ text: String, _ type: String
  ) throws(EvaluationError) -> Result {
    guard let result else { throw EvaluationError("`\(excerpt(text))` is no \(type)") }
    return result
  }

  /// The beginning of a text, for a message.
  private static func excerpt(_ text: String) -> String {
    text.unicodeScalars.count <= 60 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(60))) + "…"
  }

  private static func inRange<Result>(_ result: Result?, _ value: Value) throws(EvaluationError) -> Result {
    guard let result else { throw outOfRange(value) }
    return result
  }

  private static func outOfRange(_ value: Value) -> EvaluationError {
    EvaluationError("\(value.rendered) is out of range")
  }
}
