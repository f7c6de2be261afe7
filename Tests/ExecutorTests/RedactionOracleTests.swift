import RunbookExecutor
import Testing

/// Redaction held against one that tries every secret at every place.
@Suite struct RedactionOracleTests {
  /// Pseudo-random numbers, the same each time (Marsaglia, Xorshift RNGs, 2003).
  private struct Numbers {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
  }

  /// Where the secrets stand in a text as it is, and in a text with percent escapes.
  private static func redact(_ text: [UInt8], _ secrets: [[UInt8]]) -> [UInt8] {
    var covered = [Bool](repeating: false, count: text.count)
    for place in text.indices {
      for secret in secrets where text[place...].starts(with: secret) {
        for index in place..<place + secret.count { covered[index] = true }
      }
    }
    let symbols = percent(text)
    let decoded = symbols.map(\.value)
    for place in symbols.indices {
      for secret in secrets where decoded[place...].starts(with: secret.map { $0 == 0x2B ? 0x20 : $0 }) {
        let range = symbols[place].start..<symbols[place + secret.count - 1].end
        if range.count >= 8 { for index in range { covered[index] = true } }
      }
    }
    var result: [UInt8] = []
    for index in text.indices {
      if !covered[index] {
        result.append(text[index])
      } else if index == 0 || !covered[index - 1] {
        result += Array("[redacted]".utf8)
      }
    }
    return result
  }

  private static func percent(_ text: [UInt8]) -> [(value: UInt8, start: Int, end: Int)] {
    var result: [(value: UInt8, start: Int, end: Int)] = []
    var place = 0
    while place < text.count {
      var end = place + 1
      var value = text[place] == 0x2B ? 0x20 : text[place]
      // A number may have a sign, two digits have none.
      if text[place] == 0x25, place + 2 < text.count, text[place + 1] != 0x2B,
        let digits = UInt8(String(decoding: text[place + 1...place + 2], as: UTF8.self), radix: 16)
      {
        value = digits == 0x2B ? 0x20 : digits
        end = place + 3
      }
      result.append((value, place, end))
      place = end
    }
    return result
  }

  @Test("Invariant 7: whatever the secrets, the stream and its pieces, exactly the secrets go", arguments: 1...60)
  func invariant7_asTheOracle(seed: Int) {
    var numbers = Numbers(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    // Few letters, so that secrets overlap, begin alike, and nearly match.
    let letters = Array("ab+ c%".utf8).prefix(2 + seed % 5)
    let secrets = (0..<1 + numbers.below(6)).map { _ in
      (0..<4 + numbers.below(seed % 7 == 0 ? 40 : 6)).map { _ in letters[numbers.below(letters.count)] }
    }
    var text: [UInt8] = []
    while text.count < 3000 {
      switch numbers.below(8) {
      case 0: text += secrets[numbers.below(secrets.count)]
      case 1:
        for byte in secrets[numbers.below(secrets.count)] {
          text += numbers.below(2) == 0 ? [byte] : Array("%\(String(byte, radix: 16))".utf8)
        }
      case 2: text += secrets[numbers.below(secrets.count)].dropLast()
      default: text += (0..<numbers.below(12)).map { _ in Array("abc% +x2\n".utf8)[numbers.below(9)] }
      }
    }
    let redactor = Redactor()
    for secret in secrets { redactor.learn(secret) }
    let expected = Self.redact(text, secrets)
    for largest in [1, 3, 64, 5000] {
      let result = Redacting.redact(text, redactor) { 1 + numbers.below(largest) }
      let isAsExpected = result == expected
      let place = zip(result, expected).prefix { $0 == $1 }.count
      #expect(
        isAsExpected,
        """
        \(secrets.map { String(decoding: $0, as: UTF8.self) }) in pieces up to \(largest): …\
        \(String(decoding: result[place...].prefix(40), as: UTF8.self)), not \
        \(String(decoding: expected[place...].prefix(40), as: UTF8.self))
        """)
    }
  }

  @Test("where secrets nearly match everywhere, nothing is taken for one")
  func nearMisses() {
    let redactor = Redactor()
    redactor.learn([UInt8](repeating: 0x61, count: 5000) + [0x62])
    redactor.learn([UInt8](repeating: 0x61, count: 60) + [0x63])
    let text = [UInt8](repeating: 0x61, count: 300_000)
    let result = Redacting.redact(text, redactor) { 1 }
    let isUnchanged = result == text
    #expect(isUnchanged)
  }
}
