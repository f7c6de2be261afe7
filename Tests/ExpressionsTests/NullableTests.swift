import Expressions
import Testing

/// Values that may be null: asked about first, or not used where null cannot stand.
@Suite struct NullableTests {
  private static let types: [String: ValueType] = [
    "l": .list(.nullable(.int)), "n": .nullable(.int), "s": .list(.nullable(.string)), "i": .int,
    "r": .list(.nullable(.record([.init(name: "port", type: .int)]))),
  ]

  @Test(
    "what cannot be done with null is a mistake",
    arguments: [
      ("l[0] + 1", "`+` does not take int or null and int"), ("n + 1", "`+` does not take int or null and int"),
      ("-n", "`-` does not take int or null"), ("n < 3", "`<` cannot compare int or null with int"),
      ("l.map(v, v + 1)", "`+` does not take int or null and int"),
      ("l.exists(v, v > 1)", "`>` cannot compare int or null with int"),
      ("string(l[0])", "`string` does not take (int or null)"),
      ("r[0].port", "`port` is asked of a value that may be null"),
      ("l[1] != null ? l[0] + 1 : 0", "`+` does not take int or null and int"),
      ("s.join(',')", "`join` does not take (list of string or null, string)"),
      ("l.sum()", "`sum` does not take (list of int or null)"),
    ])
  func mistakes(source: String, message: String) throws {
    let found = try check(source, Self.types)
    #expect(found.problems.map(\.message) == [message])
    #expect(found.problems.first?.notes.last?.hasPrefix("ask first: x != null") == true)
  }

  @Test(
    "once it is known not to be null it is a value like any other",
    arguments: [
      ("n != null ? n + 1 : 0", .int), ("n == null ? 0 : n + 1", .int), ("n != null && n > 1", .bool),
      ("l[0] != null ? l[0] + 1 : 0", .int), ("l.filter(v, v != null)", .list(.int)),
      ("l.filter(v, v != null && v > 1).sum()", .int), ("l.map(v, v != null, v + 1)", .list(.int)),
      ("l.all(v, v == null || v > 1)", .bool), ("l.map(v, v == null ? 0 : v)", .list(.int)),
      ("cel.bind(v, l[0], v == null ? 0 : v + 1)", .int), ("r[0] != null ? r[0].port : 0", .int),
      ("r.filter(v, v != null).map(v, v.port)", .list(.int)), ("n == 3 ? n + 1 : 0", .int),
      ("optional.ofNonZeroValue(n).orValue(1)", .int),
    ] as [(String, ValueType)])
  func narrowing(source: String, type: ValueType) throws {
    let found = try check(source, Self.types)
    #expect(found.problems == [])
    #expect(found.type == type)
  }

  @Test(
    "what takes null, and what could not be asked about, is let be",
    arguments: [
      "n == null", "n == 1", "null in l", "3 in l", "size(l)", "l == [1, null]", "toJson(l)", "l[i] + 1",
      "l[i] != null",
      "l.first().value() + 1", "type(n) == int", "dyn(n)", "l.exists(v, v == 3)", "l.filter(v, v == null)",
    ])
  func letBe(source: String) throws {
    let found = try check(source, Self.types)
    #expect(found.problems == [])
    #expect(found.warnings == [])
  }

  @Test("a list that may hold null is none where one without is wanted") func expectations() throws {
    #expect(
      try check("l", Self.types, expecting: .list(.int)).problems.map(\.message) == [
        "this is list of int or null, and list of int is wanted"
      ])
    #expect(try check("l.filter(v, v != null)", Self.types, expecting: .list(.int)).problems == [])
    #expect(try check("l", Self.types, expecting: .list(.dyn)).problems == [])
  }
}
