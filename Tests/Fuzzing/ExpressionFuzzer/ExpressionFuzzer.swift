import Expressions
import FuzzingLimits

/// Parses what libFuzzer thinks up, as an expression and as a text with expressions, and works out what can be.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExpression(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  withinASecond { workOut(text) }
  return 0
}

private func workOut(_ text: String) {
  switch Expression.parse(text) {
  case .success(let expression):
    checkPlaces(expression.check(in: FuzzNames()), in: text)
    _ = try? expression.evaluate(in: FuzzNames())
  case .failure(let errors): checkPlaces(errors.problems, in: text)
  }
  switch TemplateText.parse(text) {
  case .success(let template):
    checkPlaces(template.check(in: FuzzNames()), in: text)
    _ = try? template.evaluate(in: FuzzNames())
  case .failure(let errors): checkPlaces(errors.problems, in: text)
  }
}

private func checkPlaces(_ result: CheckResult, in text: String) {
  checkPlaces(result.problems, in: text)
  checkPlaces(result.warnings, in: text)
}

private func checkPlaces(_ problems: [ExpressionProblem], in text: String) {
  for problem in problems {
    precondition(problem.range.lowerBound >= 0 && problem.range.upperBound <= text.utf8.count, problem.message)
  }
}

/// Some names of every kind of value.
private struct FuzzNames: Scope, TypeEnvironment {
  private static let values: [String: (type: ValueType, value: Value)] = [
    "b": (.bool, .bool(true)), "n": (.int, .int(7)), "d": (.double, .double(0.5)),
    "s": (.string, .string("a,b\n1.5Gi")),
    "l": (.list(.int), .list([.int(1), .int(2), .int(3)])),
    "m": (.map(.string, .dyn), .map(ValueMap([(.string("a"), .int(1)), (.string("b"), .list([.string("x")]))]))),
    "j": (.dyn, .list([.null, .map(ValueMap([(.string("k"), .double(1.5))]))])),
    "u": (.dyn, .unknown(Unknown(sources: ["steps.u"]))),
  ]

  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    path.first.flatMap { Self.values[$0] }.map { ($0.value, 1) }
  }

  func type(ofPath path: [String]) -> PathType {
    if let found = path.first.flatMap({ Self.values[$0] }) { return .type(found.type, consumed: 1) }
    return .unknown(at: 0, suggestions: Self.values.keys.sorted())
  }
}
