import Diagnostics
import Expressions
import YAMLSyntax

/// Ways from a port of the engine's machine to a service elsewhere.
extension Decoder {
  func tunnels(_ node: YAMLNode?) -> [Tunnel] {
    guard let node else { return [] }
    let pairs = entries(node, "`tunnels`")
    let tunnels = pairs.compactMap { pair -> Tunnel? in
      guard name(pair.key, pair.keySpan, "a tunnel") else { return nil }
      return route(pair.value).map { Tunnel(name: pair.key, route: $0) }
    }
    // A tunnel that is wrong is a name all the same.
    names.tunnels.formUnion(pairs.map { ExpressionSpelling.of($0.key) })
    return tunnels
  }

  private func route(_ node: YAMLNode) -> Tunnel.Route? {
    guard let node = mapping(node, .tunnel) else { return nil }
    let place = ExpressionPlace(.beforeSteps)
    if let said = node["ssh"] {
      guard let machine = target(said, in: place),
        let destination = node["to"].flatMap({ end($0, .destination, place) })
      else { return nil }
      return .ssh(machine, to: destination)
    }
    guard let said = node["service"], let service = target(said, in: place),
      let port = node["port"].flatMap({ end($0, .port, place) })
    else { return nil }
    cautionOfContext(node, "service", "a service")
    return .service(
      service, namespace: node["namespace"].flatMap { text($0, in: place, "`namespace`") },
      context: node["context"].flatMap { text($0, in: place, "`context`") }, port: port)
  }

  /// Where a tunnel ends; what constants made of it is looked at too.
  private func end(_ node: YAMLNode, _ shape: ScalarShape, _ place: ExpressionPlace) -> Text? {
    let subject = if case .port = shape { "`port`" } else { "`to`" }
    guard let text = text(node, in: place, subject) else { return nil }
    if case .literal(let literal) = text, let problem = shape.problem(literal, subject) {
      misfit(node.span, problem)
      return nil
    }
    return text
  }

  /// The tunnels of a called runbook are opened with its caller's, before it is known what it is called with.
  func openWithCaller(_ tunnels: [Tunnel], _ node: YAMLNode?) {
    for tunnel in tunnels {
      let span = node?.mapping?.first { $0.key == tunnel.name }?.keySpan ?? .none
      if tunnel.route.texts.contains(where: \.restsOnInputs) {
        report(
          .badValue, "the tunnel `\(tunnel.name)` of a runbook that is called rests on what it is called with", span,
          notes: ["it is opened before the first step: say it with `platform`, `values` or as it is"])
      } else if let other = calledTunnels.first(where: { $0.name == tunnel.name }) {
        guard other != tunnel else { continue }
        report(.duplicateName, "another runbook that is called has another tunnel called `\(tunnel.name)`", span)
      } else {
        calledTunnels.append(tunnel)
      }
    }
  }
}

extension Tunnel.Route {
  fileprivate var texts: [Text] {
    switch self {
    case .service(let service, let namespace, let context, let port):
      [service, port] + [namespace, context].compactMap { $0 }
    case .ssh(let machine, let destination): [machine, destination]
    }
  }
}

extension Text {
  /// Whether it is worked out from something that is known only where its runbook is called.
  fileprivate var restsOnInputs: Bool {
    guard case .template(let template) = self else { return false }
    return template.expressions.contains { expression in
      expression.paths.contains { $0.segments.first == "inputs" || $0.segments.first == "values" }
    }
  }
}
