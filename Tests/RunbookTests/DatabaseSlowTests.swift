import BelayTestSupport
import Testing

/// What makes a database slow is done to it on purpose, and found.
@Suite("Database slow", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct DatabaseSlowTests {
  private let database: PostgreSQLServer
  private let platform: TestPlatform

  init() throws {
    database = try PostgreSQLServer(settings: ["shared_preload_libraries=pg_stat_statements"])
    platform = try TestPlatform(database: database)
    _ = database.query("create table hot (id int primary key, n int)")
    _ = database.query("insert into hot values (1, 0)")
  }

  private func diagnose() -> (finding: String, mendedBy: String, restsOn: String) {
    let result = platform.diagnose("database-slow", ["wait-limit": "200ms", "query-limit": "500ms", "sample": "1"])
    // A diagnosis changes nothing, in the server as little as in the cluster.
    #expect(platform.changes == [])
    return (result.came.finding, result.came.mendedBy, result.restsOn)
  }

  /// Waits until sessions of an application are in a state for longer than the limits.
  private func wait(for condition: String) {
    let query = """
      select count(*) from pg_stat_activity
       where \(condition) and clock_timestamp() - query_start > '600ms'
      """
    #expect(Waiting.until { database.query(query) != "0" })
  }

  @Test("A database that is well") func well() throws {
    let found = diagnose()
    #expect(found.finding == "nothing")
    #expect(found.mendedBy == "")
    let dry = platform.diagnose("database-slow", ["sample": "1"], "--dry-run")
    #expect(dry.came.finding == "nothing")
  }

  @Test("Sessions wait for one that holds a lock and does nothing") func lockLeftBehind() {
    let holder = database.openTransaction(application: "web")
    holder.send("update hot set n = 1;")
    #expect(Waiting.until { database.query("select n from hot for update skip locked") == "" })
    let waiter = database.openTransaction(application: "worker")
    waiter.send("update hot set n = 2;")
    wait(for: "application_name = 'worker' and wait_event_type = 'Lock'")
    let found = diagnose()
    #expect(found.finding == "lock-left-behind")
    #expect(found.mendedBy == "database-connections")
    #expect(found.restsOn.contains("(web as postgres, idle in transaction for "))
    withExtendedLifetime((holder, waiter)) {}
  }

  @Test("Sessions wait for one that holds a lock and works") func lockInUse() {
    let holder = database.openTransaction(application: "report")
    holder.send("update hot set n = 1; select pg_sleep(600);")
    #expect(Waiting.until { database.query("select n from hot for update skip locked") == "" })
    let waiter = database.openTransaction(application: "worker")
    waiter.send("update hot set n = 2;")
    wait(for: "application_name = 'worker' and wait_event_type = 'Lock'")
    let found = diagnose()
    #expect(found.finding == "lock-in-use")
    #expect(found.mendedBy == "end-long-queries")
    #expect(found.restsOn.contains("(report as postgres, active for "))
    withExtendedLifetime((holder, waiter)) {}
  }

  @Test("A query runs for too long") func longQuery() {
    let session = database.openTransaction(application: "report")
    session.send("select pg_sleep(600);")
    wait(for: "application_name = 'report' and state = 'active'")
    let found = diagnose()
    #expect(found.finding == "long-query")
    #expect(found.mendedBy == "end-long-queries")
    #expect(found.restsOn.hasSuffix(": select pg_sleep(600);"))
    withExtendedLifetime(session) {}
  }

  @Test("A table is read from its beginning to its end, again and again") func tableScan() {
    _ = database.query("create table leads as select i as id, i % 7 as state from generate_series(1, 200000) as i")
    let session = database.openTransaction(application: "web")
    session.send("commit;\nselect count(*) from leads where id = 5 \\watch 0.05")
    #expect(
      Waiting.until { database.query("select seq_scan > 20 from pg_stat_user_tables where relname = 'leads'") == "t" })
    let found = platform.diagnose("database-slow", ["sample": "3"])
    #expect(found.came == TestPlatform.Finding(finding: "table-scan", mendedBy: "change-management"))
    #expect(found.restsOn.hasPrefix("public.leads: "))
    withExtendedLifetime(session) {}
  }

  @Test("Vacuum does not keep up") func deadRows() {
    _ = database.query("create table leads as select i as id from generate_series(1, 10000) as i")
    _ = database.query("delete from leads where id <= 5000")
    #expect(
      Waiting.until { database.query("select n_dead_tup from pg_stat_user_tables where relname = 'leads'") == "5000" })
    let found = diagnose()
    #expect(found.finding == "dead-rows")
    #expect(found.mendedBy == "vacuum-database")
    #expect(found.restsOn == "public.leads: 5000 of 10000 rows")
  }

  @Test("A statement takes long in the mean") func slowStatement() {
    _ = database.query("create extension pg_stat_statements")
    for _ in 0..<3 { _ = database.query("select pg_sleep(0.06)") }
    let found = platform.diagnose(
      "database-slow", ["sample": "1", "statement-limit": "50ms", "statement-calls": "3"])
    #expect(found.came == TestPlatform.Finding(finding: "slow-statement", mendedBy: "change-management"))
    #expect(found.restsOn.contains(" ms in the mean of 3: select pg_sleep($1)"))
  }

  @Test("No server is the primary") func noPrimary() {
    database.end(.immediate)
    let found = diagnose()
    #expect(found.finding == "no-primary")
    #expect(found.restsOn == "of postgres-0, postgres-1 none is the primary")
  }

  @Test("A cluster that cannot be asked is no finding") func noCluster() {
    let result = platform.belay(
      ["run", platform.path("troubleshooting/database-slow.yaml"), "--environment", "staging"],
      environment: ["KUBECONFIG": "/nonexistent"])
    #expect(result.status == 5, "\(result.output)\(result.errors)")
    #expect(!result.output.contains("finding"))
  }
}
