extension Value {
  /// The value as it stands in a text: a text as it is, durations as `300s`, timestamps as RFC 3339, quantities in their
  /// canonical form, lists and maps as
  /// compact JSON, an absent value as `null`.
  public var rendered: String {
    switch self {
    case .string(let text): text
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .uint(let value): String(value)
    case .double(let value): DoubleText.of(value)
    case .bytes(let value): Base64.encode(value)
    case .timestamp(let value): value.description
    case .duration(let value): value.description
    case .quantity(let value): value.description
    case .type(let name): name
    case .optional(let value): value?.rendered ?? "null"
    case .unknown(let unknown): "(known after \(unknown.sources.joined(separator: ", ")))"
    case .list, .map: compactJSON
    }
  }

  /// The value as JSON without spaces.
  var compactJSON: String {
    var output: [UInt8] = []
    write(into: &output)
    return String(decoding: output, as: UTF8.self)
  }

  private func write(into output: inout [UInt8]) {
    switch self {
    case .null, .bool, .int, .uint: output += rendered.utf8
    case .double(let value) where value.isFinite: output += rendered.utf8
    case .list(let values):
      output.append(UInt8(ascii: "["))
      for (place, value) in values.enumerated() {
        if place > 0 { output.append(UInt8(ascii: ",")) }
        value.write(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .map(let map):
      output.append(UInt8(ascii: "{"))
      for (place, key) in map.keys.enumerated() {
        if place > 0 { output.append(UInt8(ascii: ",")) }
        Self.write(quoted: key.rendered, into: &output)
        output.append(UInt8(ascii: ":"))
        map.values[place].write(into: &output)
      }
      output.append(UInt8(ascii: "}"))
    case .optional(let value): (value ?? .null).write(into: &output)
    default: Self.write(quoted: rendered, into: &output)
    }
  }

  private static func write(quoted text: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output += "\\\"".utf8
      case UInt8(ascii: "\\"): output += "\\\\".utf8
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case 0..<0x20: output += ((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}

/// Base 64 with padding (RFC 4648).
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The text of some bytes.
  package static func encode(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    var place = 0
    while place < bytes.count {
      let rest = bytes.count - place
      let group =
        UInt32(bytes[place]) << 16 | (rest > 1 ? UInt32(bytes[place + 1]) << 8 : 0)
        | (rest > 2 ? UInt32(bytes[place + 2]) : 0)
      output.append(alphabet[Int(group >> 18)])
      output.append(alphabet[Int(group >> 12 & 63)])
      output.append(rest > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
      output.append(rest > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
      place += 3
    }
    return String(decoding: output, as: UTF8.self)
  }
}
