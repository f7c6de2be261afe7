import Expressions

/// The values of inputs and constants, as planning knows them.
struct ConstantScope: Scope {
  /// By the name in an expression; a secret or an absent input has no value.
  var inputs: [String: Value] = [:]
  var values: [String: Value] = [:]
  var environment = ""
  /// The inventory.
  var platform: Value?
  /// What the named check that is being decoded was given, as far as it is known.
  var parameters: [String: Value] = [:]
  /// Inputs of a called runbook whose values are known only when the call is reached, and constants over them.
  var later: Set<String> = []

  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    if path[0] == "platform" { return platform.map { ($0, 1) } }
    guard path.count > 1 else { return nil }
    switch path[0] {
    case "inputs": return inputs[path[1]].map { ($0, 2) }
    case "values": return values[path[1]].map { ($0, 2) }
    case "with": return parameters[path[1]].map { ($0, 2) }
    case "run" where path[1] == "environment": return (.string(environment), 2)
    default: return nil
    }
  }

  /// The value of an expression over nothing but inputs and constants.
  func value(of expression: Expression) -> Result<Value, EvaluationError> {
    do throws(EvaluationError) {
      return .success(try expression.evaluate(in: self))
    } catch {
      return .failure(error)
    }
  }

  /// Whether an expression uses nothing but inputs and constants.
  func covers(_ expression: Expression) -> Bool {
    expression.paths.allSatisfy { use in
      switch use.segments[0] {
      case "inputs", "values": use.segments.count > 1 && !later.contains(use.segments[0] + "." + use.segments[1])
      case "platform": platform != nil
      case "with": use.segments.count > 1 && parameters[use.segments[1]] != nil
      case "run": use.segments.count > 1 && use.segments[1] == "environment"
      default: false
      }
    }
  }
}
