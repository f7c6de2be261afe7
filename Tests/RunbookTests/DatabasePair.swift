import BelayTestSupport
import CanonicalJSON
import KubernetesStandIn
import Synchronization

/// A primary and a standby that it waits for at every commit, as the pods `postgres-0` and `postgres-1` of a cluster, with a
/// service before the primary and an API that can be told to be ill.
///
/// A pod that goes takes its server down in order, one that comes starts it.
final class DatabasePair: Sendable {
  /// What the servers are to the pods.
  private final class Servers: Sendable {
    let named: [String: PostgreSQLServer]
    /// Pods whose machine is lost.
    let lost = Mutex<Set<String>>([])

    init(_ named: [String: PostgreSQLServer]) { self.named = named }

    func variables(of pod: String) -> [String: String] {
      ["PGHOST": named[pod]?.socket ?? "/nonexistent", "PGPORT": "\(named[pod]?.port ?? 0)"]
    }
  }

  static let namespace = "staging"
  private static let label = "statefulset.kubernetes.io/pod-name"

  let primary: PostgreSQLServer
  let standby: PostgreSQLServer
  let cluster: KubernetesStandIn
  let api = StatusServer()
  let copy: ProjectCopy
  private let kubectl: Kubectl
  private let servers: Servers

  init() throws {
    let primary = try PostgreSQLServer()
    _ = primary.query("alter system set synchronous_standby_names = 'postgres_1'")
    _ = primary.query("create table lead (id int primary key); insert into lead select generate_series(1, 100)")
    let standby = try PostgreSQLServer(standbyOf: primary, name: "postgres_1")
    _ = primary.query("select pg_reload_conf()")
    let servers = Servers(["postgres-0": primary, "postgres-1": standby])
    let cluster = try KubernetesStandIn(readyAfter: 1)
    cluster.deployByName(
      "postgres", in: Self.namespace, replicas: 2, container: "postgres",
      body: PodBody(
        start: { pod in
          guard let server = servers.named[pod.name], !servers.lost.withLock({ $0.contains(pod.name) }) else {
            return false
          }
          return server.answers || server.start()
        },
        stop: { pod in servers.named[pod.name]?.end(.fast) },
        variables: { pod in servers.variables(of: pod) }))
    cluster.expose(
      "postgres", in: Self.namespace, port: 5432, targetPort: primary.port, selecting: [Self.label: "postgres-0"])
    self.primary = primary
    self.standby = standby
    self.cluster = cluster
    self.servers = servers
    kubectl = Kubectl(cluster, namespace: Self.namespace)
    copy = ProjectCopy(
      platform: [
        "kube-context": "test", "namespace": Self.namespace, "api-url": api.url, "frontend-url": api.url,
        "database": """
        {pods: [postgres-0, postgres-1], workload: statefulset/postgres, container: postgres, service: postgres, \
        name: postgres, user: postgres, clients: []}
        """,
      ], variables: kubectl.environment)
    precondition(
      Waiting.until {
        cluster.readyPods(Self.namespace).count == 2
          && primary.query("select count(*) from pg_stat_replication where sync_state = 'sync'") == "1"
      }, "the standby does not follow")
  }

  /// The pods that are there.
  var pods: [String] {
    cluster.objects("pods", Self.namespace).compactMap { pod in
      pod["metadata"]?["name"]?.string
    }
  }

  /// The pod that the service leads to.
  var served: String? {
    cluster.object("services", Self.namespace, "postgres")?["spec"]?["selector"]?[Self.label]?.string
  }

  /// Takes the machine of a pod away: its server ends, and does not come back.
  func lose(_ pod: String) {
    servers.lost.withLock { _ = $0.insert(pod) }
    servers.named[pod]?.end(.immediate)
    cluster.crash("postgres", in: Self.namespace, pod: pod)
  }

  /// Writes a lead; false where the server refuses it, or does not come to an end.
  static func write(_ id: Int, to server: PostgreSQLServer) -> Bool {
    server.ask("insert into lead values (\(id))").status == 0
  }

  /// How many leads a server has; nil where it does not answer.
  static func leads(_ server: PostgreSQLServer) -> Int? {
    server.answers ? Int(server.query("select count(*) from lead")) : nil
  }
}
