import BelayTestSupport
import CanonicalJSON
import Glibc
import KubernetesStandIn
import Testing

extension ObservationStage {
  /// The runbooks that are run here, by their places in the project.
  var runbooks: [String] {
    switch self {
    case .platform:
      [
        "runbooks/cache/raise-cache-memory.yaml", "runbooks/checklists/change-management.yaml",
        "runbooks/checklists/incident-declaration.yaml", "runbooks/checklists/post-deployment.yaml",
        "runbooks/checklists/pre-deployment.yaml", "runbooks/daily/daily-health-check.yaml",
        "runbooks/database/database-primary.yaml", "runbooks/database/end-long-queries.yaml",
        "runbooks/database/vacuum-database.yaml", "runbooks/deployment/canary-deployment.yaml",
        "runbooks/service/scale-service.yaml", "runbooks/service/undo-release.yaml",
        "runbooks/troubleshooting/api-slow.yaml", "runbooks/troubleshooting/cache-hit-rate-low.yaml",
        "runbooks/troubleshooting/database-slow.yaml", "runbooks/troubleshooting/pool-exhausted.yaml",
      ]
    case .crash: ["runbooks/recovery/service-recovery.yaml", "runbooks/troubleshooting/api-not-responding.yaml"]
    case .promotion: ["runbooks/recovery/database-promotion.yaml"]
    case .rotation: ["runbooks/security/rotate-database-credentials.yaml"]
    case .backup: ["runbooks/backup/backup-verification.yaml"]
    case .connections: ["runbooks/troubleshooting/database-connections.yaml"]
    case .host: ["runbooks/daily/host-health-check.yaml"]
    case .release: ["examples/release/release.yaml"]
    }
  }

  /// Starts what the runbooks look at.
  func parts() throws -> Parts {
    switch self {
    case .platform: try Self.platform()
    case .crash: try Self.crash()
    case .promotion: try Self.promotion()
    case .rotation: try Self.rotation()
    case .backup: try Self.backup()
    case .connections: try Self.connections()
    case .host: try Self.host()
    case .release: try Self.release()
    }
  }

  // MARK: In a cluster

  private static func platform() throws -> Parts {
    let (outside, server) = try outside()
    let database = try PostgreSQLServer(settings: ["shared_preload_libraries=pg_stat_statements"])
    _ = database.query("create extension pg_stat_statements")
    let query = database.openTransaction(application: "report")
    query.send("select pg_sleep(600);")
    #expect(
      Waiting.until {
        database.query(
          "select count(*) from pg_stat_activity where state = 'active' and clock_timestamp() - query_start > '300ms'"
        ) == "1"
      })
    let cache = try RedisServer(maximumMemory: "2mb")
    cache.command("set", "key", "value")
    let load = cache.load("get", "key")
    let prometheus = try PrometheusServer(PlatformMetrics.good, rules: PlatformMetrics.rules)
    #expect(Waiting.until { !prometheus.ask("/api/v1/rules").output.contains(#""health":"unknown""#) })
    let platform = try TestPlatform(database: database, cache: cache, prometheus: prometheus, outside: outside)
    platform.cluster.put(
      "cronjobs", "staging", "postgres-backup",
      .of(["status": .of(["lastSuccessfulTime": .string(KubernetesStandIn.time(secondsAgo: 3600))])]))
    platform.cluster.deploy("api-canary", in: "staging", replicas: 0, image: "registry/api:1.0.0")
    // A release before the present one, to go back to.
    for command in [
      ["set", "image", "deployment/api", "app=registry/api:1.0.1"],
      ["rollout", "status", "deployment/api", "--timeout=60s"],
    ] {
      let done = platform.kubectl(command)
      #expect(done.status == 0, "\(done)")
    }
    return Parts(
      [
        Arrangement(runbook: "runbooks/cache/raise-cache-memory.yaml", inputs: ["memory": "64Mi", "sample": "1"]),
        Arrangement(
          runbook: "runbooks/checklists/change-management.yaml",
          inputs: [
            "change": "CR-7", "window-start": KubernetesStandIn.time(secondsAgo: 60),
            "window-end": KubernetesStandIn.time(secondsAgo: -3600),
          ]),
        Arrangement(
          runbook: "runbooks/checklists/incident-declaration.yaml",
          inputs: [
            "severity": "SEV-2", "what": "The API does not answer", "alert": "ApiDown", "commander": "Ada",
            "channel": "https://chat.example.com/incident-7", "customer-facing": "true",
          ]),
        Arrangement(runbook: "runbooks/checklists/post-deployment.yaml"),
        Arrangement(runbook: "runbooks/checklists/pre-deployment.yaml", inputs: ["release": "1.0.1"]),
        Arrangement(runbook: "runbooks/daily/daily-health-check.yaml", inputs: ["cache-sample": "1"]),
        Arrangement(runbook: "runbooks/database/database-primary.yaml"),
        Arrangement(runbook: "runbooks/database/end-long-queries.yaml", inputs: ["query-limit": "200ms"]),
        Arrangement(runbook: "runbooks/database/vacuum-database.yaml"),
        Arrangement(
          runbook: "runbooks/deployment/canary-deployment.yaml",
          inputs: ["image": "registry/api:2.0.0", "warm-up": "2s", "watch": "1s", "patience": "20s"]),
        Arrangement(runbook: "runbooks/service/scale-service.yaml", inputs: ["pods": "4"]),
        Arrangement(runbook: "runbooks/service/undo-release.yaml"),
        Arrangement(runbook: "runbooks/troubleshooting/api-slow.yaml", inputs: ["sample": "1"]),
        Arrangement(runbook: "runbooks/troubleshooting/cache-hit-rate-low.yaml", inputs: ["sample": "1"]),
        Arrangement(runbook: "runbooks/troubleshooting/database-slow.yaml", inputs: ["sample": "1"]),
        Arrangement(runbook: "runbooks/troubleshooting/pool-exhausted.yaml"),
      ], file: { platform.path(String($0.dropFirst("runbooks/".count))) }, options: ["--environment", "staging"],
      variables: platform.kubectl.environment, cluster: platform.cluster, keeping: (platform, server, load, query))
  }

  /// A service the newest release of which crashes.
  private static func crash() throws -> Parts {
    let (outside, server) = try outside()
    let platform = try TestPlatform(outside: outside)
    let set = platform.kubectl("set", "image", "deployment/backend", "app=registry/backend:crashes")
    #expect(set.status == 0, "\(set)")
    platform.cluster.setLog(of: "backend", in: "staging", previous: "no such column: lead.score\n")
    #expect(
      Waiting.until { String(describing: platform.cluster.objects("pods", "staging")).contains("CrashLoopBackOff") })
    platform.cluster.crash("frontend", in: "staging")
    #expect(Waiting.until { platform.cluster.readyPods("staging").allSatisfy { !$0.hasPrefix("frontend-") } })
    let recovery = "runbooks/recovery/service-recovery.yaml"
    let undo = Set([".preconditions.0", ".preconditions.1", "/look", "/undo"].map { "steps.undo-release\($0)" })
    return Parts(
      [
        // Nothing is to be done.
        Arrangement(
          runbook: recovery, inputs: ["service": "api", "holds": "1s"],
          spared: undo.union(["steps.last-words[]", "steps.restart"])),
        // What is not made in the dry run leaves the service as ill as it is.
        Arrangement(
          runbook: recovery, inputs: ["service": "backend", "patience": "1s"],
          spared: ["steps.restart", "steps.well.items.0.all.1.any.1"]),
        Arrangement(
          runbook: recovery, inputs: ["service": "frontend", "suspect-for": "0s", "patience": "1s"],
          spared: undo.union(["steps.well.items.0.all.1.any.1"])),
        Arrangement(runbook: "runbooks/troubleshooting/api-not-responding.yaml", inputs: ["service": "backend"]),
      ], file: { platform.path(String($0.dropFirst("runbooks/".count))) }, options: ["--environment", "staging"],
      variables: platform.kubectl.environment, cluster: platform.cluster, keeping: (platform, server))
  }

  private static func promotion() throws -> Parts {
    let pair = try DatabasePair()
    return Parts(
      [Arrangement(runbook: "runbooks/recovery/database-promotion.yaml")],
      file: { pair.copy.folder + $0.dropFirst("runbooks".count) }, options: ["--environment", "staging"],
      variables: pair.copy.variables, cluster: pair.cluster, keeping: pair)
  }

  private static func rotation() throws -> Parts {
    let users = try CredentialUsers()
    return Parts(
      [Arrangement(runbook: "runbooks/security/rotate-database-credentials.yaml", inputs: ["health-holds": "1s"])],
      file: { users.copy.folder + $0.dropFirst("runbooks".count) }, options: ["--environment", "staging"],
      variables: users.copy.variables, cluster: users.cluster, keeping: users)
  }

  /// A server that answers over TLS, with a certificate that is trusted.
  private static func outside() throws -> (TestPlatform.Outside, EndedServer) {
    let certificates = try TestCertificates()
    let certificate = try certificates.certificate(until: "20490102030405Z")
    let (server, port) = try certificates.server(showing: certificate)
    return (.init(url: "https://localhost:\(port)", trusted: certificate), EndedServer(server, certificates))
  }

  // MARK: Without one

  private static func backup() throws -> Parts {
    let source = try PostgreSQLServer()
    let scratch = try PostgreSQLServer()
    let directory = TemporaryDirectory()
    _ = source.query("create database shop")
    _ = source.query("create table lead (id int, made timestamptz)", of: "shop")
    _ = source.query("insert into lead select id, now() from generate_series(1, 1000) as id", of: "shop")
    let made = CommandRunner.run([
      "pg_dump", "--format=custom", "--host", source.socket, "--port", "\(source.port)", "--username", "postgres",
      "--file", directory.path("shop.dump"), "shop",
    ])
    #expect(made.status == 0, "\(made.errors)")
    directory.write(
      "shop.dump.sha256", CommandRunner.run(["sha256sum", "shop.dump"], directory: directory.path).output)
    return Parts(
      [
        Arrangement(
          runbook: "runbooks/backup/backup-verification.yaml",
          inputs: [
            "directory": directory.path, "host": scratch.socket, "port": "\(scratch.port)",
            "tables": #"["lead"]"#, "newest-in": "lead:made",
          ])
      ], keeping: (source, scratch, directory))
  }

  private static func connections() throws -> Parts {
    let server = try PostgreSQLServer()
    let session = server.openTransaction(application: "web")
    #expect(Waiting.until { server.idleSessions(of: "web", for: "300ms") == 1 })
    return Parts(
      [
        Arrangement(
          runbook: "runbooks/troubleshooting/database-connections.yaml",
          inputs: ["host": server.socket, "port": "\(server.port)", "idle-limit": "200ms"],
          spared: ["steps.look-elsewhere.items.0"]),
        Arrangement(
          runbook: "runbooks/troubleshooting/database-connections.yaml",
          inputs: ["host": server.socket, "port": "\(server.port)", "idle-limit": "1h"]),
      ], keeping: (server, session))
  }

  private static func host() throws -> Parts {
    let certificates = try TestCertificates()
    let certificate = try certificates.certificate(until: "20490102030405Z")
    let (server, port) = try certificates.server(showing: certificate)
    let now = CommandRunner.run(["date", "--utc", "+Date: %a, %d %b %Y %H:%M:%S GMT"], environment: ["LC_ALL": "C"])
    let clock = StatusServer(header: String(now.output.prefix { $0 != "\n" }))
    let lenient = ["max-disk-percent=100", "min-memory-percent=0", "max-load-per-processor=1000000"]
    let services = ["clock-server", "certificate-files", "certificate-servers", "services", "processes"]
    return Parts(
      [
        Arrangement(
          runbook: "runbooks/daily/host-health-check.yaml",
          inputs: [
            "clock-server": clock.url, "max-clock-offset": "10m", "certificate-files": "[\"\(certificate)\"]",
            "certificate-servers": "[\"localhost:\(port)\"]", "processes": #"["openssl"]"#,
            "services": #"["no-such.service"]"#,
          ], spared: ["steps.clock-service", "steps.clock-service.preconditions.0"], mayFail: ["steps.services"]),
        Arrangement(
          runbook: "runbooks/daily/host-health-check.yaml",
          spared: Set(services.map { "steps.\($0)" } + (hasTimeService ? [] : ["steps.clock-service"])),
          mayFail: ["steps.clock-service"]),
      ], options: lenient.flatMap { ["--input", $0] }, keeping: (clock, EndedServer(server, certificates)))
  }

  private static func release() throws -> Parts {
    let directory = TemporaryDirectory()
    let machine = directory.path("machine")
    let example = BelayBinary.projectRoot + "/examples/release"
    let made = CommandRunner.run([example + "/prepare", machine])
    #expect(made.status == 0, "\(made.errors)")
    let inputs = ["--inputs", machine + "/inputs.yaml"]
    let first = BelayBinary.run(
      ["run", example + "/release.yaml", "-i", "version=1.0"] + inputs, store: directory.path("store"))
    #expect(first.status == 0, "\(first.errors)")
    return Parts(
      [Arrangement(runbook: "examples/release/release.yaml", inputs: ["version": "1.1"])], options: inputs,
      keeping: ReleasedServer(directory, stop: ["perl", example + "/server", "stop", machine]))
  }
}

/// A server that is ended along with the object.
private final class EndedServer {
  private let server: CommandRunner.Running
  private let kept: Any

  init(_ server: CommandRunner.Running, _ kept: Any) {
    self.server = server
    self.kept = kept
  }

  deinit {
    server.signal(SIGKILL)
    _ = server.wait()
  }
}

/// The release example's server, which a command stops.
private final class ReleasedServer {
  private let directory: TemporaryDirectory
  private let stop: [String]

  init(_ directory: TemporaryDirectory, stop: [String]) {
    self.directory = directory
    self.stop = stop
  }

  deinit { _ = CommandRunner.run(stop) }
}
