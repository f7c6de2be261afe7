import Glibc
import RunEngine

/// The client here that keeps a tunnel open, and how it says that it is.
struct TunnelClient {
  /// Its argument list.
  let words: [String]
  /// The port of this machine, where it was chosen here; the client's own choice if nil.
  let port: Int64?
  /// What it is called in messages.
  let name: String

  /// What `ssh` prints once it listens: it runs a local command after it has set up what it forwards (ssh_config(5)).
  private static let sign = "belay-tunnel-open"

  /// - Parameter port: The port of this machine to use; one that is free if nil.
  init(_ route: ResolvedTunnel.Route, port: Int64?) throws(FarProblem) {
    switch route {
    case .service(let target, let namespace, let context, let remote):
      var words = ["kubectl", "port-forward", "--address=127.0.0.1"]
      if let context { words.append("--context=\(context)") }
      if let namespace { words.append("--namespace=\(namespace)") }
      self.words = words + [target, "\(port.map(String.init) ?? ""):\(remote)"]
      self.port = nil
      name = "kubectl"
    case .ssh(let machine, let host, let remote):
      guard let chosen = port ?? Self.freePort() else { throw FarProblem(message: "no port of this machine is free") }
      let host = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
      words = [
        "ssh", "-N", "-T", "-n", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-o", "ControlPath=none",
        "-o",
        "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4", "-o", "PermitLocalCommand=yes", "-o",
        "LocalCommand=echo \(Self.sign)", "-L", "127.0.0.1:\(chosen):\(host):\(remote)", "--", machine,
      ]
      self.port = chosen
      name = "ssh"
    }
  }

  /// The port that a line of its output says is open; nil where it says something else.
  func openPort(in line: Substring) -> Int64? {
    if let port { return line == Self.sign ? port : nil }
    let start = "Forwarding from 127.0.0.1:"
    guard line.hasPrefix(start) else { return nil }
    return Int64(line.dropFirst(start.count).prefix { $0.isNumber })
  }

  /// A port of the loopback address that nobody listened on a moment ago.
  private static func freePort() -> Int64? {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return nil }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
      }
    }
    return isNamed ? Int64(UInt16(bigEndian: address.sin_port)) : nil
  }
}
