/// Reads what stands between the quotation marks of a literal.
enum TextLiteral {
  /// Why an escape is wrong, and where.
  struct Problem: Error {
    var message: String
    var start: Int
    var end: Int
  }

  /// The bytes that a literal stands for; `\x` and octal escapes are code points in a text and bytes in bytes.
  static func read(_ source: [UInt8], _ token: Token) throws(Problem) -> [UInt8] {
    let isBytes = token.kind == .bytes
    var start = token.start
    var raw = false
    while source[start] != UInt8(ascii: "'"), source[start] != UInt8(ascii: "\"") {
      if source[start] | 0x20 == UInt8(ascii: "r") { raw = true }
      start += 1
    }
    let mark = source[start]
    let isTriple =
      token.end - start >= 6 && source[start + 1] == mark && source[start + 2] == mark
    let body = source[(start + (isTriple ? 3 : 1))..<(token.end - (isTriple ? 3 : 1))]
    if raw || !body.contains(UInt8(ascii: "\\")) { return Array(body) }
    var output: [UInt8] = []
    output.reserveCapacity(body.count)
    var place = body.startIndex
    while place < body.endIndex {
      if body[place] == UInt8(ascii: "\\") {
        try escape(body, &place, isBytes, &output)
      } else {
        output.append(body[place])
        place += 1
      }
    }
    return output
  }

  private static func escape(
    _ body: ArraySlice<UInt8>, _ place: inout Int, _ isBytes: Bool, _ output: inout [UInt8]
  ) throws(Problem) {
    let start = place
    let letter = body[place + 1]
    place += 2
    switch letter {
    case UInt8(ascii: "a"): output.append(0x07)
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "n"): output.append(0x0A)
    case UInt8(ascii: "r"): output.append(0x0D)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "v"): output.append(0x0B)
    case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
      output.append(letter)
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      append(try number(body, start, &place, digits: 2, radix: 16), isBytes, &output)
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      place -= 1
      append(try number(body, start, &place, digits: 3, radix: 8), isBytes, &output)
    case UInt8(ascii: "u") where !isBytes, UInt8(ascii: "U") where !isBytes:
      let code = try number(body, start, &place, digits: letter == UInt8(ascii: "u") ? 4 : 8, radix: 16)
      guard let scalar = Unicode.Scalar(code) else {
        throw Problem(message: "this escape names no character", start: start, end: place)
      }
      output += String(Character(scalar)).utf8
    default:
      var end = place
      while end < body.endIndex, body[end] & 0xC0 == 0x80 { end += 1 }
      let text = String(decoding: body[start..<end], as: UTF8.self)
      throw Problem(message: "`\(text)` is no escape", start: start, end: end)
    }
  }

  private static func append(_ code: UInt32, _ isBytes: Bool, _ output: inout [UInt8]) {
    let byte = UInt8(truncatingIfNeeded: code)
    if isBytes { output.append(byte) } else { output += String(Character(Unicode.Scalar(byte))).utf8 }
  }

  private static func number(
    _ body: ArraySlice<UInt8>, _ start: Int, _ place: inout Int, digits: Int, radix: UInt32
  ) throws(Problem) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<digits {
      guard place < body.endIndex, let digit = Hexadecimal.digit(body[place]), UInt32(digit) < radix,
        !code.multipliedReportingOverflow(by: radix).overflow
      else {
        throw Problem(message: "this escape needs \(digits) digits", start: start, end: min(place, body.endIndex))
      }
      code = code * radix + UInt32(digit)
      place += 1
    }
    return code
  }
}
