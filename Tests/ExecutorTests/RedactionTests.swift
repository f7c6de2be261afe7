import RunbookExecutor
import Testing

/// Secrets are taken out of byte streams, wherever the pieces are cut.
@Suite struct RedactionTests {
  private func redact(_ text: String, secrets: [String], chunk: Int) -> String {
    Redacting.redact(text, secrets: secrets, chunk: chunk)
  }

  @Test("Invariant 7: a secret is taken out in pieces of every size from 1 to 64", arguments: 1...64)
  func invariant7_piecesOfEverySize(chunk: Int) {
    let text = "before hunter2hunter2 middle hunter2x hunter hunte after\nhunter2"
    let expected = "before [redacted] middle [redacted]x hunter hunte after\n[redacted]"
    #expect(redact(text, secrets: ["hunter2"], chunk: chunk) == expected)
  }

  @Test("Invariant 7: secrets that overlap or hold each other leave nothing", arguments: [1, 3, 64])
  func invariant7_overlaps(chunk: Int) {
    #expect(redact("xabcdefgx", secrets: ["abcde", "cdefg"], chunk: chunk) == "x[redacted]x")
    #expect(redact("xabcdefghix", secrets: ["bcdefghi", "defg"], chunk: chunk) == "xa[redacted]x")
    #expect(redact("aaaaaaab", secrets: ["aaaa"], chunk: chunk) == "[redacted]b")
  }

  @Test("Invariant 7: a secret of several lines is taken out line by line too")
  func invariant7_lines() {
    let secret = "-----BEGIN KEY-----\nMIIEabcd\nefghijkl\n-----END KEY-----"
    #expect(redact("key: \(secret)!", secrets: [secret], chunk: 5) == "key: [redacted]!")
    #expect(redact("log: MIIEabcd\n", secrets: [secret], chunk: 5) == "log: [redacted]\n")
  }

  @Test("what holds no secret passes unchanged, however long it is")
  func othersPass() {
    let text = String(repeating: "hunter hunter1 ", count: 100_000)
    #expect(redact(text, secrets: ["hunter2"], chunk: 65536) == text)
  }

  @Test("a redacted message shows nothing of the secret")
  func messages() {
    let redactor = Redactor()
    redactor.learn(Array("p4ss word".utf8))
    #expect(redactor.redact("cannot log in with p4ss word") == "cannot log in with [redacted]")
  }

  @Test("Invariant 7: a stream takes up what is learnt while it runs, in what it holds back too")
  func invariant7_learntMeanwhile() {
    let redactor = Redactor()
    var stream = redactor.stream()
    var result: [UInt8] = []
    func write(_ text: String) {
      Array(text.utf8).withUnsafeBytes { piece in stream.write(piece) { result.append(contentsOf: $0) } }
    }
    write("begun before; ")
    redactor.learn(Array("hunter2".utf8))
    write("hunter2, xhunt")
    redactor.learn(Array("nter9".utf8))
    write("er9y, hunter2 hunter")
    redactor.learn(Array("unter".utf8))
    stream.finish { result.append(contentsOf: $0) }
    #expect(
      String(decoding: result, as: UTF8.self)
        == "begun before; [redacted], xhu[redacted]y, [redacted] h[redacted]")
  }
}
