import Expressions
import RunbookParser

/// Where in a run an expression stands: which steps it sees by name, and what a check was given.
package struct Vantage: Hashable, Sendable {
  /// The frame.
  var frame = 0
  /// The values of a named check's parameters.
  var parameters: [NamedValue] = []
  /// What people are told of; nil elsewhere.
  var moment: Moment?

  /// Something that happened to the run.
  package struct Moment: Hashable, Sendable {
    /// What.
    var event: RunMoment
    /// How the run ends, where that is known.
    var outcome: RunOutcome?
  }
}

/// The names an expression sees while a run is going on.
///
/// It holds the whole state: it must be gone before the state is changed again, or the state is copied.
struct RunScope: Scope {
  let state: RunState
  let result: ResultView
  let vantage: Vantage

  var timeZones: any TimeZones { state.run.zones }

  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    switch path.first {
    case "result":
      guard let found = try result.resolve(path.dropFirst()) else { return nil }
      return (found.value, found.consumed + 1)
    case "inputs": return path.count > 1 ? input(path[1]).map { ($0, 2) } : nil
    case "values": return path.count > 1 ? constant(path[1]).map { ($0, 2) } : nil
    case "steps": return step(path)
    case "tunnels": return path.count > 1 ? tunnel(path[1]).map { ($0, 2) } : nil
    case "run": return run(path)
    case "platform": return state.plan.platform.map { ($0, 1) }
    case "with":
      guard path.count > 1 else { return nil }
      return vantage.parameters.first { ExpressionSpelling.of($0.name) == path[1] }.map { ($0.value, 2) }
    case "item": return item.map { ($0.value, 1) }
    case "index": return item.map { (.int(Int64($0.number)), 1) }
    default: return nil
    }
  }

  /// The frames that are seen, from the inside out.
  private var frames: some Sequence<Frame> {
    sequence(first: state.frames[vantage.frame]) { frame in frame.outer.map { state.frames[$0] } }
  }

  private var item: (number: Int, value: Value)? {
    for frame in frames { if case .item(let number, let value) = frame.kind { return (number, value) } }
    return nil
  }

  private func input(_ name: String) -> Value? {
    for frame in frames {
      guard let inputs = frame.inputs else { continue }
      return inputs.first { ExpressionSpelling.of($0.name) == name }?.value
    }
    guard let input = state.index.input(named: name, in: state.plan), case .value(let value) = input.content
    else { return nil }
    return value
  }

  private func constant(_ name: String) -> Value? {
    let values = frames.first { $0.inputs != nil }?.values ?? state.plan.values
    return values.first { ExpressionSpelling.of($0.name) == name }?.value
  }

  private func tunnel(_ name: String) -> Value? {
    guard let place = state.plan.tunnels.firstIndex(where: { ExpressionSpelling.of($0.name) == name }),
      let port = state.tunnelPorts[place]
    else { return nil }
    let address = "127.0.0.1:\(port)"
    return .map(
      ValueMap([
        (.string("host"), .string("127.0.0.1")), (.string("port"), .int(port)), (.string("address"), .string(address)),
        (.string("url"), .string("http://" + address)),
      ]))
  }

  private func step(_ path: [String]) -> (value: Value, consumed: Int)? {
    guard path.count > 2, let step = frames.lazy.compactMap({ $0.step(named: path[1]) }).first else { return nil }
    switch path[2] {
    case "status":
      if case .unknown(let source) = state.steps[Int(step.value)].certainty {
        return (.unknown(Unknown(sources: [source])), 3)
      }
      return (.string(state.status(of: step).rawValue), 3)
    case "outputs":
      guard path.count > 3 else { return nil }
      let outputs = state.steps[Int(step.value)].outputs
      return outputs.first { ExpressionSpelling.of($0.name) == path[3] }.map { ($0.value, 4) }
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
    case "frozen": return (.bool(state.openFreeze != nil), 2)
    case "event": return vantage.moment.map { (.string($0.event.rawValue), 2) }
    case "outcome" where vantage.moment != nil:
      return (.string(vantage.moment?.outcome?.rawValue ?? ""), 2)
    case "outcome":
      let outcome = state.provisionalOutcome ?? state.call(endedBy: vantage.frame).map { state.outcome(ofCall: $0) }
      return outcome.map { (.string($0.rawValue), 2) }
    case "failed":
      let failed = state.failure?.step ?? state.call(endedBy: vantage.frame).flatMap { state.firstFailed(inside: $0) }
      return (.string(failed.map { state.path(of: $0) } ?? ""), 2)
    default: return nil
    }
  }
}
