import Diagnostics
import Testing
import YAMLSyntax

/// Trees and places.
@Suite struct YAMLTests {
  private func scalar(_ text: String) throws -> (YAMLNode, SourceText) {
    let source = SourceText(name: "x", text: text)
    let (root, diagnostics) = YAMLReader.read(source)
    #expect(diagnostics.isEmpty)
    return (try #require(root?["k"]), source)
  }

  /// The bytes of the file that a part of a scalar's text came from.
  private func origin(_ part: String, _ text: String) throws -> String {
    let (node, source) = try scalar(text)
    let bytes = Array(try #require(node.scalar).text.utf8)
    let wanted = Array(part.utf8)
    let start = try #require((0...(bytes.count - wanted.count)).first { bytes[$0...].starts(with: wanted) })
    let span = node.span(ofText: start..<start + wanted.count, in: source)
    return String(decoding: source.bytes[Int(span.start)..<Int(span.end)], as: UTF8.self)
  }

  @Test("no type is guessed")
  func noTypes() throws {
    for text in ["on", "no", "1.10", "0777", "null", "~", "2026-01-01"] {
      #expect(try scalar("k: \(text)\n").0.scalar?.text == text)
    }
  }

  @Test("places are right in every style of scalar")
  func places() throws {
    #expect(try origin("two", "k: one two three\n") == "two")
    #expect(try origin("two", "k: 'it''s two'\n") == "two")
    #expect(try origin("two", "k: \"\\u00e9\\ttwo\\n\"\n") == "two")
    #expect(try origin("two", "é: x\nk: \"ö two\"\n") == "two")
    #expect(try origin("three", "k: |\n  one\n  two\n    three\n") == "three")
    #expect(try origin("three", "k: >\n  one\n  two\n\n  three\n") == "three")
    #expect(try origin("three", "k: one\n  two\n  three\n") == "three")
    #expect(try origin("three", "k: \"one\n  two \\\n  three\"\n") == "three")
    #expect(try origin("three", "k: |2\n    one\n   three\n") == "three")
    #expect(try origin("three", "\u{FEFF}k: one three\n") == "three")
    #expect(try origin("three", "k: |\r\n  one\r\n  three\r\n") == "three")
  }

  @Test("a collection ends where its last part ends")
  func collections() throws {
    let source = SourceText(name: "x", text: "k:\n  - a\n  - b: c\n\n# comment\nz: 1\n")
    let root = try #require(YAMLReader.read(source).root)
    let span = try #require(root["k"]).span
    #expect(String(decoding: source.bytes[Int(span.start)..<Int(span.end)], as: UTF8.self) == "- a\n  - b: c")
  }

  @Test("a file over 16 MiB is refused, one of 10 MB in one line is read")
  func sizes() {
    let long = SourceText(name: "x", text: "k: " + String(repeating: "x", count: 10_000_000) + "\n")
    #expect(YAMLReader.read(long).diagnostics.isEmpty)
    let tooLong = SourceText(name: "x", bytes: [UInt8](repeating: 0x20, count: YAMLReader.sizeLimit + 1))
    #expect(YAMLReader.read(tooLong).diagnostics.map(\.code.rawValue) == ["BLY0003"])
  }

  @Test("other encodings than UTF-8 are refused")
  func encodings() {
    let utf16: [UInt8] = [0xFF, 0xFE, 0x6B, 0, 0x3A, 0, 0x20, 0, 0x31, 0]
    #expect(YAMLReader.read(SourceText(name: "x", bytes: utf16)).diagnostics.map(\.code.rawValue) == ["BLY0002"])
    let control = SourceText(name: "x", text: "k: a\u{1}b\n")
    #expect(YAMLReader.read(control).diagnostics.map(\.code.rawValue) == ["BLY0001"])
  }

  @Test("any cut of a good file gives a tree or a diagnostic, and never a crash")
  func cuts() {
    let text = Array(
      "belay: 1\nname: 'a''b'\nlist: [1, {a: \"x\\u00e9\"}]\nblock: |\n  é\n  two\nmap:\n  - a: b\n".utf8)
    for end in text.indices {
      let (root, diagnostics) = YAMLReader.read(SourceText(name: "x", bytes: Array(text[..<end])))
      #expect(root != nil || !diagnostics.isEmpty)
    }
  }
}
