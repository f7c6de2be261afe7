import BelayTestSupport
import Testing

/// The runbook against a real server, in which sessions are left idle on purpose.
@Suite(
  "Database connections", .serialized,
  .enabled(if: PostgreSQLServer.isExpected, "PostgreSQL's programs are not installed"))
struct DatabaseConnectionsTests {
  private let server: PostgreSQLServer
  /// Connections that leak: each is there until the server ends it, or the test.
  private var sessions: [PostgreSQLServer.Session] = []

  init() throws { server = try PostgreSQLServer() }

  private func runbook(_ inputs: [String: String] = [:]) -> ProjectRunbook {
    let usual = ["host": server.socket, "port": "\(server.port)", "idle-limit": "200ms"]
    return ProjectRunbook(
      "troubleshooting/database-connections.yaml", inputs: usual.merging(inputs) { _, given in given })
  }

  /// Leaves sessions idle in a transaction, until they are for longer than the limit.
  private mutating func leak(_ count: Int, application: String, user: String = "postgres") {
    for _ in 0..<count { sessions.append(server.openTransaction(application: application, user: user)) }
    let server = server
    #expect(Waiting.until { server.idleSessions(of: application, for: "300ms") == count })
  }

  /// Whether the runbook gave the server nothing but queries, and none that ends a session.
  private func onlyLooked() -> Bool {
    let statements = server.statements(of: "belay")
    return !statements.isEmpty && !server.log.contains("pg_terminate_backend")
      && statements.allSatisfy { $0.hasPrefix("select") || $0.hasPrefix("with") }
  }

  @Test("Sessions idle in a transaction are ended, and connections are free again")
  mutating func endsThem() {
    leak(14, application: "web")
    let runbook = runbook()
    let result = runbook.run("--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(server.idleSessions(of: "web") == 0)
    #expect(runbook.last("show").output.contains("ended = 14"))
    #expect(runbook.last("logs").output.contains("0 of 17 connections are in use"))
  }

  @Test("On a healthy server nothing is changed") mutating func healthy() {
    leak(1, application: "web")
    let runbook = runbook(["idle-limit": "1h"])
    let result = runbook.run("--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("found = 0"))
    #expect(server.idleSessions(of: "web") == 1)
    #expect(onlyLooked())
  }

  @Test("A dry run finds the sessions and touches none") mutating func dryRun() {
    leak(2, application: "web")
    let result = runbook().run("--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("found = 2"))
    #expect(server.idleSessions(of: "web") == 2)
    #expect(onlyLooked())
  }

  @Test("Unconfirmed nothing is ended, and the next command says how to go on") mutating func unconfirmed() {
    leak(2, application: "web")
    let runbook = runbook()
    #expect(runbook.run().status == 7)
    #expect(server.idleSessions(of: "web") == 2)
    #expect(onlyLooked())
    #expect(runbook.last("show").output.contains("Next: belay resume "))

    #expect(runbook.last("resume", "--yes").status == 0)
    #expect(server.idleSessions(of: "web") == 0)
  }

  @Test("A session that went on before the confirmation is left alone") mutating func wentOn() {
    leak(2, application: "web")
    let runbook = runbook()
    #expect(runbook.run().status == 7)
    sessions[0].send("commit;")
    let server = server
    #expect(Waiting.until { server.idleSessions(of: "web") == 1 })

    #expect(runbook.last("resume", "--yes").status == 0)
    #expect(server.query("select state from pg_stat_activity where application_name = 'web'") == "idle")
  }

  @Test("Only sessions of the application that is named are ended, whatever it is called")
  mutating func application() {
    let name = "it's; --:'x' \"batch\""
    sessions.append(server.openTransaction(application: "web"))
    sessions.append(server.openTransaction(application: name))
    let server = server
    let quoted = name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    #expect(
      Waiting.until {
        server.idleSessions(of: "web", for: "300ms") == 1 && server.idleSessions(of: quoted, for: "300ms") == 1
      })
    let result = runbook(["application": "^\(name)$"]).run("--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(server.idleSessions(of: quoted) == 0)
    #expect(server.idleSessions(of: "web") == 1)
  }

  @Test("Where connections are short for another reason, it says so and fails") func shortAllTheSame() {
    let other = server.openTransaction(application: "web")
    let server = server
    #expect(Waiting.until { server.idleSessions(of: "web") == 1 })
    let result = runbook(["idle-limit": "1h", "max-used-percent": "5"]).run("--yes")
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("1 of 17 connections are in use, the limit is 5 %"))
    #expect(onlyLooked())
    withExtendedLifetime(other) {}
  }

  @Test("A role that cannot see other roles' sessions is refused before it finds nothing")
  mutating func blindRole() {
    _ = server.query("create role blind login")
    leak(1, application: "web")
    let result = runbook(["user": "blind"]).run("--yes")
    #expect(result.status == 5)
    #expect((result.output + result.errors).contains("blind needs the roles pg_read_all_stats and pg_signal_backend"))
    #expect(server.idleSessions(of: "web") == 1)
  }

  @Test("The password is taken from the environment and kept nowhere") mutating func password() {
    _ = server.query("create role app login")
    _ = server.query("create role oncall login password 'correct horse' in role pg_read_all_stats, pg_signal_backend")
    leak(1, application: "web", user: "app")
    let runbook = runbook(["host": "127.0.0.1", "user": "oncall"])
    #expect(runbook.run("--yes", environment: ["PGPASSWORD": "wrong horse"]).status == 5)
    let result = runbook.run("--yes", environment: ["PGPASSWORD": "correct horse"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(server.idleSessions(of: "web") == 0)
    #expect(!(runbook.kept + runbook.last("logs").output).contains("correct horse"))
  }

  @Test("Where no server answers the run does not start") func noServer() {
    let result = runbook(["host": "/nonexistent"]).run("--yes")
    #expect(result.status == 5)
    #expect((result.output + result.errors).contains("no PostgreSQL server answers at /nonexistent"))
  }
}
