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
    if node["ssh"] != nil { return ssh(node, place) }
    guard node["service"] != nil else {
      report(.missingKey, "a tunnel needs `service` or `ssh`", headSpan(node))
      return nil
    }
    for pair in node.mapping ?? [] where pair.key == "to" {
      report(.unknownKey, "`to` means nothing beside `service`", pair.keySpan, notes: ["the port is `port`"])
    }
    guard let said = required("port", of: node, "a tunnel"), let port = text(said, in: place, "`port`"),
      let service = node["service"].flatMap({ target($0, in: place) })
    else { return nil }
    if case .literal(let text) = port, !Tunnel.isPort(text) {
      report(.badValue, "`port` is a number from 1 to 65535 or a port's name, not `\(text)`", said.span)
    }
    return .service(
      service, namespace: node["namespace"].flatMap { text($0, in: place, "`namespace`") },
      context: node["context"].flatMap { text($0, in: place, "`context`") }, port: port)
  }

  private func ssh(_ node: YAMLNode, _ place: ExpressionPlace) -> Tunnel.Route? {
    for pair in node.mapping ?? [] where !["ssh", "to"].contains(pair.key) && KeyTable.tunnel.keys.contains(pair.key) {
      report(.unknownKey, "`\(pair.key)` means nothing beside `ssh`", pair.keySpan)
    }
    guard let said = required("to", of: node, "a tunnel"), let destination = text(said, in: place, "`to`"),
      let machine = node["ssh"].flatMap({ target($0, in: place) })
    else { return nil }
    if case .literal(let text) = destination, Tunnel.destination(text) == nil {
      report(.badValue, "`to` is HOST:PORT, not `\(text)`", said.span)
    }
    return .ssh(machine, to: destination)
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
