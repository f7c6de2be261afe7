import Testing

@testable import Presentation

@Suite struct GraphTextTests {
  @Test("texts are cut where they would not fit")
  func cutting() {
    #expect(GraphText.cut("short", to: 5, 1) == "short")
    #expect(GraphText.cut("longer", to: 5, 1) == "long…")
    #expect(GraphText.cut("one two", to: 5, 1) == "one…")
    #expect(GraphText.cut("\u{6F22}\u{5B57}\u{6F22}", to: 5, 1) == "\u{6F22}\u{5B57}…")
    #expect(GraphText.cut("x", to: 0, 1) == "…")
  }

  @Test("texts are broken at blanks, and cut after the last line")
  func wrapping() {
    #expect(GraphText.wrapped("one two three", to: 7, 1, lines: 2) == ["one two", "three"])
    #expect(GraphText.wrapped("one two three four", to: 7, 1, lines: 2) == ["one two", "three…"])
    #expect(GraphText.wrapped("unbreakable word", to: 7, 1, lines: 2) == ["unbrea…", "word"])
    #expect(GraphText.wrapped("unbreakable", to: 7, 1, lines: 1) == ["unbrea…"])
    #expect(GraphText.wrapped("", to: 7, 1, lines: 2) == [])
  }

  @Test("texts stand on one line, without what moves a cursor")
  func harmless() {
    #expect(GraphText.line("a\nb\tc\r\nd") == "a b c\u{240D} d" || GraphText.line("a\nb\tc\r\nd") == "a b c d")
    #expect(!GraphText.line("\u{1B}[31m").contains("\u{1B}"))
    #expect(SVGWriter.escaped("<a b='\"&'>\u{FFFF}") == "&lt;a b=&#39;&quot;&amp;&#39;&gt;\u{FFFD}")
    #expect([0, 1.25, -0.5, 10, 3.04].map(SVGWriter.number) == ["0", "1.3", "-0.5", "10", "3"])
  }
}
