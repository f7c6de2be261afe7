import Expressions
import Testing

/// The published list functions.
@Suite struct ListFunctionTests {
  @Test(
    "lists",
    arguments: [
      "[1, 2, 2, 3, 1].distinct() == [1, 2, 3]", "[].distinct() == []", "[1, 1.0, 1u].distinct() == [1]",
      "['b', 'a', 'b'].distinct() == ['b', 'a']", "[{'a': 1, 'b': 2}, {'b': 2, 'a': 1.0}].distinct().size() == 1",
      "[[1], [1.0], [2]].distinct() == [[1], [2]]", "[1, 'a', true, 1, 'a', true].distinct() == [1, 'a', true]",
      "[null, null].distinct() == [null]", "[9007199254740993, 9007199254740992.0].distinct().size() == 2",
      "[[1], [2, 3], [], 4].flatten() == [1, 2, 3, 4]", "[1, [2, [3, [4]]]].flatten() == [1, 2, [3, [4]]]",
      "[1, [2, [3, [4]]]].flatten(2) == [1, 2, 3, [4]]", "[1, [2, [3, [4]]]].flatten(9) == [1, 2, 3, 4]",
      "[1, [2]].flatten(0) == [1, [2]]", "[].flatten() == []",
      "[3, 1, 2].sort() == [1, 2, 3]", "['b', 'a'].sort() == ['a', 'b']", "[].sort() == []",
      "[duration('2s'), duration('1s')].sort()[0] == duration('1s')", "[true, false].sort() == [false, true]",
      "['foo', 'a', 'bar'].sortBy(x, size(x)) == ['a', 'foo', 'bar']", "[1, 2, 3].sortBy(x, -x) == [3, 2, 1]",
      "[{'n': 'b', 'v': 1}, {'n': 'a', 'v': 2}].sortBy(x, x.n)[0].v == 2", "[].sortBy(x, x) == []",
      "[1, 2, 3, 4].slice(1, 3) == [2, 3]", "[1, 2].slice(0, 0) == []", "[1, 2].slice(2, 2) == []",
      "[1, 2].slice(0, 2) == [1, 2]",
      "[1, 2, 3].reverse() == [3, 2, 1]", "[].reverse() == []", "'ab'.reverse() == 'ba'",
      "[1, 2].first() == optional.of(1)", "[1, 2].last().value() == 2", "[].first() == optional.none()",
      "[].last().orValue(7) == 7", "lists.range(3) == [0, 1, 2]", "lists.range(0) == []", "lists.range(-1) == []",
      "optional.unwrap([optional.of(1), optional.none()]) == [1]",
      "[optional.of(1), optional.none(), optional.of(2)].unwrapOpt() == [1, 2]", "[].unwrapOpt() == []",
    ])
  func holds(source: String) { #expect(isTrue(source)) }

  @Test(
    "what has no order, or no such place, errs",
    arguments: [
      "[1, 'a'].sort()", "[1, 2.0].sort()", "[[1]].sort()", "[1, 2].sortBy(x, [x])",
      "[1, 2].sortBy(x, x == 1 ? 1 : 'a')",
      "[1].slice(-1, 1)", "[1].slice(0, 2)", "[1, 2].slice(2, 1)", "[1].flatten(-1)", "dyn(1).distinct()",
      "[1].unwrapOpt()", "lists.range(9223372036854775807)", "[1].sortBy(x, 1 / 0)", "dyn('a').first()",
    ])
  func failures(source: String) throws { #expect(try failure(source) != nil) }

  @Test("unknown elements are looked at only where they count")
  func unknowns() throws {
    let unknown = Value.unknown(Unknown(sources: ["steps.a"]))
    let values: [String: Value] = ["l": .list([.int(1), unknown])]
    #expect(try evaluate("l.first()", values) == .optional(.int(1)))
    #expect(try evaluate("l.slice(0, 1)", values) == ints(1))
    #expect(try evaluate("l.reverse()[1]", values) == .int(1))
    for source in ["l.last()", "l.distinct()", "l.sort()", "l.sortBy(x, x)", "l.flatten()"] {
      #expect(try evaluate(source, values) == unknown, "\(source)")
    }
  }

  @Test(
    "types",
    arguments: [
      ("l.distinct()", .list(.int)), ("l.sort()", .list(.int)), ("l.slice(0, 1)", .list(.int)),
      ("l.reverse()", .list(.int)), ("s.reverse()", .string), ("l.first()", .optional(.int)),
      ("l.last().orValue(1)", .int), ("[[1]].flatten()", .list(.int)), ("l.flatten()", .list(.int)),
      ("[['a']].flatten(3)", .list(.dyn)), ("l.sortBy(x, -x)", .list(.int)), ("lists.range(2)", .list(.int)),
      ("[optional.of(1)].unwrapOpt()", .list(.int)), ("x.first()", .optional(.dyn)), ("x.reverse()", .dyn),
    ] as [(String, ValueType)])
  func types(source: String, type: ValueType) throws {
    let result = try check(source, ["l": .list(.int), "s": .string, "x": .dyn])
    #expect(result.type == type)
    #expect(result.problems == [])
  }

  @Test("wrong uses are found before evaluation")
  func mistakes() throws {
    #expect(try check("[[1]].sort()").problems.count == 1)
    #expect(
      try check("['a'].sortBy(x, [x])").problems.map(\.message) == [
        "`sortBy` needs keys that have an order, and this is list of string"
      ])
    #expect(try check("'a'.slice(0, 1)").problems.count == 1)
    #expect(try check("[1].unwrapOpt()").problems.count == 1)
  }
}
