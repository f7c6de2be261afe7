import BelayTestSupport
import KubernetesStandIn
import Testing

/// The rotation with services that really log in at a real server, and the real `kubectl`.
@Suite(
  "Rotation of the database's credentials", .serialized,
  .enabled(if: PostgreSQLServer.isExpected && Kubectl.isExpected, "PostgreSQL or kubectl is missing"))
struct RotateDatabaseCredentialsTests {
  private let users: CredentialUsers

  init() throws { users = try CredentialUsers() }

  private func runbook(_ inputs: [String: String] = [:]) -> ProjectRunbook {
    ProjectRunbook(
      "security/rotate-database-credentials.yaml", inputs: ["health-holds": "1s"].merging(inputs) { _, given in given },
      in: users.copy)
  }

  @Test("Every service uses a new credential, no old one is accepted, and no password is kept or logged")
  func rotates() {
    let runbook = runbook()
    let result = runbook.run("--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    let kept = runbook.kept
    for service in CredentialUsers.services {
      #expect(users.roles(of: service) == "\(service)_b")
      #expect(users.mayLogIn(service) == "\(service)_b")
      #expect(!users.server.accepts(user: "\(service)_a", password: "old-\(service)"))
      let password = users.password("\(service)-database-b")
      #expect(password.count == 48)
      #expect(users.server.accepts(user: "\(service)_b", password: password))
      #expect(!kept.contains(password) && !users.server.log.contains(password))
      #expect(!users.cluster.requests.contains { request in request.query.contains { $0.value.contains(password) } })
    }
  }

  @Test("A second rotation goes back to the first role, with another password") func rotatesTwice() {
    #expect(runbook(["services": #"["api"]"#]).run("--yes").status == 0)
    let result = runbook(["services": #"["api"]"#]).run("--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(users.roles(of: "api") == "api_a")
    #expect(users.mayLogIn("api") == "api_a")
    #expect(!users.server.accepts(user: "api_a", password: "old-api"))
    #expect(users.server.accepts(user: "api_a", password: users.password("api-database-a")))
    #expect(users.roles(of: "backend") == "backend_a")
  }

  @Test("A service that fails with its new credential holds the old one again; the next is not begun")
  func rollsBackOne() {
    users.makeUnusable("backend_b")
    let runbook = runbook(["ready-within": "3s"])
    let result = runbook.run("--yes")
    #expect(result.status == 3, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    // The first keeps its new one.
    #expect(users.roles(of: "api") == "api_b")
    #expect(users.mayLogIn("api") == "api_b")
    // The one that failed has its old one.
    #expect(users.roles(of: "backend") == "backend_a")
    #expect(users.mayLogIn("backend") == "backend_a")
    #expect(users.server.accepts(user: "backend_a", password: "old-backend"))
    #expect(!users.server.accepts(user: "backend_b", password: users.password("backend-database-b")))
    let backend = users.cluster.object("deployments", "staging", "backend")
    #expect("\(String(describing: backend))".contains("backend-database-a"))
    #expect(!"\(String(describing: backend))".contains("backend-database-b"))
    // The one after it is as it was.
    #expect(users.roles(of: "reports") == "reports_a")
    #expect(users.password("reports-database-b") == "never-used")
  }

  @Test("A whole rotation can be undone afterwards, and every service holds its old credential again")
  func undoneAfterwards() {
    let runbook = runbook()
    #expect(runbook.run("--yes").status == 0)
    let result = runbook.last("rollback", "--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    for service in CredentialUsers.services {
      #expect(users.roles(of: service) == "\(service)_a")
      #expect(users.mayLogIn(service) == "\(service)_a")
      #expect(users.server.accepts(user: "\(service)_a", password: "old-\(service)"))
    }
  }

  @Test("A dry run changes nothing at the server or in the cluster") func dryRun() {
    let runbook = runbook()
    #expect(runbook.plan().status == 0)
    let result = runbook.run("--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(!users.server.log.lowercased().contains("alter role"))
    #expect(users.password("api-database-b") == "never-used")
    for service in CredentialUsers.services { #expect(users.roles(of: service) == "\(service)_a") }
    let changes = users.cluster.requests.filter { ["PATCH", "PUT", "DELETE", "POST"].contains($0.method) }
    #expect(changes.allSatisfy { request in request.query.contains { $0.name == "dryRun" } })
  }
}
