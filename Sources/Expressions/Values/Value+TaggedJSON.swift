import CanonicalJSON

extension Value {
  /// The value as JSON that names its type, without loss: `{"int": "1"}`, `{"bytes": "00ff"}` (hexadecimal),
  /// `{"map": [[key, value]]}`, `{"duration": {"nanos": "0", "seconds": "5"}}`, `{"unknown": ["steps.promote"]}`.
  public var taggedJSON: JSON {
    switch self {
    case .null: Self.tagged("null", .null)
    case .bool(let value): Self.tagged("bool", .bool(value))
    case .int(let value): Self.tagged("int", .string(String(value)))
    case .uint(let value): Self.tagged("uint", .string(String(value)))
    case .double(let value): Self.tagged("double", .string(DoubleText.of(value)))
    case .string(let value): Self.tagged("string", .string(value))
    case .bytes(let value): Self.tagged("bytes", .string(Hexadecimal.encode(value)))
    case .list(let values): Self.tagged("list", .array(values.map(\.taggedJSON)))
    case .map(let map):
      Self.tagged("map", .array(zip(map.keys, map.values).map { .array([$0.taggedJSON, $1.taggedJSON]) }))
    case .timestamp(let value): Self.tagged("timestamp", Self.parts(value.seconds, value.nanos))
    case .duration(let value): Self.tagged("duration", Self.parts(value.seconds, value.nanos))
    case .quantity(let value): Self.tagged("quantity", .string(value.description))
    case .type(let name): Self.tagged("type", .string(name))
    case .optional(let value): Self.tagged("optional", value?.taggedJSON ?? .null)
    case .unknown(let unknown): Self.tagged("unknown", .array(unknown.sources.map { .string($0) }))
    }
  }

  private static func tagged(_ tag: String, _ content: JSON) -> JSON { .object([JSON.Member(tag, content)]) }

  private static func parts(_ seconds: Int64, _ nanos: Int32) -> JSON {
    .object([JSON.Member("nanos", .string(String(nanos))), JSON.Member("seconds", .string(String(seconds)))])
  }

  /// The value of its tagged form; nil where the JSON is none.
  public init?(tagged json: JSON) {
    guard let members = json.members, members.count == 1, let member = members.first,
      let value = Self.untagged(member.key, member.value)
    else { return nil }
    self = value
  }

  private static func untagged(_ tag: String, _ content: JSON) -> Value? {
    switch tag {
    case "null": return .null
    case "bool": return content.bool.map { .bool($0) }
    case "int": return content.string.flatMap { Int64($0) }.map { .int($0) }
    case "uint": return content.string.flatMap { UInt64($0) }.map { .uint($0) }
    case "double": return content.string.flatMap { Double($0) }.map { .double($0) }
    case "string": return content.string.map { .string($0) }
    case "bytes": return content.string.flatMap { Hexadecimal.decode($0) }.map { .bytes($0) }
    case "quantity": return content.string.flatMap { Quantity($0) }.map { .quantity($0) }
    case "type": return content.string.map { .type($0) }
    case "timestamp":
      return parts(content).map { .timestamp(Timestamp(seconds: $0, nanos: $1)) }
    case "duration":
      return parts(content).map { .duration(ExactDuration(seconds: $0, nanos: $1)) }
    case "unknown":
      return content.array.map { .unknown(Unknown(sources: $0.compactMap(\.string))) }
    case "optional":
      if content == .null { return .optional(nil) }
      return Value(tagged: content).map { .optional($0) }
    case "list":
      guard let elements = content.array else { return nil }
      var values: [Value] = []
      values.reserveCapacity(elements.count)
      for element in elements {
        guard let value = Value(tagged: element) else { return nil }
        values.append(value)
      }
      return .list(values)
    case "map":
      guard let elements = content.array else { return nil }
      var pairs: [(Value, Value)] = []
      pairs.reserveCapacity(elements.count)
      for element in elements {
        guard let pair = element.array, pair.count == 2, let key = Value(tagged: pair[0]),
          let value = Value(tagged: pair[1])
        else { return nil }
        pairs.append((key, value))
      }
      return .map(ValueMap(pairs))
    default: return nil
    }
  }

  private static func parts(_ json: JSON) -> (Int64, Int32)? {
    guard let seconds = json["seconds"]?.string.flatMap({ Int64($0) }) else { return nil }
    guard let nanos = json["nanos"] else { return (seconds, 0) }
    return nanos.string.flatMap { Int32($0) }.map { (seconds, $0) }
  }
}

/// Bytes as pairs of lower-case digits.
enum Hexadecimal {
  /// The text of some bytes.
  static func encode(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes of a text; nil where it is none of bytes.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digit(digits[place]), let low = digit(digits[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// The value of one digit.
  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
