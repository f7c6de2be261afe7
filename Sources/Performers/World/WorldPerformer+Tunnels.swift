import RunEngine
import RunbookExecutor

/// Tunnels, each kept open by a client that runs here.
extension WorldPerformer {
  package func open(_ id: EffectID, _ tunnel: ResolvedTunnel) {
    prepare(id)
    begin(id, tunnel.route, port: tunnel.port)
  }

  private func begin(_ id: EffectID, _ route: ResolvedTunnel.Route, port: Int64?) {
    let client: TunnelClient
    do throws(FarProblem) {
      client = try TunnelClient(route, port: port)
    } catch {
      return refuse(id, error.message)
    }
    let observer = TunnelObserver(
      client, started: { [self] in noteStart(id, $0) }, opened: { [self] in put(.tunnelOpened(id, port: $0)) },
      ended: { [self] end, wasOpen in
        // The port that it had before may be taken: any other does as well.
        if !wasOpen, port != nil, restartUnlessStopped(id) {
          onThread(for: id) { $0.begin(id, route, port: nil) }
        } else {
          finish(id, redacted(end), [], lost: nil)
        }
      })
    launch(
      id, ProcessRequest(argv: client.words, environment: inherited, additions: [effectVariable(id)]), observer,
      again: { [self] in begin(id, route, port: port) }, { .tunnel($0) })
  }
}
