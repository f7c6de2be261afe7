import BelayTestSupport
import KubernetesStandIn
import Testing

/// A kind of place other than the engine's own machine.
enum FarPlace: CaseIterable, CustomTestStringConvertible {
  /// A machine behind a real OpenSSH server.
  case machine
  /// A pod, through the real `kubectl`, of a cluster that is a stand-in.
  case pod

  /// Whether tests that need both run: where one is missing they are skipped, but fail in CI.
  static let areExpected = SSHServer.isExpected && Kubectl.isExpected

  var testDescription: String { self == .machine ? "on a machine" : "in a pod" }
}

/// A place of a kind, ready for programs, with a world of its own.
struct FarSite {
  var world = FarWorld()
  /// What a runbook says so that its programs run there.
  let head: String
  /// The client that runs here.
  let client: String
  /// What messages call it.
  let name: String
  /// An `on` that leads to a place of the kind that is not there, and what is said then.
  let nowhere: (on: String, message: String)
  /// The cluster, where it is one.
  let cluster: KubernetesStandIn?
  /// What must live as long as the site.
  private let kept: [any Sendable]

  init(_ place: FarPlace) throws {
    switch place {
    case .machine:
      let server = try SSHServer()
      head = "defaults: {on: {ssh: \(SSHServer.host)}}"
      client = "ssh"
      name = SSHServer.host
      nowhere = ("{ssh: nobody@far}", "nobody@far cannot be reached, the client ended with status 255")
      cluster = nil
      kept = [server]
      world.environment = ["PATH": server.path]
    case .pod:
      let cluster = try KubernetesStandIn(readyAfter: 1)
      cluster.deploy("api", in: "shop")
      let kubectl = Kubectl(cluster)
      head = "defaults: {on: {pod: deployment/api, namespace: shop, container: app, context: test}}"
      client = "kubectl"
      name = "deployment/api in shop"
      nowhere = (
        "{pod: deployment/web, namespace: shop, context: test}", "deployment/web in shop cannot be reached"
      )
      self.cluster = cluster
      kept = [kubectl]
      world.environment = kubectl.environment
      #expect(Waiting.until { cluster.readyPods("shop").count == 1 })
    }
  }
}
