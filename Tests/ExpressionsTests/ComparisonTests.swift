import Expressions
import Testing

@Suite struct ComparisonTests {
  @Test(
    "equality goes across the types of numbers, and compares everything else within its type",
    arguments: [
      "1 == 1", "1 == 1u", "1u == 1", "1 == 1.0", "1.0 == 1u", "1 != 1.5", "9007199254740993 != 9007199254740992.0",
      "18446744073709551615u != -1", "'a' == 'a'", "'a' != 'b'", "'1' != dyn(1)", "true != dyn(1)", "null == null",
      "dyn(null) != 0", "b'a' == b'a'", "dyn(b'a') != 'a'", "[1, 2] == [1, 2]", "[1, 2] != [2, 1]", "[1] == [1.0]",
      "[] == []", "[1] != [1, 1]", "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "{'a': 1} != {'a': 2}",
      "{1: 'a'} == {1u: 'a'}",
      "{'a': 1} != {'b': 1}", "timestamp('2026-01-12T03:14:00Z') == timestamp('2026-01-12T04:14:00+01:00')",
      "duration('60s') == duration('1m')", "type(1) == int", "type(1u) == uint", "type('a') == string",
      "type([]) == list", "type({}) == map", "type(null) == null_type", "type(type(1)) == type", "type(1.0) == double",
      "type(true) == bool", "type(b'') == bytes", "type(duration('1s')) == google.protobuf.Duration",
      "type(timestamp(0)) == google.protobuf.Timestamp", "type(1) != type(1u)",
      "!(0.0 / 0.0 == 0.0 / 0.0)", "0.0 / 0.0 != 0.0 / 0.0", "0.0 == -0.0", "optional.of(1) == optional.of(1)",
      "optional.none() == optional.none()", "optional.of(1) != optional.none()",
    ])
  func equality(source: String) { #expect(isTrue(source)) }

  @Test("texts are compared by code points, not by what they look like")
  func codePoints() throws {
    #expect(try evaluate("a == b", ["a": .string("e\u{301}"), "b": .string("\u{E9}")]) == .bool(false))
    #expect(try evaluate("a < b", ["a": .string("\u{FFFD}"), "b": .string("\u{10000}")]) == .bool(true))
  }

  @Test(
    "order",
    arguments: [
      "1 < 2", "2 > 1", "1 <= 1", "1 >= 1", "!(1 < 1)", "1 < 2u", "2u > 1", "1 < 1.5", "1.5 < 2u", "-1 < 0u",
      "9007199254740992.0 < 9007199254740993", "18446744073709551615u > 9223372036854775807", "1 < double('inf')",
      "-9223372036854775808 > double('-inf')", "'a' < 'b'", "'a' < 'aa'", "'B' < 'a'", "b'a' < b'b'", "false < true",
      "duration('1s') < duration('1m')", "duration('-1s') < duration('0s')",
      "timestamp('2026-01-12T03:14:00Z') < timestamp('2026-01-12T03:14:00.1Z')",
      "!(0.0 / 0.0 < 1.0)", "!(0.0 / 0.0 >= 1.0)", "!(1 < 0.0 / 0.0)",
    ])
  func order(source: String) { #expect(isTrue(source)) }

  @Test(
    "what has no order errs",
    arguments: [
      "1 < 'a'", "'a' < 1", "[1] < [2]", "{} < {}", "null < null", "true < 1", "int < int", "duration('1s') < 1",
      "timestamp(0) < duration('1s')", "optional.of(1) < optional.of(2)",
    ])
  func noOrder(source: String) throws { #expect(try failure(source) != nil) }

  @Test(
    "membership",
    arguments: [
      "1 in [1, 2]", "!(3 in [1, 2])", "1.0 in [1, 2]", "1u in [1]", "'a' in {'a': 1}", "!('b' in {'a': 1})",
      "1u in {1: 2}", "1.0 in {1: 2}", "!(1.5 in {1: 2})", "!('a' in [])", "[1] in [[1], [2]]", "null in [null]",
      "!(0.0 / 0.0 in [0.0 / 0.0])",
    ])
  func membership(source: String) { #expect(isTrue(source)) }

  @Test("a text and a number hold nothing", arguments: ["'a' in 'abc'", "1 in 1", "1 in null"])
  func noMembership(source: String) throws { #expect(try failure(source) != nil) }

  @Test("large maps find keys of every type of number")
  func largeMap() throws {
    let entries = (0..<100).map { "\($0): 'v\($0)'" }.joined(separator: ", ")
    #expect(try evaluate("{\(entries)}[57u]") == .string("v57"))
    #expect(try evaluate("{\(entries)}[57.0]") == .string("v57"))
    #expect(try evaluate("57 in {\(entries)}") == .bool(true))
    #expect(try evaluate("100 in {\(entries)}") == .bool(false))
  }
}
