import RunbookParser

extension RunState {
  /// A place with its expressions worked out, refused where its name would be taken for an option.
  func resolve(_ place: Place, at vantage: Vantage) throws(ResolveProblem) -> ResolvedPlace {
    switch place {
    case .ssh(let target): return .ssh(try name(target, vantage))
    case .pod(let pod):
      return .pod(
        ResolvedPlace.Pod(
          target: try name(pod.target, vantage), namespace: try optionalName(pod.namespace, vantage),
          container: try optionalName(pod.container, vantage), context: try optionalName(pod.context, vantage)))
    }
  }

  private func name(_ text: Text, _ vantage: Vantage) throws(ResolveProblem) -> String {
    let name = try resolveText(text, at: vantage).get()
    if let flaw = Place.flaw(of: name) { throw .error("`\(name)` cannot name a place: \(flaw)") }
    return name
  }

  /// A tunnel's way with its expressions worked out.
  func resolve(_ route: Tunnel.Route, at vantage: Vantage) -> Result<ResolvedTunnel, ResolveProblem> {
    do throws(ResolveProblem) {
      switch route {
      case .service(let service, let namespace, let context, let port):
        let port = try resolveText(port, at: vantage).get()
        guard Tunnel.isPort(port) else { throw .error("`\(port)` is no port") }
        return .success(
          ResolvedTunnel(
            .service(
              try name(service, vantage), namespace: try optionalName(namespace, vantage),
              context: try optionalName(context, vantage), port: port)))
      case .ssh(let machine, let destination):
        let text = try resolveText(destination, at: vantage).get()
        guard let (host, port) = Tunnel.destination(text) else { throw .error("`\(text)` is not HOST:PORT") }
        return .success(ResolvedTunnel(.ssh(try name(machine, vantage), host: host, port: port)))
      }
    } catch {
      return .failure(error)
    }
  }

  private func optionalName(_ text: Text?, _ vantage: Vantage) throws(ResolveProblem) -> String? {
    guard let text else { return nil }
    return try resolveText(text, at: vantage).get()
  }
}
