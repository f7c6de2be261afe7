import BelayTestSupport
import CanonicalJSON
import KubernetesStandIn
import Synchronization

/// Three services, each with two roles at a real server and two secrets in a cluster. Each of their pods holds a session that
/// it opened with the credential that its deployment leads it to, and is ready once it has one.
final class CredentialUsers: Sendable {
  static let services = ["api", "backend", "reports"]
  private static let namespace = "staging"

  private final class Pods: Sendable {
    let sessions = Mutex<[String: PostgreSQLServer.Session]>([:])
    /// Roles whose credential a service cannot cope with.
    let unusable = Mutex<Set<String>>([])
  }

  let server: PostgreSQLServer
  let cluster: KubernetesStandIn
  let copy: ProjectCopy
  private let kubectl: Kubectl
  private let pods = Pods()

  init() throws {
    let server = try PostgreSQLServer(maxConnections: 40)
    let cluster = try KubernetesStandIn(readyAfter: 1)
    let pods = pods
    cluster.deployByName(
      "postgres", in: Self.namespace, container: "postgres",
      variables: ["PGHOST": .value(server.socket), "PGPORT": .value("\(server.port)")])
    cluster.expose("postgres", in: Self.namespace, port: 5432, targetPort: server.port)
    for service in Self.services {
      _ = server.query(
        """
        set password_encryption = 'scram-sha-256';
        create role \(service)_owner nologin;
        create role \(service)_a login password 'old-\(service)' in role \(service)_owner;
        create role \(service)_b nologin in role \(service)_owner;
        """)
      for (letter, password) in [("a", "old-\(service)"), ("b", "never-used")] {
        cluster.keep(
          "\(service)-database-\(letter)", in: Self.namespace,
          ["username": "\(service)_\(letter)", "password": password])
      }
      cluster.deploy(
        service, in: Self.namespace, replicas: 2,
        variables: [
          "DATABASE_USERNAME": .secret("\(service)-database-a", key: "username"),
          "DATABASE_PASSWORD": .secret("\(service)-database-a", key: "password"),
        ],
        body: PodBody(
          start: { pod in
            let user = pod.environment["DATABASE_USERNAME"] ?? ""
            guard !pods.unusable.withLock({ $0.contains(user) }),
              let session = server.openSession(
                application: pod.name, user: user, password: pod.environment["DATABASE_PASSWORD"] ?? "")
            else { return false }
            pods.sessions.withLock { $0[pod.name] = session }
            return true
          },
          stop: { pod in pods.sessions.withLock { $0[pod.name] = nil } }))
    }
    kubectl = Kubectl(cluster, namespace: Self.namespace)
    copy = ProjectCopy(
      platform: [
        "kube-context": "test", "namespace": Self.namespace, "api-url": "http://127.0.0.1:9",
        "frontend-url": "http://127.0.0.1:9",
        "database": """
        {pods: [postgres-0], workload: statefulset/postgres, container: postgres, service: postgres, \
        name: postgres, user: postgres, clients: [\(Self.services.joined(separator: ", "))]}
        """,
      ], variables: kubectl.environment)
    self.server = server
    self.cluster = cluster
    precondition(Waiting.until { cluster.readyPods(Self.namespace).count == 7 }, "the services do not come up")
  }

  /// Makes a service end whenever it is started as a role.
  func makeUnusable(_ role: String) { pods.unusable.withLock { _ = $0.insert(role) } }

  /// The roles as which a service's pods are connected now, each once.
  func roles(of service: String) -> String {
    server.query(
      """
      select string_agg(distinct usename, ', ') from pg_stat_activity
       where backend_type = 'client backend' and application_name like '\(service)-%'
      """)
  }

  /// Roles that may log in.
  func mayLogIn(_ service: String) -> String {
    server.query(
      "select string_agg(rolname, ', ' order by rolname) from pg_roles where rolcanlogin and rolname like '\(service)_%'"
    )
  }

  /// The password that a secret holds.
  func password(_ secret: String) -> String { cluster.secret(secret, in: Self.namespace)?["password"] ?? "" }
}
