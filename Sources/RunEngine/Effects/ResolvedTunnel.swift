/// A way from a port of the engine's machine to a service elsewhere, with nothing left to work out.
package struct ResolvedTunnel: Hashable, Sendable {
  /// The ways.
  package enum Route: Hashable, Sendable {
    /// To a service or a pod of a cluster; what is nil is the client's own default.
    case service(String, namespace: String?, context: String?, port: String)
    /// To an address that a machine reaches: the machine as `ssh` names it, a host and a port.
    case ssh(String, host: String, port: Int64)
  }

  /// Where it leads.
  package var route: Route
  /// The port of this machine that it had before, and has again if that is free.
  package var port: Int64?

  package init(_ route: Route, port: Int64? = nil) {
    self.route = route
    self.port = port
  }
}
