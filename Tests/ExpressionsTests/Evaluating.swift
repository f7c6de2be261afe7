import Expressions

/// Names with their values.
struct Names: Scope {
  var values: [String: Value] = [:]
  var zones: any TimeZones = NoTimeZones()

  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    values[path[0]].map { ($0, 1) }
  }

  var timeZones: any TimeZones { zones }
}

/// The value of a source.
func evaluate(_ source: String, _ values: [String: Value] = [:]) throws -> Value {
  try Expression.parse(source).get().evaluate(in: Names(values: values))
}

/// The message with which a source errs; nil where it has a value.
func failure(_ source: String, _ values: [String: Value] = [:]) throws -> String? {
  let expression = try Expression.parse(source).get()
  do {
    _ = try expression.evaluate(in: Names(values: values))
    return nil
  } catch {
    return error.message
  }
}

/// Whether a source is true; errors count as false.
func isTrue(_ source: String, _ values: [String: Value] = [:]) -> Bool {
  (try? evaluate(source, values)) == .bool(true)
}

/// A list of ints.
func ints(_ numbers: Int64...) -> Value { .list(numbers.map { .int($0) }) }

/// A list of texts.
func texts(_ texts: String...) -> Value { .list(texts.map { .string($0) }) }
