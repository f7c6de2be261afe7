import Expressions
import Testing

@Suite struct PathUseTests {
  private func uses(_ source: String) throws -> [PathUse] { try Expression.parse(source).get().paths }

  private func guards(_ source: String) throws -> [Guard] {
    try #require(try uses(source).last { $0.segments == ["a", "b"] }).guards
  }

  @Test("chains of names with their places")
  func places() throws {
    let uses = try uses("steps.a.outputs['x y'][0] + other.f() + has(q.r) + s.?t + [1].map(v, v.w)[0]")
    #expect(uses.map(\.segments) == [["steps", "a", "outputs", "x y"], ["other"], ["q", "r"], ["s", "t"]])
    #expect(uses.map(\.range) == [0..<22, 28..<33, 44..<47, 51..<55])
    #expect(uses[0].segmentRanges == [0..<5, 6..<7, 8..<15, 16..<21])
    #expect(uses.map(\.isPresenceTest) == [false, false, true, true])
  }

  @Test(
    "what is known where a chain is evaluated",
    arguments: [
      ("has(a.b) && a.b", [.present(["a", "b"])]),
      ("!has(a.b) || a.b", [.present(["a", "b"])]),
      ("has(a.b) ? a.b : 1", [.present(["a", "b"])]),
      ("!has(a.b) ? 1 : a.b", [.present(["a", "b"])]),
      ("a.?b.hasValue() && a.b", [.present(["a", "b"])]),
      ("a.s == 'x' && a.b", [.equals(["a", "s"], .string("x"))]),
      ("'x' == a.s && a.b", [.equals(["a", "s"], .string("x"))]),
      ("a.s != 'x' || a.b", [.equals(["a", "s"], .string("x"))]),
      ("a.s != 'x' && a.b", [.notEquals(["a", "s"], .string("x"))]),
      ("a.s == 'x' ? 1 : a.b", [.notEquals(["a", "s"], .string("x"))]),
      (
        "!(a.s == 'x' || a.s == 'y') && a.b",
        [.notEquals(["a", "s"], .string("x")), .notEquals(["a", "s"], .string("y"))]
      ),
      ("a.s in ['x'] && a.b", [.equals(["a", "s"], .string("x"))]),
      ("a.s in ['x', 'y'] && a.b", []),
      ("a.s in ['x', 'y'] || a.b", [.notEquals(["a", "s"], .string("x")), .notEquals(["a", "s"], .string("y"))]),
      ("a.ok && a.b", [.equals(["a", "ok"], .bool(true))]),
      ("!a.ok && a.b", [.equals(["a", "ok"], .bool(false))]),
      ("(a.s == 'x' || a.s == 'y') && a.b", []),
      ("(a.s == 'x' && c.d || a.s == 'x' && c.e) && a.b", [.equals(["a", "s"], .string("x"))]),
      ("(a.ok ? a.s == 'x' : false) && a.b", [.equals(["a", "ok"], .bool(true)), .equals(["a", "s"], .string("x"))]),
      ("a.s == 'x' && [1].all(v, v > a.b)", [.equals(["a", "s"], .string("x"))]),
      ("[1].all(v, has(a.b) && v > a.b)", [.present(["a", "b"])]),
      ("[1].map(v, has(a.b), a.b)", [.present(["a", "b"])]),
      ("[1].all(v, has(v.x) && a.b)", []),
      ("cel.bind(v, has(a.b), v && a.b)", []),
      ("cel.bind(v, 1, has(a.b)) && a.b", [.present(["a", "b"])]),
      ("has(a.b) && true || a.b", []),
      ("a['s'] == 'x' && a['b']", [.equals(["a", "s"], .string("x"))]),
    ] as [(String, [Guard])])
  func known(source: String, expected: [Guard]) throws { #expect(try guards(source) == expected) }
}
