import CanonicalJSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A Kubernetes API server of a test's own on loopback, as far as `kubectl` needs one: it keeps deployments, replica sets,
/// pods and events, lets controllers follow what is asked of it, runs what `exec` is given on this machine, and remembers
/// each request. Ended with the object.
public final class KubernetesStandIn: Sendable {
  /// A request that came in.
  public struct Request: Sendable {
    /// The method; a WebSocket's is GET.
    public var method: String
    /// The path without the query.
    public var path: String
    /// The query's parameters in order, decoded.
    public var query: [(name: String, value: String)]
    /// The body.
    public var body: String
  }

  /// Where programs are looked for in pods.
  public static let searchPath = "/usr/local/bin:/usr/bin:/bin"

  /// In bytes.
  private static let longestMessage = 1 << 24

  // Not a group of its own: a program that was started may end, and say so, after the cluster.
  private let group = MultiThreadedEventLoopGroup.singleton
  private let channel: any Channel
  let cluster = Cluster()
  private let ticking: RepeatedTask

  /// - Parameters:
  ///   - tick: Milliseconds from one tick of the controllers to the next.
  ///   - readyAfter: Ticks until a new pod is ready.
  public init(tick: Int64 = 20, readyAfter: Int = 3) throws {
    let cluster = cluster
    cluster.state.withLock { $0.readyAfter = readyAfter }
    channel = try ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: Self.longestMessage,
            shouldUpgrade: { channel, head in
              let target = Target(head.uri)
              cluster.record(target.request(head.method, body: ""))
              let wanted =
                cluster.runningPod(target, "portforward") != nil
                ? PortForwardSession.subprotocol
                : ExecSession.container(for: target, in: cluster) != nil ? ExecSession.subprotocol : nil
              guard let wanted, head.headers[canonicalForm: "sec-websocket-protocol"].contains(Substring(wanted)) else {
                return channel.eventLoop.makeSucceededFuture(nil)
              }
              return channel.eventLoop.makeSucceededFuture(["Sec-WebSocket-Protocol": wanted])
            },
            upgradePipelineHandler: { channel, head in
              channel.eventLoop.makeCompletedFuture {
                let whole = NIOWebSocketFrameAggregator(
                  minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 10_000,
                  maxAccumulatedFrameSize: Self.longestMessage)
                try channel.pipeline.syncOperations.addHandler(whole)
                if cluster.runningPod(Target(head.uri), "portforward") != nil {
                  return try channel.pipeline.syncOperations.addHandler(PortForwardSession())
                }
                let target = Target(head.uri)
                let container = ExecSession.container(for: target, in: cluster) ?? .null
                let session = ExecSession(
                  target: target, container: container, environment: cluster.environment(of: container, target),
                  starter: cluster.starter())
                try channel.pipeline.syncOperations.addHandler(session)
              }
            })
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
              upgraders: [upgrader],
              completionHandler: { context in
                let handler = try? context.pipeline.syncOperations.handler(type: APIHandler.self)
                if let handler { context.pipeline.syncOperations.removeHandler(handler, promise: nil) }
              }
            ))
          try channel.pipeline.syncOperations.addHandler(APIHandler(cluster))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
    ticking = group.next().scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(tick)) { _ in cluster.tick() }
  }

  deinit {
    ticking.cancel()
    channel.close(promise: nil)
  }

  // MARK: What a test says and asks

  /// The port on loopback.
  public var port: Int { channel.localAddress?.port ?? 0 }

  /// A client's configuration with one context, `test`, which is not the current one.
  public var kubeconfig: String {
    """
    apiVersion: v1
    kind: Config
    clusters: [{name: stand-in, cluster: {server: "http://127.0.0.1:\(port)"}}]
    users: [{name: tester, user: {}}]
    contexts: [{name: test, context: {cluster: stand-in, user: tester, namespace: default}}]

    """
  }

  /// From now on a pod is ready after so many ticks; at `Int.max` it never is.
  public func makePodsReady(after ticks: Int) { cluster.state.withLock { $0.readyAfter = ticks } }

  /// The requests until now, in order.
  public var requests: [Request] { cluster.state.withLock { $0.requests } }

  /// An object as JSON: `object("deployments", "shop", "api")`.
  public func object(_ resource: String, _ namespace: String, _ name: String) -> JSON? {
    Resource(rawValue: resource).flatMap {
      cluster.object(Cluster.Key(resource: $0, namespace: namespace, name: name))
    }
  }

  /// The objects of a resource in a namespace, in the order of their names.
  public func objects(_ resource: String, _ namespace: String) -> [JSON] {
    guard let resource = Resource(rawValue: resource),
      let selection = Selection(namespace: namespace, labels: nil, fields: nil)
    else { return [] }
    return cluster.list(resource, selection).objects
  }

  /// The names of the pods that are ready.
  public func readyPods(_ namespace: String) -> [String] {
    objects("pods", namespace).filter(\.isReady)
      .compactMap { $0.at("metadata", "name")?.string }
  }
}
