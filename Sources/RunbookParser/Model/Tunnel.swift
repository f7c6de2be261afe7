/// A way from a port of the engine's machine to a service elsewhere, open while the run goes on.
public struct Tunnel: Sendable, Hashable {
  /// The ways.
  public enum Route: Sendable, Hashable {
    /// Through `kubectl port-forward`, to a port of a service or a pod.
    case service(Text, namespace: Text?, context: Text?, port: Text)
    /// Through `ssh`, to `host:port` as the machine there reaches it.
    case ssh(Text, to: Text)
  }

  /// Its name in expressions.
  public var name: String
  /// Where it leads.
  public var route: Route

  /// A tunnel from its parts.
  public init(name: String, route: Route) {
    self.name = name
    self.route = route
  }

  /// The host and the port of `host:port`; nil where it is not that.
  package static func destination(_ text: String) -> (host: String, port: Int64)? {
    guard let colon = text.lastIndex(of: ":"), let port = Int64(text[text.index(after: colon)...]),
      (1...65_535).contains(port), Place.flaw(of: String(text[..<colon])) == nil
    else { return nil }
    return (String(text[..<colon]), port)
  }

  /// Whether a text names a port of a service: a number or a name.
  package static func isPort(_ text: String) -> Bool {
    if let number = Int(text) { return (1...65_535).contains(number) }
    return !text.isEmpty && text.utf8.count <= 63
      && text.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: "-")
      } && !text.hasPrefix("-")
  }
}
