import CanonicalJSON

extension JSON {
  /// A secret with what a client wrote as plain text in its `data`, as the API server keeps it.
  var withPlainDataEncoded: JSON {
    var secret = self
    for member in self["stringData"]?.members ?? [] {
      secret = secret.setting("data", member.key, to: .string(Base64.encoded(member.value.string ?? "")))
    }
    return secret.setting("stringData", to: nil)
  }
}

/// Base64 of texts (RFC 4648).
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encoded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var digits: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        digits.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }

  static func decoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var bits = 0
    var count = 0
    for digit in text.utf8 where digit != UInt8(ascii: "=") {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      bits = (bits << 6 | value) & 0xFFFF
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
