import CanonicalJSON
import Testing

/// RFC 8785, and RFC 8259 where it is read.
@Suite struct JSONTests {
  private func canonical(_ text: String) throws -> String {
    String(decoding: try JSON.parse(text).canonicalBytes(), as: UTF8.self)
  }

  @Test("Invariant 9: keys are sorted by UTF-16 code units, as RFC 8785 3.2.3 has it")
  func invariant9_keysAreSorted() throws {
    // The example of RFC 8785, 3.2.3; its values are left out.
    let text = #"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#
    let keys = "\r|1|\u{80}|\u{F6}|\u{20AC}|\u{1F600}|\u{FB33}"
    let parsed = try JSON.parse(Array(try canonical(text).utf8))
    #expect(parsed.members?.map(\.key).joined(separator: "|") == keys)
  }

  @Test("strings are escaped as little as RFC 8785 allows")
  func escapes() throws {
    #expect(
      try canonical(#""\u0041\/\u0000\u001f\b\f\n\r\t\"\\\u007f\u00e9""#) == #""A/\u0000\u001f\b\f\n\r\t\"\\"#
        + "\u{7F}é\"")
  }

  @Test("integers stay integers, other numbers become strings")
  func numbers() throws {
    #expect(try canonical("[0,-0,12,-9223372036854775808,1.5,1e3]") == #"[0,0,12,-9223372036854775808,"1.5","1000.0"]"#)
  }

  @Test(
    "what is not JSON is refused",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "+1", ".5", "1.", "1e", "\"\\x\"", "\"\\ud800\"",
      "\"\\udc00\\ud800\"", "\"a\nb\"", "tru", "nul", "[1] 2", "'a'", "1e999", "\u{FEFF}1",
    ])
  func refusals(text: String) {
    #expect(throws: JSONParseError.self) { try JSON.parse(text) }
  }

  @Test("depth is bounded, so that no stack runs over")
  func depth() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONParseError.self) { try JSON.parse(deep) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func encoding() {
    #expect(throws: JSONParseError.self) { try JSON.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONParseError.self) { try JSON.parse([0x22, 0xC0, 0x80, 0x22]) }
  }
}
