import Expressions

/// Names with their types.
struct Types: TypeEnvironment {
  var types: [String: ValueType]

  init(_ types: [String: ValueType]) { self.types = types }

  func type(ofPath path: [String]) -> PathType {
    types[path[0]].map { .type($0, consumed: 1) } ?? .unknown(at: 0, suggestions: types.keys.sorted())
  }
}

/// What is found out about a source.
func check(_ source: String, _ types: [String: ValueType] = [:], expecting: ValueType? = nil) throws -> CheckResult {
  try Expression.parse(source).get().check(in: Types(types), expecting: expecting)
}
