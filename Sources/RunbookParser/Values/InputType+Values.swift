import CanonicalJSON
import Expressions

/// Why a value is not of a type.
public struct ValueProblem: Error, Sendable, Hashable {
  /// What is wrong, in one sentence without a final stop.
  public let message: String

  /// A problem from its message.
  public init(_ message: String) { self.message = message }
}

extension InputType {
  /// The type's name in the language.
  public var name: String {
    switch self {
    case .string: "string"
    case .int: "int"
    case .number: "number"
    case .bool: "bool"
    case .duration: "duration"
    case .size: "size"
    case .timestamp: "timestamp"
    case .enum: "enum"
    case .list: "list"
    case .map: "map"
    case .record: "record"
    case .json: "json"
    case .secret: "secret"
    }
  }

  /// What expressions know of a value of the type.
  public var valueType: ValueType {
    switch self {
    case .string, .enum, .secret: .string
    case .int, .size: .int
    case .number: .double
    case .bool: .bool
    case .duration: .duration
    case .timestamp: .timestamp
    case .list(let element): .list(element.valueType)
    case .map(let element): .map(.string, element.valueType)
    case .record(let fields):
      .record(
        fields.map {
          ValueType.Field(
            name: ExpressionSpelling.of($0.name), type: $0.type.valueType, optional: !$0.required)
        })
    case .json: .dyn
    }
  }

  /// Reads what a person or a command line gives: texts as they stand, lists, maps, records and json as JSON.
  public func read(text: String) -> Result<Value, ValueProblem> {
    switch self {
    case .string, .enum, .secret: return accept(.string(text))
    case .int:
      guard let value = Int64(text) else { return .failure(ValueProblem("`\(text)` is not an integer")) }
      return accept(.int(value))
    case .number:
      guard let value = Double(text), value.isFinite else { return .failure(ValueProblem("`\(text)` is not a number")) }
      return accept(.double(value))
    case .bool:
      switch text {
      case "true": return .success(.bool(true))
      case "false": return .success(.bool(false))
      default: return .failure(ValueProblem("`\(text)` is neither true nor false"))
      }
    case .duration:
      guard let value = DurationText.parse(text) else {
        return .failure(ValueProblem("`\(text)` is not a duration such as 500ms, 30s, 5m or 1h30m"))
      }
      return accept(.duration(ExactDuration(milliseconds: value)))
    case .size:
      guard let value = SizeText.parse(text) else {
        return .failure(ValueProblem("`\(text)` is not a size such as 4096, 512Ki or 1Gi"))
      }
      return accept(.int(value))
    case .timestamp:
      guard let value = Timestamp(text) else {
        return .failure(ValueProblem("`\(text)` is not a timestamp such as 2026-01-12T03:14:00Z"))
      }
      return .success(.timestamp(value))
    case .list, .map, .record, .json:
      do throws(JSONParseError) {
        return accept(Value(try JSON.parse(text)))
      } catch {
        return .failure(ValueProblem("the text is not JSON: \(error.message)"))
      }
    }
  }

  /// The value as one of this type, with the constraints held; texts stand for durations, sizes and timestamps.
  public func accept(_ value: Value) -> Result<Value, ValueProblem> {
    switch (self, value) {
    case (_, .unknown): return .success(value)
    case (.json, _), (.bool, .bool), (.timestamp, .timestamp), (.secret, .string): return .success(value)
    case (.string(let pattern), .string(let text)):
      guard let pattern else { return .success(value) }
      guard let compiled = try? LinearPattern(pattern) else {
        return .failure(ValueProblem("the pattern `\(pattern)` cannot be used"))
      }
      return compiled.matchesWhole(text)
        ? .success(value) : .failure(ValueProblem("`\(text)` does not match the pattern `\(pattern)`"))
    case (.enum(let values), .string(let text)):
      return values.contains(text)
        ? .success(value) : .failure(ValueProblem("`\(text)` is none of \(values.joined(separator: ", "))"))
    case (.int(let min, let max), .int(let number)), (.size(let min, let max), .int(let number)):
      return Self.bounded(number, min, max, value) { String($0) }
    case (.int, .uint(let number)), (.size, .uint(let number)):
      guard let signed = Int64(exactly: number) else { return .failure(ValueProblem("\(number) is out of range")) }
      return accept(.int(signed))
    case (.int, .double(let number)), (.size, .double(let number)):
      guard let whole = Int64(exactly: number) else {
        return .failure(ValueProblem("\(number) is not an integer"))
      }
      return accept(.int(whole))
    case (.number(let min, let max), .double(let number)):
      if let min, number < min { return .failure(ValueProblem("\(number) is less than \(min)")) }
      if let max, number > max { return .failure(ValueProblem("\(number) is more than \(max)")) }
      return .success(value)
    case (.number, .int(let number)): return accept(.double(Double(number)))
    case (.number, .uint(let number)): return accept(.double(Double(number)))
    case (.duration(let min, let max), .duration(let duration)):
      return Self.bounded(duration.milliseconds, min, max, value, DurationText.render)
    case (.duration, .string(let text)), (.size, .string(let text)), (.timestamp, .string(let text)):
      return read(text: text)
    case (.list(let element), .list(let values)):
      var accepted: [Value] = []
      accepted.reserveCapacity(values.count)
      for (index, value) in values.enumerated() {
        switch element.accept(value) {
        case .success(let value): accepted.append(value)
        case .failure(let problem): return .failure(ValueProblem("[\(index)]: \(problem.message)"))
        }
      }
      return .success(.list(accepted))
    case (.map(let element), .map(let map)):
      var accepted: [(Value, Value)] = []
      for (key, value) in zip(map.keys, map.values) {
        guard case .string(let name) = key else { return .failure(ValueProblem("a key is not a text")) }
        switch element.accept(value) {
        case .success(let value): accepted.append((key, value))
        case .failure(let problem): return .failure(ValueProblem("\(name): \(problem.message)"))
        }
      }
      return .success(.map(ValueMap(accepted)))
    case (.record(let fields), .map(let map)): return Self.record(fields, map)
    default: return .failure(ValueProblem("a value of type \(value.typeName) is not \(Self.article(name))"))
    }
  }

  private static func record(_ fields: [Field], _ map: ValueMap) -> Result<Value, ValueProblem> {
    var accepted: [(Value, Value)] = []
    for field in fields {
      let spelled = ExpressionSpelling.of(field.name)
      guard let value = map[field.name] ?? map[spelled] else {
        if field.required { return .failure(ValueProblem("the field \(field.name) is missing")) }
        continue
      }
      switch field.type.accept(value) {
      case .success(let value): accepted.append((.string(spelled), value))
      case .failure(let problem): return .failure(ValueProblem("\(field.name): \(problem.message)"))
      }
    }
    for case .string(let key) in map.keys
    where !fields.contains(where: { $0.name == key || ExpressionSpelling.of($0.name) == key }) {
      return .failure(ValueProblem("there is no field \(key)"))
    }
    return .success(.map(ValueMap(accepted)))
  }

  private static func bounded(
    _ number: Int64, _ min: Int64?, _ max: Int64?, _ value: Value, _ render: (Int64) -> String
  ) -> Result<Value, ValueProblem> {
    if let min, number < min { return .failure(ValueProblem("\(render(number)) is less than \(render(min))")) }
    if let max, number > max { return .failure(ValueProblem("\(render(number)) is more than \(render(max))")) }
    return .success(value)
  }

  private static func article(_ name: String) -> String {
    "aeiou".contains(name.prefix(1)) ? "an \(name)" : "a \(name)"
  }
}

/// The form that a name of the language takes in an expression.
public enum ExpressionSpelling {
  /// The name with each hyphen as an underscore.
  public static func of(_ name: String) -> String {
    name.utf8.contains(UInt8(ascii: "-"))
      ? String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self) : name
  }
}
