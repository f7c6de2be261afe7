import Expressions
import Testing

@Suite struct LimitTests {
  private func repeated(_ open: String, _ middle: String, _ close: String, _ count: Int) -> String {
    String(repeating: open, count: count) + middle + String(repeating: close, count: count)
  }

  private func isParsed(_ source: String) -> Bool {
    if case .success = Expression.parse(source) { true } else { false }
  }

  @Test("nesting is bounded, and what is within the bound evaluates and checks")
  func nesting() throws {
    for (open, middle, close) in [
      ("(", "1", ")"), ("[", "1", "]"), ("-", "(1)", ""), ("!", "true", ""), ("{1: ", "1", "}"),
    ] {
      let source = repeated(open, middle, close, 110)
      _ = try evaluate(source)
      #expect(try check(source).problems == [])
      #expect(!isParsed(repeated(open, middle, close, 130)), "\(open)")
      #expect(!isParsed(repeated(open, middle, close, 100_000)), "\(open)")
    }
    #expect(try evaluate(repeated("true ? (", "1", ") : 2", 100)) == .int(1))
    #expect(try evaluate(repeated("false ? 1 : ", "2", "", 110)) == .int(2))
    #expect(!isParsed(repeated("true ? ", "1", " : 2", 5000)))
    #expect(try evaluate(repeated("[1].map(x, ", "x", ")", 100)).typeName == "list")
  }

  @Test("long chains of operators, fields and calls are bounded; connectives and lists are not")
  func chains() throws {
    #expect(try evaluate("1" + String(repeating: " + 1", count: 400)) == .int(401))
    #expect(!isParsed("1" + String(repeating: " + 1", count: 2000)))
    #expect(!isParsed("x" + String(repeating: ".f()", count: 2000)))
    #expect(!isParsed("x" + String(repeating: "[0]", count: 2000)))
    #expect(try evaluate("true" + String(repeating: " && true", count: 5000)) == .bool(true))
    #expect(try evaluate("false" + String(repeating: " || false", count: 5000)) == .bool(false))
    #expect(try evaluate("[1" + String(repeating: ", 1", count: 5000) + "].size()") == .int(5001))
  }

  @Test(
    "an expression has an end, and says where it breaks off",
    arguments: [
      ("", 0..<0), ("  ", 0..<2), ("1 +", 3..<3), ("(1", 2..<2), ("1 2", 2..<3), ("a.", 2..<2), ("a.in", 2..<4),
      ("[1, 2", 5..<5),
      ("'abc", 0..<4), ("a ? b", 5..<5), ("{'a'}", 4..<5), ("a = b", 2..<3), ("a & b", 2..<3), ("a | b", 2..<3),
      ("#", 0..<1),
      ("'\\q'", 1..<3), ("'\\x1'", 1..<4), ("'\\ud800'", 1..<7), ("if", 0..<2), ("a.b{c: 1}", 3..<4),
      ("f(1,, 2)", 4..<5), ("`a", 0..<2),
    ])
  func syntaxErrors(source: String, range: Range<Int>) {
    guard case .failure(let errors) = Expression.parse(source) else {
      Issue.record("\(source) was parsed")
      return
    }
    #expect(errors.problems.map(\.range) == [range], "\(errors.problems.map(\.message))")
  }

  @Test("a literal is known without evaluation")
  func literals() throws {
    #expect(try Expression.parse("5").get().literal == .int(5))
    #expect(try Expression.parse("(5)").get().literal == .int(5))
    #expect(try Expression.parse("5 + 0").get().literal == nil)
    #expect(try Expression.parse("'a'").get() == Expression.parse("'a'").get())
    #expect(try Expression.parse("'a'").get() != Expression.parse("\"a\"").get())
  }
}
