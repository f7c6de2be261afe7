import RunbookExecutor
import Testing

/// Secrets are found in what encoders make of them.
@Suite struct EncodedSecretTests {
  private static let secret = #"p4$s "w/r'd"+é%\&=~*!"#
  private static let key = "-----BEGIN KEY-----\nMIIEabcd/+efgh'ijkl\nab\n-----END KEY-----"

  /// What programs make of the secret; each is one token.
  private static let encodings: [(name: String, text: String)] = [
    ("as it is", secret),
    ("base64", "cDQkcyAidy9yJ2QiK8OpJVwmPX4qIQ=="),
    ("base64 without padding", "cDQkcyAidy9yJ2QiK8OpJVwmPX4qIQ"),
    ("URL-safe base64", "cDQkcyAidy9yJ2QiK8OpJVwmPX4qIQ=="),
    ("hexadecimal", "703424732022772f7227" + "64222bc3a9255c263d7e2a21"),
    ("hexadecimal in capitals", "703424732022772F7227" + "64222BC3A9255C263D7E2A21"),
    ("percent, what must be", #"p4$s%20%22w/r'd%22+%C3%A9%25%5C&=~*!"#),
    ("percent, a component", #"p4%24s%20%22w%2Fr'd%22%2B%C3%A9%25%5C%26%3D~*!"#),
    ("percent, in small letters", #"p4%24s%20%22w%2fr%27d%22%2b%c3%a9%25%5c%26%3d%7e%2a%21"#),
    ("percent, a form", #"p4%24s+%22w%2Fr%27d%22%2B%C3%A9%25%5C%26%3D%7E*%21"#),
    (
      "percent, everything",
      "%70%34%24%73%20%22%77%2F%72%27%64%22%2B%C3%A9%25%5C%26%3D%7E%2A%21"
    ),
    ("JSON", #"p4$s \"w/r'd\"+é%\\&=~*!"#),
    ("JSON with slashes escaped", #"p4$s \"w\/r'd\"+é%\\&=~*!"#),
    ("JSON in ASCII", #"p4$s \"w/r'd\"+\u00e9%\\&=~*!"#),
    ("JSON for HTML", #"p4$s \u0022w\/r\u0027d\u0022+\u00E9%\\\u0026=~*!"#),
    ("JSON, everything", secret.utf16.map { #"\u"# + hex(UInt16($0), digits: 4) }.joined()),
    ("single quotes", #"p4$s "w/r'\''d"+é%\&=~*!"#),
    ("single quotes in double ones", #"p4$s "w/r'"'"'d"+é%\&=~*!"#),
    ("double quotes", #"p4\$s \"w/r'd\"+é%\\&=~*!"#),
    ("backslashes", #"p4\$s\ \"w/r\'d\"+é%\\\&=\~\*\!"#),
    ("dollar quotes", #"p4$s "w/r\'d"+\303\251%\\&=~*!"#),
    ("bytes in a literal", #"p4$s "w/r\'d"+\xc3\xa9%\\&=~*!"#),
  ]

  private static func hex(_ value: UInt16, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }

  @Test("Invariant 7: a secret is taken out of every encoding, in pieces of every size from 1 to 64", arguments: 1...64)
  func invariant7_encodings(chunk: Int) {
    for (name, text) in Self.encodings {
      let result = Redacting.redact("before <\(text)> after", secrets: [Self.secret], chunk: chunk)
      #expect(result == "before <[redacted]> after", "\(name)")
      #expect(Redacting.redact(text, secrets: [Self.secret, "another one"], chunk: chunk) == "[redacted]", "\(name)")
    }
  }

  @Test(
    "Invariant 7: a secret is found at every place of base64, wrapped at any column", arguments: [0, 1, 3, 20, 60, 76])
  func invariant7_base64(column: Int) {
    for alphabet in ["+/", "-_"] {
      for secret in ["Tr0ub4dor&3", "s3cr?t>~", "éé\u{7F}\u{7F}ÿÿ>>>???", "1234567"] {
        for before in 0...6 {
          for after in 0...4 {
            for lineBreak in ["\n", "\r\n"] {
              expectRemoved(
                secret, before: before, after: after, alphabet: alphabet, column: column, lineBreak: lineBreak)
            }
          }
        }
      }
    }
  }

  /// Expects that of an encoded text the characters are gone that tell of the secret alone, and at the text's end all.
  private func expectRemoved(
    _ secret: String, before: Int, after: Int, alphabet: String, column: Int, lineBreak: String
  ) {
    let data = [UInt8](repeating: 0x78, count: before) + Array(secret.utf8) + [UInt8](repeating: 0x79, count: after)
    let encoded = Array(Self.base64(data, alphabet: alphabet))
    let first = (before * 8 + 5) / 6
    let last = after == 0 ? encoded.count : (before + secret.utf8.count) * 8 / 6
    var text = ""
    var expected = ""
    for (index, character) in encoded.enumerated() {
      let isBroken = column > 0 && index > 0 && index % column == 0
      let piece = (isBroken ? lineBreak : "") + String(character)
      text += piece
      if index == first {
        expected += (isBroken ? lineBreak : "") + "[redacted]"
      } else if index < first || index >= last {
        expected += piece
      }
    }
    for chunk in [1000] + (1...64) {
      let result = Redacting.redact("a \(text) b", secrets: [secret], chunk: chunk)
      #expect(result == "a \(expected) b", "\(text)")
    }
  }

  private static func base64(_ data: [UInt8], alphabet: String) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + alphabet)
    var result = ""
    for start in stride(from: 0, to: data.count, by: 3) {
      let group = data[start..<min(start + 3, data.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for index in 0..<4 { result.append(index <= group.count ? letters[bits >> (18 - 6 * index) & 63] : "=") }
    }
    return result
  }

  @Test("Invariant 7: of a value with several lines each line is found in each encoding")
  func invariant7_lines() {
    let cases = [
      (#"{"key":"-----BEGIN KEY-----\nMIIEabcd\/+efgh'ijkl\nab\n-----END KEY-----"}"#, #"{"key":"[redacted]"}"#),
      (#"only MIIEabcd%2F%2Befgh%27ijkl."#, "only [redacted]."),
      (#"'MIIEabcd/+efgh'\''ijkl'"#, "'[redacted]'"),
      ("TUlJRWFiY2QvK2VmZ2gnaWprbA==\n", "[redacted]\n"),
      (
        "LS0tLS1CRUdJTiBLRVktLS0tLQpNSUlFYWJjZC8rZWZnaCdpamtsCmFiCi0tLS0t\nRU5EIEtFWS0tLS0t", "[redacted]"
      ),
      ("4d4949456162\n63642f2b65666768\n27696a6b6c", "[redacted]"),
      // Lines under four bytes are not searched by themselves.
      ("ab", "ab"),
    ]
    for (text, expected) in cases {
      for chunk in [100] + (1...64) {
        #expect(Redacting.redact(text, secrets: [Self.key], chunk: chunk) == expected)
      }
    }
    #expect(Redacting.redact("second line", secrets: ["first line\r\nsecond line\r\n"], chunk: 3) == "[redacted]")
  }

  @Test("encoded forms under eight characters are not searched, and two empty lines end what was encoded")
  func limits() {
    for text in ["61623d64", "YWI9ZA=="] {
      #expect(Redacting.redact(text, secrets: ["ab=d"], chunk: 3) == "[redacted]")
    }
    for text in ["ab%3Dd", "YWI9ZA", "YWI9\n\n\nZA=="] {
      #expect(Redacting.redact(text, secrets: ["ab=d"], chunk: 3) == text)
    }
  }

  @Test("what only looks like an escape is let be, at the end too", arguments: [1, 2, 3, 100])
  func brokenEscapes(chunk: Int) {
    for text in [
      "%", "100%", "%zz", "%4", #"\"#, #"\u"#, #"\u00"#, #"\ud83d"#, #"\ud83d\u"#, #"\ud83dx"#, #"\x"#, #"\7"#, "+",
      "\r",
      #"C:\dir\new"#, "\n\n\n\n",
    ] {
      #expect(Redacting.redact(text, secrets: ["hunter2"], chunk: chunk) == text)
      #expect(Redacting.redact("hunter2" + text, secrets: ["hunter2"], chunk: chunk) == "[redacted]" + text)
      // A backslash may belong to what follows it.
      let before = text == #"\"# ? "" : text
      #expect(Redacting.redact(text + "hunter2", secrets: ["hunter2"], chunk: chunk) == before + "[redacted]")
    }
    #expect(Redacting.redact(#"<\ud83d\ude00 ok>"#, secrets: ["\u{1F600} ok"], chunk: chunk) == "<[redacted]>")
  }
}
