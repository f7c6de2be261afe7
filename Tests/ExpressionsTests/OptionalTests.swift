import Expressions
import Testing

@Suite struct OptionalTests {
  @Test(
    "optional values",
    arguments: [
      "optional.of(1).hasValue()", "!optional.none().hasValue()", "optional.of(1).value() == 1",
      "optional.of(1).orValue(2) == 1", "optional.none().orValue(2) == 2",
      "optional.none().or(optional.of(3)) == optional.of(3)", "optional.of(1).or(optional.of(3)) == optional.of(1)",
      "optional.ofNonZeroValue(0) == optional.none()", "optional.ofNonZeroValue('') == optional.none()",
      "optional.ofNonZeroValue([1]).hasValue()", "optional.ofNonZeroValue(null) == optional.none()",
      "{'a': 1}.?a == optional.of(1)", "{'a': 1}.?b == optional.none()", "{'a': 1}[?'a'] == optional.of(1)",
      "[1, 2][?1] == optional.of(2)", "[1, 2][?9] == optional.none()", "[1][?-1] == optional.none()",
      "{'a': {'b': 1}}.?a.b == optional.of(1)", "{'a': {'b': 1}}.?x.b == optional.none()",
      "{'a': {'b': 1}}.?a.?c == optional.none()", "{'a': [1]}.?a[0] == optional.of(1)",
      "{'a': [1]}.?b[0].orValue(7) == 7",
      "has({'a': {'b': 1}}.?a.b)", "!has({'a': {'b': 1}}.?x.b)", "[?optional.of(1), ?optional.none(), 2] == [1, 2]",
      "{?'a': optional.of(1), ?'b': optional.none()} == {'a': 1}", "{'k': {'v': 1}}[?'k'].v == optional.of(1)",
      "optional.of(2).optMap(x, x * 2) == optional.of(4)", "optional.none().optMap(x, x * 2) == optional.none()",
      "optional.of(2).optFlatMap(x, optional.of(x)) == optional.of(2)",
      "optional.of([1]).optFlatMap(x, x[?3]) == optional.none()", "type(optional.of(1)) == optional_type",
      "optional.of(null).hasValue()", "optional.of(1).orValue(1 / 0) == 1", "m.?a.orValue(5) == 1",
      "m.?b.orValue(5) == 5",
      "m[?'a'].orValue(5) == 1",
    ])
  func optionals(source: String) {
    #expect(isTrue(source, ["m": .map(ValueMap([(.string("a"), .int(1))]))]))
  }

  @Test(
    "what is no optional value errs",
    arguments: [
      "optional.none().value()", "dyn(1).hasValue()", "dyn(1).orValue(2)", "optional.none().or(1)", "[?1]", "{?'a': 1}",
      "dyn(1).optMap(x, x)", "optional.of(1).optFlatMap(x, x)", "dyn(1).?a", "optional.of()", "optional.none(1)",
      "optional.none().orValue(1 / 0)", "'a'[?0]",
    ])
  func failures(source: String) throws { #expect(try failure(source) != nil) }
}
