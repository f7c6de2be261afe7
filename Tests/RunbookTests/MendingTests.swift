import BelayTestSupport
import CanonicalJSON
import KubernetesStandIn
import Testing

/// The runbooks that mend what the diagnosing ones find: each is run dry, to its good end, and where it has a way back
/// through a failure.
@Suite("Mending", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct MendingTests {
  @Test("Queries that run for too long are cancelled, and no others") func longQueries() throws {
    let database = try PostgreSQLServer()
    let platform = try TestPlatform(database: database)
    let long = database.openTransaction(application: "report")
    long.send("select pg_sleep(600);")
    let other = database.openTransaction(application: "web")
    other.send("select pg_sleep(600);")
    let query = """
      select count(*) from pg_stat_activity
       where state = 'active' and pid <> pg_backend_pid() and clock_timestamp() - query_start > '300ms'
      """
    #expect(Waiting.until { database.query(query) == "2" })
    let runbook = "database/end-long-queries.yaml"
    let inputs: KeyValuePairs = ["query-limit": "200ms", "application": "^report$"]
    let dry = platform.run(runbook, inputs, "--dry-run")
    #expect(dry.status == 0, "\(dry.output)\(dry.errors)")
    #expect(database.query(query) == "2")
    #expect(platform.run(runbook, inputs).status == 7, "it is to be confirmed")
    #expect(database.query(query) == "2")
    let result = platform.belay(["resume", "last", "--yes"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(database.query(query) == "1")
    #expect(platform.shown.contains("cancelled = 1"))
    withExtendedLifetime((long, other)) {}
  }

  @Test("Dead rows are cleaned up, but not under a transaction that may still want to see them") func vacuum() throws {
    let database = try PostgreSQLServer()
    let platform = try TestPlatform(database: database)
    _ = database.query("create table \"Leads of today\" as select i as id from generate_series(1, 10000) as i")
    _ = database.query("delete from \"Leads of today\" where id <= 5000")
    let dead = "select n_dead_tup from pg_stat_user_tables"
    #expect(Waiting.until { database.query(dead) == "5000" })
    do {
      let session = database.openTransaction(application: "web")
      #expect(
        Waiting.until {
          database.query(
            "select count(*) from pg_stat_activity where application_name = 'web' and clock_timestamp() - xact_start > '200ms'"
          ) == "1"
        })
      let refused = platform.run("database/vacuum-database.yaml", ["transaction-limit": "100ms"])
      #expect(refused.status == 5)
      #expect((refused.output + refused.errors).contains("transactions have been open for long: "))
      #expect(database.query(dead) == "5000")
      withExtendedLifetime(session) {}
    }
    let dry = platform.run("database/vacuum-database.yaml", [:], "--dry-run")
    #expect(dry.status == 0, "\(dry.output)\(dry.errors)")
    #expect(database.query(dead) == "5000")
    let result = platform.run("database/vacuum-database.yaml")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(database.query(dead) == "0")
    #expect(result.output.contains("Leads of today"))
  }

  @Test("A service gets more pods, and the number before where they do not become ready") func scale() throws {
    let platform = try TestPlatform()
    func replicas() -> Int64? { platform.cluster.object("deployments", "staging", "api")?["spec"]?["replicas"]?.int }
    let dry = platform.run("service/scale-service.yaml", ["pods": "4"], "--dry-run")
    #expect(dry.status == 0, "\(dry.output)\(dry.errors)")
    #expect(replicas() == 2)
    #expect(platform.changes.allSatisfy { $0.hasSuffix("/deployments/api/scale") } && platform.changes.count == 1)
    let result = platform.run("service/scale-service.yaml", ["pods": "4"], "--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(replicas() == 4)
    #expect(platform.cluster.readyPods("staging").filter { $0.hasPrefix("api-") }.count == 4)
    platform.cluster.makePodsReady(after: .max)
    let back = platform.run("service/scale-service.yaml", ["pods": "6", "patience": "3s"], "--yes")
    #expect(back.status == 1, "\(back.output)\(back.errors)")
    #expect(back.output.contains("deployment/api: 4 of 6 pods are available"))
    #expect(replicas() == 4)
  }

  @Test("A release that cannot run is undone, and one that cannot be gone back to is not") func undoRelease() throws {
    let platform = try TestPlatform()
    func image() -> String? {
      let containers = platform.cluster.object("deployments", "staging", "api")?["spec"]?["template"]?["spec"]?[
        "containers"]
      return containers?.array?.first?["image"]?.string
    }
    func release(_ tag: String) {
      let set = platform.kubectl("set", "image", "deployment/api", "app=registry/api:\(tag)")
      #expect(set.status == 0, "\(set)")
    }
    let alone = platform.run("service/undo-release.yaml", [:], "--yes")
    #expect(alone.status == 1, "there is none before it")

    release("crashes")
    #expect(
      Waiting.until { String(describing: platform.cluster.objects("pods", "staging")).contains("CrashLoopBackOff") })
    let dry = platform.run("service/undo-release.yaml", [:], "--dry-run")
    #expect(dry.status == 0, "\(dry.output)\(dry.errors)")
    #expect(image() == "registry/api:crashes")
    let result = platform.run("service/undo-release.yaml", [:], "--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(image() == "registry/api:1.0.0")

    release("2.0.0")
    #expect(platform.kubectl("rollout", "status", "deployment/api", "--timeout=60s").status == 0)
    platform.cluster.makePodsReady(after: .max)
    let back = platform.run("service/undo-release.yaml", ["patience": "3s"], "--yes")
    #expect(back.status == 1, "\(back.output)\(back.errors)")
    #expect(back.output.contains("rolled-back: step undo"))
    #expect(image() == "registry/api:2.0.0")
  }

  @Test("The cache gets more memory, and the limit before where it goes on evicting") func cacheMemory() throws {
    let cache = try RedisServer(maximumMemory: "2mb")
    let platform = try TestPlatform(cache: cache)
    func limit() -> String { cache.command("config", "get", "maxmemory") }
    let inputs: KeyValuePairs = ["memory": "64Mi", "sample": "1", "patience": "10s"]
    let dry = platform.run("cache/raise-cache-memory.yaml", inputs, "--dry-run")
    #expect(dry.status == 0, "\(dry.output)\(dry.errors)")
    #expect(limit() == "maxmemory\n2097152")
    do {
      let load = cache.overload()
      #expect(Waiting.until { !cache.command("info", "stats").contains("evicted_keys:0") })
      let back = platform.run(
        "cache/raise-cache-memory.yaml", ["memory": "2100Ki", "sample": "1", "patience": "3s"], "--yes")
      #expect(back.status == 1, "\(back.output)\(back.errors)")
      #expect(limit() == "maxmemory\n2097152")
      withExtendedLifetime(load) {}
    }
    let lower = platform.run("cache/raise-cache-memory.yaml", ["memory": "1Mi"], "--yes")
    #expect(lower.status == 1)
    let result = platform.run("cache/raise-cache-memory.yaml", inputs, "--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(limit() == "maxmemory\n67108864")
  }
}
