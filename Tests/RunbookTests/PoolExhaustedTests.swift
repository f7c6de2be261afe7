import BelayTestSupport
import KubernetesStandIn
import Testing

/// Connections are held on purpose, in each of the ways that is known, and who holds them is found.
@Suite("Pool exhausted", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct PoolExhaustedTests {
  private let database: PostgreSQLServer

  init() throws {
    database = try PostgreSQLServer(maxConnections: 13)
    _ = database.query("create table hot (id int primary key, n int)")
    _ = database.query("insert into hot values (1, 0)")
  }

  /// - Parameter used: How many of ten connections of a pool are in use; nothing is told of it if nil.
  private func diagnose(used: Double? = 4) throws -> (came: TestPlatform.Finding, restsOn: String) {
    let pool = #"namespace="staging",service="api",pod="api-1""#
    let series: [PrometheusServer.Series] =
      used.map { used in
        [
          .constant(#"db_client_connection_count{\#(pool),db_client_connection_state="used"}"#, used),
          .constant("db_client_connection_max{\(pool)}", 10),
        ]
      } ?? []
    let platform = try TestPlatform(database: database, prometheus: PrometheusServer(series))
    let found = platform.diagnose(
      "pool-exhausted", ["idle-limit": "200ms", "wait-limit": "200ms", "query-limit": "500ms"])
    #expect(platform.changes == [])
    return found
  }

  private func wait(for condition: String) {
    let query = """
      select count(*) from pg_stat_activity
       where \(condition) and clock_timestamp() - query_start > '600ms'
      """
    #expect(Waiting.until { database.query(query) != "0" })
  }

  @Test("Nobody holds too many") func well() throws {
    #expect(try diagnose().came == TestPlatform.Finding(finding: "nothing", mendedBy: ""))
  }

  @Test("Sessions hold transactions open and do nothing") func leftOpen() throws {
    let session = database.openTransaction(application: "web")
    wait(for: "application_name = 'web' and state = 'idle in transaction'")
    let found = try diagnose(used: 10)
    #expect(found.came == TestPlatform.Finding(finding: "transactions-left-open", mendedBy: "database-connections"))
    #expect(found.restsOn.contains("100.0 % of a pool of api is in use; 1 of 10 connections to the server"))
    #expect(found.restsOn.hasSuffix("most by web: 1"))
    withExtendedLifetime(session) {}
  }

  @Test("A transaction that failed and was not ended counts too") func leftOpenAborted() throws {
    let session = database.openTransaction(application: "web")
    session.send("\\set ON_ERROR_STOP 0\nselect 1 / 0;")
    wait(for: "application_name = 'web' and state = 'idle in transaction (aborted)'")
    #expect(try diagnose().came.finding == "transactions-left-open")
    withExtendedLifetime(session) {}
  }

  @Test("Sessions wait for locks") func waiting() throws {
    let holder = database.openTransaction(application: "report")
    holder.send("update hot set n = 1; select pg_sleep(600);")
    #expect(Waiting.until { database.query("select n from hot for update skip locked") == "" })
    let waiter = database.openTransaction(application: "worker")
    waiter.send("update hot set n = 2;")
    wait(for: "application_name = 'worker' and wait_event_type = 'Lock'")
    let found = try diagnose()
    #expect(found.came == TestPlatform.Finding(finding: "waiting-for-locks", mendedBy: "database-slow"))
    withExtendedLifetime((holder, waiter)) {}
  }

  @Test("Queries run for long") func longQueries() throws {
    let session = database.openTransaction(application: "report")
    session.send("select pg_sleep(600);")
    wait(for: "application_name = 'report' and state = 'active'")
    let found = try diagnose()
    #expect(found.came == TestPlatform.Finding(finding: "long-queries", mendedBy: "end-long-queries"))
    withExtendedLifetime(session) {}
  }

  @Test("The pools together are larger than the server") func serverFull() throws {
    let sessions = (0..<9).map { _ in database.openTransaction(application: "web") }
    for session in sessions { session.send("commit;") }
    #expect(
      Waiting.until { database.query("select count(*) from pg_stat_activity where state = 'idle'") == "9" })
    let found = try diagnose()
    #expect(found.came == TestPlatform.Finding(finding: "server-full", mendedBy: "change-management"))
    #expect(found.restsOn.contains("9 of 10 connections to the server: 9 idle"))
    withExtendedLifetime(sessions) {}
  }

  @Test("A pool is too small, and one that nothing is told of") func poolTooSmall() throws {
    #expect(
      try diagnose(used: 10).came == TestPlatform.Finding(finding: "pool-too-small", mendedBy: "change-management"))
    let unknown = try diagnose(used: nil)
    #expect(unknown.came.finding == "pool-unknown")
    #expect(unknown.restsOn.hasPrefix("nothing is known of the pools"))
  }
}
