import Diagnostics
import Expressions

/// The types of the names that an expression at a place may use.
struct RunbookTypes: TypeEnvironment {
  let names: NameTable
  let place: ExpressionPlace

  var known: [Guard] { place.guards }

  func type(ofPath path: [String]) -> PathType {
    switch path[0] {
    case "inputs":
      return member(path, names.inputs.keys) { name in
        // Where it is declared has been said.
        guard let input = names.inputs[name] else { return names.laterInputs.contains(name) ? .dyn : nil }
        return input ?? .string
      }
    case "values": return member(path, names.values.keys) { names.values[$0] ?? (names.lacksLibrary ? .dyn : nil) }
    case "result":
      guard let type = place.result.type else { return unknownRoot(path) }
      if path.count == 1 { return .incomplete }
      return .type(type, consumed: 1)
    case "run": return run(path)
    case "steps": return step(path)
    case "tunnels" where !names.tunnels.isEmpty && !place.isAtPlanning:
      return member(path, names.tunnels) { names.tunnels.contains($0) ? Self.tunnelType : nil }
    case "item" where !names.items.isEmpty: return .type(names.items[names.items.count - 1], consumed: 1)
    case "index" where !names.items.isEmpty: return .type(.int, consumed: 1)
    case "with":
      guard let parameters = names.parameters else { return unknownRoot(path) }
      return member(path, parameters.keys) { parameters[$0] }
    case "platform":
      guard let platform = names.platform else { return unknownRoot(path) }
      return .type(platform, consumed: 1)
    default: return unknownRoot(path)
    }
  }

  private static let tunnelType = ValueType.record([
    ValueType.Field(name: "url", type: .string), ValueType.Field(name: "address", type: .string),
    ValueType.Field(name: "host", type: .string), ValueType.Field(name: "port", type: .int),
  ])

  private func unknownRoot(_ path: [String]) -> PathType {
    var roots = ["inputs", "values", "run", "steps"]
    if place.result.type != nil { roots.append("result") }
    if !names.items.isEmpty { roots += ["item", "index"] }
    if names.parameters != nil { roots.append("with") }
    if names.platform != nil { roots.append("platform") }
    if !names.tunnels.isEmpty, !place.isAtPlanning { roots.append("tunnels") }
    return .unknown(at: 0, suggestions: Spelling.nearest(to: path[0], in: roots).map { [$0] } ?? roots)
  }

  private func member(
    _ path: [String], _ known: some Sequence<String>, _ type: (String) -> ValueType?
  ) -> PathType {
    guard path.count > 1 else { return .incomplete }
    if let type = type(path[1]) { return .type(type, consumed: 2) }
    return .unknown(at: 1, suggestions: Spelling.nearest(to: path[1], in: known.sorted()).map { [$0] } ?? [])
  }

  private func run(_ path: [String]) -> PathType {
    var types: [String: ValueType] = ["environment": .string]
    if case .constants = place.reach {
    } else {
      types["id"] = .string
      types["operator"] = .string
      types["started"] = .timestamp
      types["now"] = .timestamp
      types["frozen"] = .bool
    }
    switch place.reach {
    case .finally, .notice:
      types["outcome"] = .string
      types["failed"] = .string
    default: break
    }
    if case .notice = place.reach { types["event"] = .string }
    return member(path, types.keys) { types[$0] }
  }

  private func step(_ path: [String]) -> PathType {
    switch place.reach {
    case .constants, .beforeSteps, .notice: return .unknown(at: 0, suggestions: ["inputs", "values"])
    case .step, .undo, .finally, .outputs: break
    }
    guard path.count > 1 else { return .incomplete }
    guard let found = names.step(named: path[1]) else {
      if names.misnamedSteps.contains(path[1]) { return .type(.dyn, consumed: path.count) }
      let known = names.scopes.flatMap { $0.steps.map(\.spelled) }
      return .unknown(at: 1, suggestions: Spelling.nearest(to: path[1], in: known).map { [$0] } ?? [])
    }
    let step = names.scopes[found.scope].steps[found.place]
    guard path.count > 2 else { return .incomplete }
    switch path[2] {
    case "status": return .type(.string, consumed: 3)
    case "outputs":
      guard path.count > 3 else { return .incomplete }
      if let output = step.outputs.first(where: { ExpressionSpelling.of($0.name) == path[3] }) {
        return .type(output.type, consumed: 4)
      }
      if step.hasUnreadableOutputs { return .type(.dyn, consumed: 4) }
      let spelled = step.outputs.map { ExpressionSpelling.of($0.name) }
      return .unknown(at: 3, suggestions: Spelling.nearest(to: path[3], in: spelled).map { [$0] } ?? spelled)
    default: return .unknown(at: 2, suggestions: ["outputs", "status"])
    }
  }
}
