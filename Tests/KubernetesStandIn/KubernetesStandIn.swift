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

  /// In bytes.
  private static let longestMessage = 1 << 24

  // Not a group of its own: a program that was started may end, and say so, after the cluster.
  private let group = MultiThreadedEventLoopGroup.singleton
  private let channel: any Channel
  private let cluster = Cluster()
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
                let session = ExecSession(
                  target: Target(head.uri), image: ExecSession.container(for: Target(head.uri), in: cluster) ?? "")
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

  /// Makes a deployment whose pods are told apart by the label `app`; an image with `does-not-exist` in its name is never
  /// pulled, one with `distroless` has no shell, one with `crashes` ends again and again.
  public func deploy(
    _ name: String, in namespace: String, replicas: Int = 1, image: String = "registry/app:1", container: String = "app"
  ) {
    let labels = JSON.of(["app": .string(name)])
    cluster.state.withLock { state in
      state.put(
        Cluster.Key(resource: .namespaces, namespace: "", name: namespace),
        .of([
          "apiVersion": .string("v1"), "kind": .string("Namespace"), "metadata": .of(["name": .string(namespace)]),
        ]))
      state.put(
        Cluster.Key(resource: .deployments, namespace: namespace, name: name),
        .of([
          "apiVersion": .string("apps/v1"), "kind": .string("Deployment"),
          "metadata": .of([
            "name": .string(name), "namespace": .string(namespace), "labels": labels, "generation": .int(1),
          ]),
          "spec": .of([
            "replicas": .int(Int64(replicas)), "selector": .of(["matchLabels": labels]),
            "template": .of([
              "metadata": .of(["labels": labels]),
              "spec": .of([
                "containers": .array([.of(["name": .string(container), "image": .string(image)])])
              ]),
            ]),
          ]),
        ]))
    }
  }

  /// Makes a pod that no deployment keeps, as those of a stateful set are called.
  public func runPod(
    _ name: String, in namespace: String, labels: [String: String] = [:], image: String = "registry/app:1",
    container: String = "app"
  ) {
    let labels = labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
    put(
      "pods", namespace, name,
      .of([
        "metadata": .of(["labels": .object(labels)]), "status": .of(["phase": .string("Pending")]),
        "spec": .of(["containers": .array([.of(["name": .string(container), "image": .string(image)])])]),
      ]))
  }

  /// Makes an object, or another in its place; version, kind, name and namespace are added to what is said of it.
  public func put(_ resource: String, _ namespace: String, _ name: String, _ content: JSON) {
    guard let resource = Resource(rawValue: resource) else { preconditionFailure("\(resource) are not kept") }
    let object = content.setting("apiVersion", to: .string(resource.version))
      .setting("kind", to: .string(resource.kind)).setting("metadata", "name", to: .string(name))
      .setting("metadata", "namespace", to: .string(namespace))
    cluster.state.withLock { state in
      _ = state.put(Cluster.Key(resource: resource, namespace: namespace, name: name), object)
    }
  }

  /// Takes an object away.
  public func remove(_ resource: String, _ namespace: String, _ name: String) {
    guard let resource = Resource(rawValue: resource) else { preconditionFailure("\(resource) are not kept") }
    _ = cluster.remove(Cluster.Key(resource: resource, namespace: namespace, name: name))
  }

  /// What `kubectl logs` shows of every pod with a label `app`, and with `--previous` of the container before.
  public func setLog(of app: String, in namespace: String, _ text: String = "", previous: String = "") {
    cluster.state.withLock { $0.logs["\(namespace)/\(app)"] = Cluster.Log(current: text, previous: previous) }
  }

  /// Makes a service for the pods of a deployment; their ports are this machine's.
  public func expose(_ name: String, in namespace: String, port: Int, targetPort: Int) {
    cluster.state.withLock { state in
      _ = state.put(
        Cluster.Key(resource: .services, namespace: namespace, name: name),
        .of([
          "apiVersion": .string("v1"), "kind": .string("Service"),
          "metadata": .of(["name": .string(name), "namespace": .string(namespace)]),
          "spec": .of([
            "clusterIP": .string("10.0.0.1"), "selector": .of(["app": .string(name)]),
            "ports": .array([
              .of([
                "port": .int(Int64(port)), "targetPort": .int(Int64(targetPort)), "protocol": .string("TCP"),
              ])
            ]),
          ]),
        ]))
    }
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
