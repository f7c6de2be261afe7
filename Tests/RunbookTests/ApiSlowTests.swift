import BelayTestSupport
import KubernetesStandIn
import Testing

/// The API is slow for each of the reasons that are known, and the reason is found.
@Suite("API slow", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct APISlowTests {
  private let database: PostgreSQLServer
  private let cache: RedisServer

  init() throws {
    database = try PostgreSQLServer()
    cache = try RedisServer()
  }

  /// - Parameters:
  ///   - isSlow: Whether requests take half a second; nothing is told of them if nil.
  ///   - throttled: In how many of ten periods pods are held back.
  ///   - used: How many of ten connections of a pool are in use.
  private func diagnose(isSlow: Bool? = true, throttled: Double = 0, used: Double = 4) throws -> (
    came: TestPlatform.Finding, restsOn: String
  ) {
    let api = #"namespace="staging",service="api""#
    let pod = #"namespace="staging",pod="api-1",container="app""#
    var series: [PrometheusServer.Series] = [
      .rising("container_cpu_cfs_throttled_periods_total{\(pod)}", by: throttled),
      .rising("container_cpu_cfs_periods_total{\(pod)}", by: 10),
      .rising("container_cpu_usage_seconds_total{\(pod)}", by: 0.25),
      .constant(#"kube_pod_container_resource_limits{\#(pod),resource="cpu"}"#, 0.5),
      .constant(#"db_client_connection_count{\#(api),pod="api-1",db_client_connection_state="used"}"#, used),
      .constant(#"db_client_connection_max{\#(api),pod="api-1"}"#, 10),
    ]
    if let isSlow {
      series += [
        .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="0.1"}"#, by: isSlow ? 1 : 50),
        .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="0.5"}"#, by: 50),
        .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="+Inf"}"#, by: 50),
      ]
    }
    let platform = try TestPlatform(database: database, cache: cache, prometheus: PrometheusServer(series))
    let found = platform.diagnose("api-slow", ["sample": "1"])
    #expect(platform.changes == [])
    return found
  }

  @Test("It is not slow, slow for a reason of which nothing is known, and not measured") func nothingKnown() throws {
    #expect(try diagnose(isSlow: false).came == TestPlatform.Finding(finding: "not-slow", mendedBy: ""))
    let elsewhere = try diagnose()
    #expect(elsewhere.came == TestPlatform.Finding(finding: "elsewhere", mendedBy: ""))
    #expect(elsewhere.restsOn.hasPrefix("the 95th percentile is 0.4"))
    #expect(elsewhere.restsOn.contains("a pod uses 50.0 % of its processors"))
    #expect(
      try diagnose(isSlow: nil).came == TestPlatform.Finding(finding: "not-measured", mendedBy: "api-not-responding"))
  }

  @Test("Its pods are held back") func processors() throws {
    let found = try diagnose(throttled: 4)
    #expect(found.came == TestPlatform.Finding(finding: "processors", mendedBy: "scale-service"))
    #expect(found.restsOn.contains("one is held back in 40.0 of 100 periods"))
  }

  @Test("A pool is exhausted") func pools() throws {
    let found = try diagnose(used: 10)
    #expect(found.came == TestPlatform.Finding(finding: "pools", mendedBy: "change-management"))
    #expect(found.restsOn.contains("pool-too-small, 100.0 % of a pool of api is in use"))
  }

  @Test("The database is slow") func databaseSlow() throws {
    _ = database.query("create table leads as select i as id from generate_series(1, 10000) as i")
    _ = database.query("delete from leads where id <= 5000")
    #expect(
      Waiting.until { database.query("select n_dead_tup from pg_stat_user_tables where relname = 'leads'") == "5000" })
    let found = try diagnose()
    #expect(found.came == TestPlatform.Finding(finding: "database", mendedBy: "vacuum-database"))
    #expect(found.restsOn.contains("dead-rows, public.leads: 5000 of 10000 rows"))
  }

  @Test("The cache finds little") func cacheCold() throws {
    cache.command("config", "set", "maxmemory", "2mb")
    let load = cache.overload()
    #expect(Waiting.until { !cache.command("info", "stats").contains("evicted_keys:0") })
    let found = try diagnose()
    #expect(found.came == TestPlatform.Finding(finding: "cache", mendedBy: "raise-cache-memory"))
    withExtendedLifetime(load) {}
  }
}
