import CanonicalJSON

extension Tunnel {
  func encoded() -> JSON {
    var tunnel = ObjectBuilder()
    tunnel.put("name", text: name)
    switch route {
    case .service(let service, let namespace, let context, let port):
      tunnel.put("service", service.encoded())
      tunnel.put("namespace", namespace?.encoded())
      tunnel.put("context", context?.encoded())
      tunnel.put("port", port.encoded())
    case .ssh(let machine, let destination):
      tunnel.put("ssh", machine.encoded())
      tunnel.put("to", destination.encoded())
    }
    return tunnel.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let tunnel = try ObjectReader(json, "a tunnel")
    let route: Route
    if let machine = tunnel.optional("ssh") {
      route = .ssh(try Text(decoding: machine), to: try Text(decoding: try tunnel.value("to")))
    } else {
      route = .service(
        try Text(decoding: try tunnel.value("service")), namespace: try Text.optional(tunnel.optional("namespace")),
        context: try Text.optional(tunnel.optional("context")), port: try Text(decoding: try tunnel.value("port")))
    }
    self.init(name: try tunnel.text("name"), route: route)
  }
}
