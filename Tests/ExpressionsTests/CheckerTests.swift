import Expressions
import Testing

@Suite struct CheckerTests {
  private static let types: [String: ValueType] = [
    "i": .int, "u": .uint, "d": .double, "s": .string, "b": .bool, "t": .timestamp, "p": .duration, "x": .dyn,
    "l": .list(.int), "m": .map(.string, .int), "o": .optional(.int), "y": .bytes, "services": .list(service),
    "r": .record([
      .init(name: "name", type: .string), .init(name: "size", type: .int, optional: true),
      .init(name: "inner", type: .record([.init(name: "port", type: .int)]), optional: true),
    ]),
  ]
  private static let service = ValueType.record([
    .init(name: "name", type: .string), .init(name: "replicas", type: .int, optional: true),
  ])

  @Test(
    "types",
    arguments: [
      ("1", .int), ("1u", .uint), ("1.0", .double), ("'a'", .string), ("b'a'", .bytes), ("true", .bool),
      ("null", .null),
      ("int", .type), ("[1, 2]", .list(.int)), ("[1, 'a']", .list(.dyn)), ("[]", .list(.dyn)),
      ("{'a': 1}", .map(.string, .int)),
      ("{}", .map(.dyn, .dyn)), ("i + 1", .int), ("u * 2u", .uint), ("d / 2.0", .double), ("s + 'a'", .string),
      ("y + y", .bytes),
      ("l + [1]", .list(.int)), ("l + ['a']", .list(.dyn)), ("t + p", .timestamp), ("p + t", .timestamp),
      ("t - t", .duration),
      ("t - p", .timestamp), ("p - p", .duration), ("x + 1", .int), ("x + x", .dyn), ("x - t", .duration), ("-i", .int),
      ("!b", .bool), ("i == 1", .bool), ("i < d", .bool), ("1 in l", .bool), ("b ? 1 : 2", .int), ("b ? 1 : 'a'", .dyn),
      ("l[0]", .int), ("m['a']", .int), ("m.a", .int), ("r.name", .string), ("r['name']", .string), ("x.a.b[0]", .dyn),
      ("has(r.size)", .bool), ("r.?size", .optional(.int)), ("r.?inner.port", .optional(.int)),
      ("r.?size.orValue(1)", .int),
      ("o.orValue(1)", .int), ("o.orValue('a')", .dyn), ("o.value()", .int), ("o.hasValue()", .bool),
      ("o.or(o)", .optional(.int)),
      ("optional.of(1)", .optional(.int)), ("o.optMap(v, string(v))", .optional(.string)), ("l[?0]", .optional(.int)),
      ("m.?a", .optional(.int)), ("o.optFlatMap(v, optional.of(s))", .optional(.string)),
      ("size(l)", .int), ("s.size()", .int), ("int(s)", .int), ("string(i)", .string), ("dyn(i)", .dyn),
      ("type(i)", .type),
      ("timestamp(s)", .timestamp), ("duration(s)", .duration), ("seconds(p)", .double),
      ("s.split(',')", .list(.string)),
      ("s.contains('a')", .bool), ("s.matches('a+')", .bool), ("s.indexOf('a')", .int), ("t.getHours('UTC')", .int),
      ("l.filter(v, v > 1)", .list(.int)), ("l.map(v, string(v))", .list(.string)), ("l.map(v, v > 1, v)", .list(.int)),
      ("l.all(v, v > 1)", .bool), ("m.exists(k, k == 'a')", .bool), ("m.map(k, k)", .list(.string)),
      ("r.map(k, k)", .list(.string)),
      ("cel.bind(v, i, v + 1)", .int), ("services.map(v, v.name)", .list(.string)), ("services[0].name", .string),
      ("'%d'.format([i])", .string), ("[?o, 1]", .list(.int)), ("{?'a': o}", .map(.string, .int)), ("x.f", .dyn),
      ("s in m", .bool), ("[1, 2][i]", .int), ("x == 1", .bool), ("s == x", .bool), ("[] == l", .bool),
      ("r.size == 1 || true", .bool),
    ] as [(String, ValueType)])
  func types(source: String, type: ValueType) throws {
    let result = try check(source, Self.types)
    #expect(result.type == type)
    if source != "r.size == 1 || true" { #expect(result.problems == []) }
  }

  @Test(
    "mistakes are found at their places",
    arguments: [
      ("q", 0..<1, "there is no `q` here"), ("i + s", 0..<5, "`+` does not take int and string"),
      ("i + d", 0..<5, "`+` does not take int and double"), ("d % 2.0", 0..<7, "`%` does not take double and double"),
      ("!i", 1..<2, "`!` takes bool, and this is int"), ("b && i", 5..<6, "`&&` takes bool, and this is int"),
      ("i ? 1 : 2", 0..<1, "the condition of `? :` takes bool, and this is int"),
      ("-s", 1..<2, "`-` does not take string"),
      ("i == s", 0..<6, "int and string are never equal"),
      ("l == ['a']", 0..<10, "list of int and list of string are never equal"),
      ("i < s", 0..<5, "`<` cannot compare int with string"),
      ("l < l", 0..<5, "`<` cannot compare list of int with list of int"),
      ("1 in s", 0..<6, "`in` asks a list or a map, and this is string"),
      ("'a' in l", 0..<8, "a value of type string is never in a list of int"),
      ("l['a']", 2..<5, "a value of type list of int has no field `a`"),
      ("l[s]", 2..<3, "a place in a list is int, and this is string"),
      ("m[1]", 2..<3, "the keys of this map are string, and this is int"), ("s[0]", 0..<1 + 2, ""),
      ("i.a", 2..<3, "a value of type int has no field `a`"), ("r.nane", 2..<6, "the record has no `nane`"),
      ("r['nane']", 2..<8, "the record has no `nane`"), ("r.size + 1", 2..<6, "`size` may be absent"),
      ("r.inner.port", 2..<7, "`inner` may be absent"),
      ("services.map(v, v.replicas)", 18..<26, "`replicas` may be absent"),
      ("s.contians('a')", 2..<10, "there is no function `contians`"), ("f(1)", 0..<1, "there is no function `f`"),
      ("contains(s, 'a')", 0..<8, "`contains` is called like this: x.contains()"),
      ("s.int()", 2..<5, "`int` is called like this: int(x)"),
      ("s.contains(1)", 0..<13, "`contains` does not take (string, int)"),
      ("size(i)", 0..<7, "`size` does not take (int)"),
      ("i.all(v, true)", 0..<1, "a macro goes over a list or a map, and this is int"),
      ("l.all(v, v)", 9..<10, "the condition of a macro takes bool, and this is int"),
      ("duration('5x')", 9..<13, "`5x` is no duration"), ("duration('7d')", 9..<13, "`7d` is no duration"),
      ("timestamp('2026')", 10..<16, "`2026` is no timestamp"),
      ("s.matches('(')", 10..<13, "this is no pattern: this group does not end"),
      ("{1.5: 1}", 1..<4, "double cannot be a key of a map"),
      ("{'a': 1, 'a': 2}", 9..<12, "the key `a` is in the map twice"),
      ("[?i]", 2..<3, "`?` takes an optional value, and this is int"),
      ("i.optMap(v, v)", 0..<1, "`optMap` takes an optional value, and this is int"),
      ("i in {'a': 1}", 0..<13, "a value of type int is never in a map of string to int"),
      ("has(i.a)", 6..<7, "a value of type int has no field `a`"), ("has(r.nane)", 6..<10, "the record has no `nane`"),
      ("r.?nane", 3..<7, "the record has no `nane`"), ("o + 1", 0..<5, "`+` does not take optional int and int"),
      ("l.size", 2..<6, "a value of type list of int has no field `size`"),
    ] as [(String, Range<Int>, String)])
  func mistakes(source: String, range: Range<Int>, message: String) throws {
    let problems = try check(source, Self.types).problems
    if message.isEmpty {
      #expect(!problems.isEmpty)
    } else {
      #expect(problems.map(\.message) == [message])
      #expect(problems.map(\.range) == [range])
    }
  }

  @Test("the nearest name is suggested")
  func suggestions() throws {
    #expect(try check("nane", ["name": .string, "other": .int]).problems.map(\.suggestion) == ["name"])
    #expect(try check("nothing-near", ["name": .string]).problems.map(\.suggestion) == [nil, nil])
    #expect(try check("r.nmae", Self.types).problems.map(\.suggestion) == ["name"])
    #expect(try check("s.startWith('a')", Self.types).problems.map(\.suggestion) == ["startsWith"])
    #expect(try check("l.fliter(s, true)", Self.types).problems.map(\.suggestion).first == "filter")
    #expect(try check("siez(s)", Self.types).problems.map(\.suggestion) == ["size"])
  }

  @Test(
    "what is known to be there may be used",
    arguments: [
      "has(r.size) && r.size > 1", "!has(r.size) || r.size > 1", "has(r.size) ? r.size > 1 : true",
      "!has(r.size) ? true : r.size > 1", "b && has(r.size) && (r.size > 1 || r.size < 0)",
      "(has(r.size) && b) ? r.size > 1 : b",
      "has(r.inner) && has(r.inner.port) && r.inner.port > 1", "has(r.inner) && r.inner.port > 1",
      "r.?size.hasValue() && r.size > 1",
      "services.all(v, has(v.replicas) && v.replicas > 1)", "services.filter(v, has(v.replicas)).size() > 0",
      "services.map(v, has(v.replicas), v.replicas).size() > 0",
      "services.map(v, has(v.replicas) ? v.replicas : 0).size() > 0",
      "has(r.size) && l.all(v, v > r.size)", "(has(r.size) || false) && r.size > 1",
      "!(!has(r.size) || b) && r.size > 1", "(b ? has(r.size) : has(r.size)) && r.size > 1",
      "cel.bind(v, services[0], has(v.replicas) && v.replicas > 1)",
    ])
  func narrowing(source: String) throws {
    let result = try check(source, Self.types, expecting: .bool)
    #expect(result.problems == [])
  }

  @Test(
    "what is not known there may not",
    arguments: [
      "r.size > 1 && has(r.size)", "has(r.size) || r.size > 1", "!has(r.size) && r.size > 1",
      "has(r.size) ? true : r.size > 1",
      "(has(r.size) || b) && r.size > 1", "services.all(v, has(v.replicas)) && services.all(w, w.replicas > 1)",
      "services.exists(v, has(v.replicas) && services.exists(w, w.replicas > 1))", "has(r.inner) && r.size > 1",
      "(b ? has(r.size) : true) && r.size > 1",
    ])
  func noNarrowing(source: String) throws {
    #expect(try check(source, Self.types).problems.map { $0.message.contains("may be absent") } == [true])
  }

  @Test("the value must be of the type that is wanted")
  func expectation() throws {
    #expect(try check("i", Self.types, expecting: .bool).problems.map(\.message) == ["this is int, and bool is wanted"])
    #expect(try check("x", Self.types, expecting: .bool).problems == [])
    #expect(try check("i", Self.types, expecting: .double).problems == [])
    #expect(try check("d", Self.types, expecting: .int).problems.count == 1)
    #expect(
      try check("s", Self.types, expecting: .duration).problems[0].notes == [
        "a text becomes a duration with duration(text)"
      ])
    #expect(try check("[1, 'a']", expecting: .list(.int)).problems.map(\.range) == [4..<7])
    #expect(try check("b ? 1 : 'a'", Self.types, expecting: .int).problems.map(\.range) == [8..<11])
    #expect(try check("{'a': 1, 'b': 'c'}", expecting: .map(.string, .int)).problems.map(\.range) == [14..<17])
    let wanted = Self.service
    #expect(try check("{'name': 'a'}", expecting: wanted).problems == [])
    #expect(try check("{'name': 'a', 'replicas': 2}", expecting: wanted).problems == [])
    #expect(
      try check("{'nane': 'a'}", expecting: wanted).problems.map(\.message) == [
        "the record lacks `name`", "the record has no `nane`",
      ])
    #expect(try check("{'name': 1}", expecting: wanted).problems.map(\.range) == [9..<10])
    #expect(try check("[{'name': 'a', 'replicas': 'b'}]", expecting: .list(wanted)).problems.map(\.range) == [27..<30])
    #expect(try check("services", Self.types, expecting: .list(wanted)).problems == [])
  }

  @Test(
    "dividing an int by an int is warned of, unless it is plain that the fraction is to go",
    arguments: [
      ("i / 2", true), ("7 / i", true), ("7 / 2", true), ("6 / 2", false), ("int(i / 2)", false),
      ("i / 60 % 60", false),
      ("(i - i % 60) / 60", false), ("d / 2.0", false), ("u / 2u", false), ("x / 2", false), ("double(i) / 2.0", false),
      ("l.map(v, v / 2)", true), ("i / 2 > 1", true), ("int(string(i / 2))", true),
    ])
  func divisions(source: String, isWarned: Bool) throws {
    let result = try check(source, Self.types)
    #expect(result.problems == [])
    #expect(result.warnings.isEmpty != isWarned)
  }

  @Test("comparing with null what is never null is warned of")
  func nulls() throws {
    #expect(try check("s == null", Self.types).warnings.map(\.message) == ["a value of type string is never null"])
    #expect(try check("x == null", Self.types).warnings == [])
  }

  @Test("all mistakes come at once and in order")
  func allMistakes() throws {
    let result = try check("[q, s + i, r.nane, f(z)].size() + 'a'", Self.types)
    #expect(result.problems.map(\.range.lowerBound) == [0, 1, 4, 13, 19, 21])
  }

  private struct Steps: TypeEnvironment {
    func type(ofPath path: [String]) -> PathType {
      guard path[0] == "steps" else { return .unknown(at: 0, suggestions: ["steps"]) }
      guard path.count > 1, path[1] == "check_lag" else { return .unknown(at: 1, suggestions: ["check_lag"]) }
      return path.count > 3 ? .type(.list(.int), consumed: 4) : .type(.dyn, consumed: path.count)
    }
  }

  private func problems(_ source: String) throws -> [ExpressionProblem] {
    try Expression.parse(source).get().check(in: Steps()).problems
  }

  @Test("an environment may know longer chains, and say at which name one breaks off")
  func longerPaths() throws {
    #expect(try problems("steps.check_lag.outputs.seconds[0] + 1") == [])
    #expect(try problems("steps.check_lga.outputs.seconds").map(\.range) == [6..<15])
    #expect(try problems("steps.check_lga.outputs.seconds").map(\.suggestion) == ["check_lag"])
    #expect(try problems("has(steps.check_lag.outputs.seconds)") == [])
    #expect(
      try problems("steps.check_lag.outputs.seconds.x").map(\.message) == [
        "a value of type list of int has no field `x`"
      ])
  }
}
