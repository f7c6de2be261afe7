import Expressions
import Testing

@Suite struct UnknownTests {
  private static let values: [String: Value] = [
    "u": .unknown(Unknown(sources: ["steps.a"])), "v": .unknown(Unknown(sources: ["steps.b"])),
    "l": .list([.int(1), .unknown(Unknown(sources: ["steps.a"]))]),
    "m": .map(ValueMap([(.string("k"), .unknown(Unknown(sources: ["steps.a"]))), (.string("n"), .int(1))])),
  ]

  @Test(
    "what rests on an unknown is unknown",
    arguments: [
      "u", "u + 1", "1 + u", "-u", "!u", "u == 1", "u != u", "u < 1", "u.field", "u['a']", "[1][u]", "u ? 1 : 2",
      "size(u)", "u.startsWith('a')", "'a'.contains(u)", "u.matches('a')", "'a'.matches(u)", "[u]", "[1, u]",
      "{'a': u}",
      "{u: 1}", "u && true", "true && u", "u || false", "false || u", "u.all(x, true)", "[1].map(x, u)",
      "[1].filter(x, u)",
      "[1].exists(x, u)", "[1].all(x, u)", "[1].exists_one(x, u)", "has(u.a)", "u.?a", "u[?0]", "u.orValue(1)",
      "u.hasValue()", "optional.of(u)", "optional.none().orValue(u)", "type(u)", "dyn(u)", "string(u)", "1 in u",
      "u in [1]",
      "'%s'.format([u])", "cel.bind(x, u, x + 1)", "u.optMap(x, x)", "optional.of(1).optMap(x, u)", "l == [1, 2]",
      "3 in l", "l[1]", "m.k", "m.?k", "m == m", "timestamp(u)", "u.a.b.c", "['a', 'b'].join(u)", "m.k.deeper",
    ])
  func propagation(source: String) throws {
    #expect(try evaluate(source, Self.values) == .unknown(Unknown(sources: ["steps.a"])))
  }

  @Test(
    "what does not rest on it is known",
    arguments: [
      "(u && false) == false", "(false && u) == false", "(u || true) == true", "(true || u) == true", "true ? true : u",
      "!(false ? u : false)", "[1, 2].exists(x, x == 1 || u)", "![1, 2].all(x, x == 1 && u)", "size(l) == 2",
      "l[0] == 1",
      "1 in l", "m.n == 1", "has(m.n)", "'n' in m", "optional.of(1).orValue(u) == 1", "!(u == 1 && false)",
    ])
  func known(source: String) { #expect(isTrue(source, Self.values)) }

  @Test("the sources of several unknowns are merged")
  func merging() throws {
    let both = Value.unknown(Unknown(sources: ["steps.b", "steps.a"]))
    for source in ["u + v", "v + u", "[u, v]", "u && v", "v || u", "{u: v}", "u == v", "size(u + v)", "u.contains(v)"] {
      #expect(try evaluate(source, Self.values) == both, "\(source)")
    }
    #expect(Unknown(sources: ["b", "a", "b"]).sources == ["a", "b"])
  }

  @Test("an unknown outweighs an error in a connective, as it may yet decide")
  func errors() throws {
    let unknown = Value.unknown(Unknown(sources: ["steps.a"]))
    #expect(try evaluate("u && 1 / 0 == 1", Self.values) == unknown)
    #expect(try evaluate("1 / 0 == 1 || u", Self.values) == unknown)
    #expect(try evaluate("[1, 0].all(x, 1 / x == 1 && u)", Self.values) == unknown)
    #expect(try failure("(1 / 0 == 1) ? u : u", Self.values) != nil)
  }
}
