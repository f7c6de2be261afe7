import Expressions
import RunbookParser

/// The names an expression sees while a run is going on.
///
/// It holds the whole state: it must be gone before the state is changed again, or the state is copied.
struct RunScope: Scope {
  let state: RunState
  let result: ResultView

  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    switch path.first {
    case "result":
      guard let found = try result.resolve(path.dropFirst()) else { return nil }
      return (found.value, found.consumed + 1)
    case "inputs":
      guard path.count > 1, let input = state.index.input(named: path[1], in: state.plan) else { return nil }
      guard case .value(let value) = input.content else { return nil }
      return (value, 2)
    case "values":
      guard path.count > 1 else { return nil }
      return state.plan.values.first { ExpressionSpelling.of($0.name) == path[1] }.map { ($0.value, 2) }
    case "steps":
      return step(path)
    case "run":
      return run(path)
    default:
      return nil
    }
  }

  private func step(_ path: [String]) -> (value: Value, consumed: Int)? {
    guard path.count > 2, let step = state.index.step(named: path[1]) else { return nil }
    let found = state.steps[Int(step.value)]
    switch path[2] {
    case "status":
      if case .unknown(let source) = found.certainty { return (.unknown(Unknown(sources: [source])), 3) }
      return (.string(found.status.rawValue), 3)
    case "outputs":
      guard path.count > 3 else { return nil }
      return found.outputs.first { ExpressionSpelling.of($0.name) == path[3] }.map { ($0.value, 4) }
    default:
      return nil
    }
  }

  private func run(_ path: [String]) -> (value: Value, consumed: Int)? {
    guard path.count > 1 else { return nil }
    switch path[1] {
    case "id": return (.string(state.run.id), 2)
    case "operator": return (.string(state.run.operatorName), 2)
    case "environment": return (.string(state.plan.environment ?? ""), 2)
    case "started": return (.timestamp(Timestamp(milliseconds: state.startedAt)), 2)
    case "now": return (.timestamp(Timestamp(milliseconds: state.now)), 2)
    case "outcome": return state.provisionalOutcome.map { (.string($0.rawValue), 2) }
    case "failed":
      return (.string(state.failure.flatMap { failure in failure.step.map { state.step($0).id } } ?? ""), 2)
    default: return nil
    }
  }
}
