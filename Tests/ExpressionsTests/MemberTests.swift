import Expressions
import Testing

@Suite struct MemberTests {
  @Test(
    "elements and fields",
    arguments: [
      "[7, 8][0] == 7", "[7, 8][1u] == 8", "[7, 8][1.0] == 8", "{'a': 1}['a'] == 1", "{'a': 1}.a == 1",
      "{1: 'a'}[1] == 'a'", "{1: 'a'}[1u] == 'a'", "{true: 1}[true] == 1", "{'a': {'b': [1, 2]}}.a.b[1] == 2",
      "{'in': 1}['in'] == 1", "{'a-b': 1}.`a-b` == 1", "{'namespace': 1}.namespace == 1", "m.a.b == 2", "m['a'].b == 2",
      "m['a']['b'] == 2", "m.list[1] == 20",
    ])
  func access(source: String) {
    let map = Value.map(
      ValueMap([
        (.string("a"), .map(ValueMap([(.string("b"), .int(2))]))), (.string("list"), .list([.int(10), .int(20)])),
      ]))
    #expect(isTrue(source, ["m": map]))
  }

  @Test(
    "what is not there errs",
    arguments: [
      "[7][1]", "[7][-1]", "[7][0.5]", "[7]['a']", "{'a': 1}.b", "{'a': 1}['b']", "{1: 2}[null]", "{1: 2}[[1]]",
      "'abc'[0]",
      "1.a", "null.a", "'a'.b", "[1].a",
    ])
  func missing(source: String) throws {
    guard case .success(let expression) = Expression.parse(source) else { return }
    #expect(throws: EvaluationError.self) { try expression.evaluate(in: EmptyScope()) }
  }

  @Test(
    "keys of a map are truth values, whole numbers and texts, each once",
    arguments: [
      "{1.5: 1}", "{null: 1}", "{[1]: 1}", "{1: 1, 1u: 2}", "{'a': 1, 'a': 2}",
    ])
  func keys(source: String) throws { #expect(try failure(source) != nil) }

  @Test("has() asks for the last field only")
  func presence() throws {
    #expect(try evaluate("has({'a': 1}.a)") == .bool(true))
    #expect(try evaluate("has({'a': 1}.b)") == .bool(false))
    #expect(try evaluate("has({'a': {'b': 1}}.a.b)") == .bool(true))
    #expect(try failure("has({}.a.b)") != nil)
    #expect(try failure("has('a'.b)") != nil)
    #expect(try evaluate("has(m.a)", ["m": .map(ValueMap([(.string("a"), .null)]))]) == .bool(true))
    #expect(try evaluate("has(m.b)", ["m": .map(ValueMap([(.string("a"), .null)]))]) == .bool(false))
    if case .success = Expression.parse("has(a)") { Issue.record("has(a) was parsed") }
    if case .success = Expression.parse("has(a[0])") { Issue.record("has(a[0]) was parsed") }
  }

  /// A scope of which one output is not there yet.
  private struct Steps: Scope {
    func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
      guard path[0] == "steps" else { return nil }
      switch path[1...] {
      case ["a", "outputs", "x"]: return (.int(1), 4)
      case ["a", "outputs", "y"]: throw .missing("the step gave no y")
      case ["a", "outputs", "z"]: throw EvaluationError("z cannot be read")
      default: return nil
      }
    }
  }

  @Test("a scope says that a path is missing, which has() and `.?` take for an answer")
  func scopedPaths() throws {
    func value(_ source: String) throws -> Value { try Expression.parse(source).get().evaluate(in: Steps()) }
    #expect(try value("steps.a.outputs.x") == .int(1))
    #expect(try value("has(steps.a.outputs.x)") == .bool(true))
    #expect(try value("has(steps.a.outputs.y)") == .bool(false))
    #expect(try value("has(steps.b.outputs.y)") == .bool(false))
    #expect(try value("steps.a.outputs.?x") == .optional(.int(1)))
    #expect(try value("steps.a.outputs.?y") == .optional(nil))
    #expect(try value("steps.a.outputs.?y.orValue(5)") == .int(5))
    #expect(try value("steps['a'].outputs['x']") == .int(1))
    #expect(throws: EvaluationError.missing("the step gave no y")) { try value("steps.a.outputs.y") }
    #expect(throws: EvaluationError("z cannot be read")) { try value("has(steps.a.outputs.z)") }
    #expect(throws: EvaluationError("z cannot be read")) { try value("steps.a.outputs.?z") }
    #expect(throws: EvaluationError.self) { try value("steps.a.outputs.x.deeper") }
  }

  @Test("a variable of a macro hides a name, and a leading dot passes by it")
  func shadowing() throws {
    #expect(try evaluate("[2].map(x, x)", ["x": .int(1)]) == ints(2))
    #expect(try evaluate("[2].map(x, .x)", ["x": .int(1)]) == ints(1))
    #expect(try evaluate("[2].map(x, [3].map(x, x))[0]", ["x": .int(1)]) == ints(3))
    #expect(try evaluate("[2].map(x, [3].map(y, x + y))[0] + [x]", ["x": .int(1)]) == ints(5, 1))
  }
}
