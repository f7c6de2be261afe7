/// The byte strings that a secret is searched as, by how a stream is read to find them.
///
/// How programs write a value that is not the value itself: base64 (RFC 4648, 4 and 5), hexadecimal, percent-encoding
/// (RFC 3986, 2.1; HTML forms), the escapes of JSON (RFC 8259, 7) and of shells (POSIX.1-2024 XCU, 2.2). The last two
/// choose freely which characters they escape: there the stream is decoded, and not the secret encoded.
struct SecretForms {
  /// Values shorter than this are not searched for: they would turn up everywhere.
  static let shortestValue = 4
  /// Encoded forms shorter than this are not searched for.
  static let shortestForm = 8

  /// By the reading, the patterns that it finds.
  private(set) var patterns: [StreamReading: Set<[UInt8]>] = [:]

  /// A secret of several lines is also searched line by line.
  mutating func add(_ secret: [UInt8]) {
    addValue(secret)
    let lines = secret.split(separator: UInt8(ascii: "\n"))
    guard lines.count > 1 else { return }
    for line in lines { addValue(line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : Array(line)) }
  }

  private mutating func addValue(_ value: [UInt8]) {
    guard value.count >= Self.shortestValue else { return }
    insert(value, .verbatim)
    insert(value.map(StreamReading.inForm), .percent)
    insert(value, .escaped)
    // Inside single quotes a shell's text cannot hold one: it is ended, a quoted quote follows, and it goes on.
    for quote in [#"'\''"#, #"'"'"'"#] where value.contains(UInt8(ascii: "'")) {
      addForm(value.flatMap { $0 == UInt8(ascii: "'") ? Array(quote.utf8) : [$0] }, .verbatim)
    }
    for digits in ["0123456789abcdef", "0123456789ABCDEF"] {
      let digits = Array(digits.utf8)
      addForm(value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, .wrapped)
    }
    addBase64(value)
  }

  private mutating func addForm(_ form: [UInt8], _ reading: StreamReading) {
    if form.count >= Self.shortestForm { insert(form, reading) }
  }

  private mutating func insert(_ pattern: [UInt8], _ reading: StreamReading) {
    patterns[reading, default: []].insert(pattern)
  }

  // MARK: Base64

  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

  /// For each place in a group of three bytes where the value may begin, the characters that depend on it alone; and
  /// with the end of the value the end of the text, whose last character then is known as well.
  private mutating func addBase64(_ value: [UInt8]) {
    for alphabet in [Self.letters + Array("+/".utf8), Self.letters + Array("-_".utf8)] {
      for before in 0..<3 {
        let bits = (before + value.count) * 8
        let first = (before * 8 + 5) / 6
        var form = (first..<bits / 6).map { Self.character($0, of: value, at: before, alphabet) }
        addForm(form, .wrapped)
        guard bits % 6 != 0 else { continue }
        form.append(Self.character(bits / 6, of: value, at: before, alphabet))
        addForm(form, .wrapped)
        form += [UInt8](repeating: UInt8(ascii: "="), count: 4 - (bits / 6 + 1) % 4)
        addForm(form, .wrapped)
      }
    }
  }

  /// A character of the base64 text of a value that some zeroes stand before.
  private static func character(
    _ index: Int, of value: [UInt8], at before: Int, _ alphabet: [UInt8]
  ) -> UInt8 {
    let bit = index * 6
    func byte(_ place: Int) -> UInt16 { value.indices.contains(place - before) ? UInt16(value[place - before]) : 0 }
    let pair = byte(bit / 8) << 8 | byte(bit / 8 + 1)
    return alphabet[Int(pair >> UInt16(10 - bit % 8)) & 63]
  }
}
