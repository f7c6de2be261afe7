import Expressions
import Testing

@Suite struct MacroTests {
  @Test(
    "macros over lists and maps",
    arguments: [
      "[1, 2].all(x, x > 0)", "![1, 2].all(x, x > 1)", "[].all(x, false)", "[1, 2].exists(x, x == 2)",
      "![].exists(x, true)", "[1, 2].exists_one(x, x == 2)", "[1, 2].existsOne(x, x == 2)",
      "![2, 2].exists_one(x, x == 2)",
      "[1, 2, 3].filter(x, x > 1) == [2, 3]", "[1, 2].map(x, x * 2) == [2, 4]",
      "[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]",
      "{'a': 1, 'b': 2}.all(k, k < 'c')", "{'a': 1}.map(k, k + '!') == ['a!']",
      "{'a': 1, 'b': 2}.filter(k, k == 'b') == ['b']",
      "[[1, 2], [3]].map(l, l.map(x, x + size(l))) == [[3, 4], [4]]", "[1, 2].map(x, [x]).map(y, y[0]) == [1, 2]",
      "cel.bind(x, 5, x * x) == 25", "cel.bind(x, 1, cel.bind(y, x + 1, x + y)) == 3",
      "[3, 1].exists(x, x == 1 && [x].all(y, y == x))", "[1, 2].map(x, cel.bind(y, x, y + 1)) == [2, 3]",
    ])
  func macros(source: String) { #expect(isTrue(source)) }

  @Test("`all` and `exists` absorb errors where an element decides; the others do not")
  func absorption() throws {
    #expect(try evaluate("[0, 1].exists(x, 1 / x == 1)") == .bool(true))
    #expect(try evaluate("[1, 0].exists(x, 1 / x == 1)") == .bool(true))
    #expect(try evaluate("[0, 1].all(x, 1 / x == 2)") == .bool(false))
    #expect(try failure("[0, 1].exists(x, 1 / x == 2)") != nil)
    #expect(try failure("[0, 1].all(x, 1 / x == 1)") != nil)
    #expect(try failure("[1, 0].exists_one(x, 1 / x == 1)") != nil)
    #expect(try failure("[1, 0].filter(x, 1 / x == 1)") != nil)
    #expect(try failure("[1, 0].map(x, 1 / x)") != nil)
    #expect(try failure("[1].all(x, x)") != nil)
    #expect(try failure("[1].filter(x, x)") != nil)
    #expect(try failure("(1).all(x, true)") != nil)
    #expect(try failure("'abc'.map(x, x)") != nil)
  }

  @Test(
    "macros that are not written as they should be are not parsed",
    arguments: [
      "[1].all(x)", "[1].all(1, true)", "[1].map(x.y, true)", "[1].filter(x, true, true)", "cel.bind(x, 1)",
      "cel.bind(1, 1, 1)", "[1].all(x, true",
    ])
  func syntax(source: String) {
    if case .success = Expression.parse(source) { Issue.record("\(source) was parsed") }
  }

  @Test("macros within macros end, even if it takes long")
  func stepLimit() throws {
    let numbers = "[" + Array(repeating: "1", count: 100).joined(separator: ",") + "]"
    let source = "l.map(a, l.map(b, l.map(c, l.map(d, l.map(e, a + b + c + d + e)))))"
    #expect(try failure("cel.bind(l, \(numbers), \(source))") == "the expression takes too many steps")
  }
}
