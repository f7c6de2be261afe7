import BelayTestSupport
import CanonicalJSON
import Glibc
import KubernetesStandIn
import Testing

/// The morning look at the platform, over real servers.
@Suite("Daily health check", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct DailyHealthCheckTests {
  private static let points = [
    "pods", "crashes", "errors", "latency", "connections", "cache", "queues", "backup", "certificates", "disks",
  ]
  private static let requests = #"namespace="staging",service="api""#

  /// Metrics with everything well inside its threshold, or far outside.
  private static func metrics(good: Bool) -> [PrometheusServer.Series] {
    let requests = "http_server_request_duration_seconds"
    return [
      .rising(#"\#(requests)_count{\#(Self.requests),http_response_status_code="200"}"#, by: 50),
      .rising(#"\#(requests)_count{\#(Self.requests),http_response_status_code="503"}"#, by: good ? 0.1 : 5),
      .rising(#"\#(requests)_bucket{\#(Self.requests),le="0.1"}"#, by: good ? 49 : 20),
      .rising(#"\#(requests)_bucket{\#(Self.requests),le="0.5"}"#, by: 50),
      .rising(#"\#(requests)_bucket{\#(Self.requests),le="+Inf"}"#, by: 50),
      .constant(#"db_client_connection_count{\#(Self.requests),pod="api-1",db_client_connection_state="used"}"#, 4),
      .constant(#"db_client_connection_max{\#(Self.requests),pod="api-1"}"#, good ? 10 : 4),
      .constant(#"jetstream_consumer_num_pending{namespace="staging",consumer_name="leads"}"#, good ? 12 : 50_000),
      .constant(
        #"kubelet_volume_stats_available_bytes{namespace="staging",persistentvolumeclaim="data"}"#, good ? 6 : 1),
      .constant(#"kubelet_volume_stats_capacity_bytes{namespace="staging",persistentvolumeclaim="data"}"#, 10),
      .constant(#"node_filesystem_avail_bytes{instance="node-1",fstype="ext4",mountpoint="/"}"#, 50),
      .constant(#"node_filesystem_size_bytes{instance="node-1",fstype="ext4",mountpoint="/"}"#, 100),
      .constant(#"node_filesystem_avail_bytes{instance="node-1",fstype="tmpfs",mountpoint="/run"}"#, 0),
      .constant(#"node_filesystem_size_bytes{instance="node-1",fstype="tmpfs",mountpoint="/run"}"#, 1),
    ]
  }

  private static func backup(_ platform: TestPlatform, secondsAgo: Int) {
    platform.cluster.put(
      "cronjobs", "staging", "postgres-backup",
      .of(["status": .of(["lastSuccessfulTime": .string(KubernetesStandIn.time(secondsAgo: secondsAgo))])]))
  }

  @Test("All ten points of a platform that is well are well, in a run and in a dry run")
  func healthy() throws {
    let certificates = try TestCertificates()
    let certificate = try certificates.certificate(until: "20490102030405Z")
    let (server, port) = try certificates.server(showing: certificate)
    defer { end(server) }
    let cache = try RedisServer(password: "correct horse")
    cache.command("set", "key", "value")
    let load = cache.load("get", "key")
    let platform = try TestPlatform(
      database: PostgreSQLServer(), cache: cache, prometheus: PrometheusServer(Self.metrics(good: true)),
      outside: TestPlatform.Outside(url: "https://localhost:\(port)", trusted: certificate))
    Self.backup(platform, secondsAgo: 3600)
    for options in [[], ["--dry-run"]] {
      let result = platform.belay(
        [
          "run", platform.path("daily/daily-health-check.yaml"), "--environment", "staging", "--input",
          "cache-sample=1",
        ]
          + options)
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      for point in Self.points { #expect(result.output.contains("✓ \(point) "), "\(point)") }
    }
    #expect(platform.changes == [])
    withExtendedLifetime(load) {}
  }

  @Test("Every point tells what is wrong with it, and hides no other one")
  func broken() throws {
    let certificates = try TestCertificates()
    let certificate = try certificates.certificate(until: "20490102030405Z")
    let (server, port) = try certificates.server(showing: certificate)
    defer { end(server) }
    let database = try PostgreSQLServer()
    let session = database.openTransaction(application: "web")
    #expect(Waiting.until { database.idleSessions(of: "web") == 1 })
    let cache = try RedisServer()
    let load = cache.load("get", "nothing")
    let platform = try TestPlatform(
      database: database, cache: cache, prometheus: PrometheusServer(Self.metrics(good: false)),
      outside: TestPlatform.Outside(url: "https://localhost:\(port)", trusted: certificate))
    Self.backup(platform, secondsAgo: 200_000)
    platform.cluster.crash("backend", in: "staging")
    #expect(Waiting.until { platform.cluster.readyPods("staging").count == 7 })
    let result = platform.run(
      "daily/daily-health-check.yaml",
      ["cache-sample": "1", "pool-percent": "5", "certificate-validity": "36500d"])
    #expect(result.status == 1)
    let shown = platform.shown
    for point in Self.points { #expect(shown.contains("✗ \(point)  failed: "), "\(point): \(shown)") }
    #expect(shown.contains("Running, ready False"))
    #expect(shown.contains("app restarted 5 times, now CrashLoopBackOff, last ended Error"))
    #expect(shown.contains("% of the requests to api fail, the limit is 1 %"))
    #expect(shown.contains("the 95th percentile of api is 0.4"))
    #expect(shown.contains("100 % of a pool of api is in use, the limit is 5 %"))
    #expect(shown.contains("✗ cache  failed: 0 of "))
    #expect(shown.contains("50000 messages wait in a queue, the limit is 1000"))
    #expect(shown.contains("cronjob/postgres-backup last succeeded at "))
    #expect(shown.contains("the certificate of https://localhost:\(port) expires on 2049-01-02T03:04:05Z"))
    #expect(shown.contains("10 % of a volume is free, less than 20 %"))
    withExtendedLifetime((load, session)) {}
  }

  @Test("What cannot be asked fails, and a cache that nobody asks is skipped")
  func nothingKnown() throws {
    let platform = try TestPlatform(
      database: PostgreSQLServer(), cache: RedisServer(), prometheus: PrometheusServer([]))
    let result = platform.run("daily/daily-health-check.yaml", ["cache-sample": "1"])
    #expect(result.status == 1)
    let shown = platform.shown
    for point in ["errors", "latency", "connections", "queues", "disks"] {
      #expect(shown.contains("✗ \(point)  failed: "), "\(point): \(shown)")
    }
    #expect(shown.contains("no data"))
    #expect(shown.contains("✗ backup  failed: Error from server (NotFound)"))
    #expect(shown.contains("✗ certificates  failed: "))
    #expect(shown.contains("✓ pods  succeeded"))
    #expect(shown.contains("– cache  skipped"))
  }

  private func end(_ server: CommandRunner.Running) {
    server.signal(SIGTERM)
    _ = server.wait()
  }
}
