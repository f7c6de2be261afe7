import BelayTestSupport
import CanonicalJSON
import Glibc
import KubernetesStandIn
import Testing

/// The checklists: what looks for itself is looked at really, and the rest is left to people.
@Suite("Checklists", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct ChecklistTests {
  private static let api = #"namespace="staging",service="api""#

  private static let good: [PrometheusServer.Series] = [
    .rising(#"http_server_request_duration_seconds_count{\#(api),http_response_status_code="200"}"#, by: 50),
    .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="0.1"}"#, by: 49),
    .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="0.5"}"#, by: 50),
    .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="+Inf"}"#, by: 50),
    .rising(#"leads_processed_total{namespace="staging"}"#, by: 3),
    .rising("loki_distributor_lines_received_total", by: 100),
    // It has fired for as long as is known.
    .constant(#"ALERTS{alertname="DiskSpace",alertstate="firing",namespace="staging"}"#, 1),
  ]

  private static let bad: [PrometheusServer.Series] = [
    .rising(#"http_server_request_duration_seconds_count{\#(api),http_response_status_code="200"}"#, by: 40),
    .rising(#"http_server_request_duration_seconds_count{\#(api),http_response_status_code="500"}"#, by: 10),
    .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="0.1"}"#, by: 1),
    .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="0.5"}"#, by: 50),
    .rising(#"http_server_request_duration_seconds_bucket{\#(api),le="+Inf"}"#, by: 50),
    // Nothing in the last quarter of an hour.
    PrometheusServer.Series(
      #"leads_processed_total{namespace="staging"}"#,
      (0..<60).map { Double($0 * 90) } + Array(repeating: 5310, count: 31)),
    .constant("loki_distributor_lines_received_total", 100),
    PrometheusServer.Series(#"ALERTS{alertname="HighErrorRate",alertstate="firing",namespace="staging"}"#, [1, 1]),
  ]

  /// Rules for alerts of these names.
  private static func rules(_ names: [String]) -> String {
    "groups:\n- name: platform\n  rules:\n"
      + names.map { "  - {alert: \($0), expr: vector(0) > 1}\n" }.joined()
  }

  private static let alerts = [
    "ApiDown", "HighErrorRate", "HighLatency", "DatabaseConnectionPool", "DiskSpace", "HighCpu", "PodRestartLoop",
  ]

  /// A Prometheus whose rules have been evaluated once, as they must be to count as sound.
  private func prometheus(_ series: [PrometheusServer.Series], alerts: [String] = []) throws -> PrometheusServer {
    let server = try PrometheusServer(series, rules: Self.rules(alerts))
    #expect(Waiting.until { !server.ask("/api/v1/rules").output.contains(#""health":"unknown""#) })
    return server
  }

  /// How many things a checklist leaves to people, as a dry run shows them.
  private func left(_ result: CommandResult) -> Int {
    result.output.split(separator: "\n").filter { $0.contains("? items ") }.count
  }

  @Test("Before a deployment: what can be looked at is well, and the rest is left to people") func preDeployment()
    throws
  {
    let platform = try TestPlatform(prometheus: prometheus(Self.good, alerts: Self.alerts))
    let result = platform.run("checklists/pre-deployment.yaml", ["release": "1.0.0"], "--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(left(result) == 7)
    #expect(platform.changes == [])
  }

  @Test("Before a deployment: what is not well is named, each of it") func preDeploymentBad() throws {
    let platform = try TestPlatform(prometheus: prometheus(Self.bad, alerts: Array(Self.alerts.dropLast())))
    platform.cluster.makePodsReady(after: .max)
    platform.cluster.deploy("api", in: "staging", replicas: 2, image: "registry/api:1.0.1")
    #expect(Waiting.until { platform.cluster.objects("replicasets", "staging").count == 4 })
    let result = platform.run("checklists/pre-deployment.yaml", ["release": "1.1.0"], "--dry-run")
    #expect(result.status == 0, "a dry run tells, and exits with 0")
    for text in [
      "There is a release to go back to, and the present one is whole: deployment/api: ",
      "nobody watches for PodRestartLoop",
      "staging runs registry/api:1.0.1", "the 95th percentile in staging is 0.4",
    ] {
      #expect((result.output + result.errors).contains(text), "\(text): \(result.output)")
    }
  }

  @Test("After a deployment: seven things look for themselves") func postDeployment() throws {
    let certificates = try TestCertificates()
    let certificate = try certificates.certificate(until: "20490102030405Z")
    let (server, port) = try certificates.server(showing: certificate)
    let platform = try TestPlatform(
      prometheus: prometheus(Self.good), outside: .init(url: "https://localhost:\(port)", trusted: certificate))
    let result = platform.run("checklists/post-deployment.yaml", [:], "--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(left(result) == 3)
    server.signal(SIGTERM)
    _ = server.wait()
  }

  @Test("After a deployment: each that does not hold is named") func postDeploymentBad() throws {
    let platform = try TestPlatform(prometheus: prometheus(Self.bad))
    platform.cluster.crash("api", in: "staging")
    #expect(Waiting.until { platform.cluster.readyPods("staging").count == 7 })
    let result = platform.run("checklists/post-deployment.yaml", [:], "--dry-run")
    #expect(result.status == 0, "a dry run tells, and exits with 0")
    for text in [
      "no connection to 127.0.0.1:9", "Running, ready False", "20 % of the requests to api fail",
      "the 95th percentile of api is 0.4", "1 alerts fire that did not 900s ago", "Loki gets no line",
      "0 % as many leads are processed as before",
    ] {
      #expect((result.output + result.errors).contains(text), "\(text): \(result.output)")
    }
  }

  @Test("A change: its window must not be over, and alerts must be watched for") func change() throws {
    let platform = try TestPlatform(prometheus: prometheus([], alerts: Self.alerts))
    let inputs: KeyValuePairs = [
      "change": "CR-7", "window-start": KubernetesStandIn.time(secondsAgo: 60),
      "window-end": KubernetesStandIn.time(secondsAgo: -3600),
    ]
    let result = platform.run("checklists/change-management.yaml", inputs, "--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(left(result) == 6)
    let over = platform.run(
      "checklists/change-management.yaml",
      [
        "change": "CR-7", "window-start": "2026-01-12T03:00:00Z", "window-end": "2026-01-12T04:00:00Z",
      ], "--dry-run")
    #expect(over.status == 0, "a dry run tells, and exits with 0")
    #expect(
      (over.output + over.errors).contains(
        "the window from 2026-01-12T03:00:00Z to 2026-01-12T04:00:00Z is none, or over"))
  }

  private static let incident: KeyValuePairs = [
    "severity": "SEV-2", "what": "The API does not answer", "alert": "ApiDown", "commander": "Ada",
    "channel": "https://chat.example.com/incident-7", "customer-facing": "true",
  ]

  @Test("An incident: a dry run tells nobody, and shows what is left to people") func incidentDryRun() throws {
    let platform = try TestPlatform()
    let result = platform.run("checklists/incident-declaration.yaml", Self.incident, "--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(left(result) == 6)
    #expect(platform.told == "")
  }

  @Test("An incident: people are told, and with nobody there to tick the run waits") func incident() throws {
    let platform = try TestPlatform()
    let result = platform.run("checklists/incident-declaration.yaml", Self.incident)
    #expect(result.status == 7, "\(result.output)\(result.errors)")
    #expect(platform.told.hasPrefix("SEV-2 acknowledged: The API does not answer\nAlert: ApiDown\nAcknowledged: "))
    #expect(platform.told.contains("\nLeads the response: Ada, in https://chat.example.com/incident-7\n"))
    #expect(platform.shown.contains("Next: belay resume "))
  }

  @Test("An incident: a person ticks the rest, says where it can be read up, and what does not apply")
  func incidentAttended() throws {
    let platform = try TestPlatform()
    let terminal = platform.attend("checklists/incident-declaration.yaml", Self.incident)
    func answer(_ text: String, to question: String, evidence: String? = nil) {
      #expect(terminal.waits(for: question), "\(question): \(terminal.screen)")
      terminal.type(text + "\n")
      guard let evidence else { return }
      #expect(terminal.waits(for: "evidence: "), "\(terminal.screen)")
      terminal.type(evidence + "\n")
      #expect(terminal.waits(for: evidence))
    }
    answer("yes", to: "It is SEV-2 by the table, acknowledged within 900s of the alert")
    answer("yes", to: "is open, and those who respond are in it", evidence: "chat/7")
    answer("yes", to: "Ada knows of leading the response")
    answer("n/a", to: "The status page tells of it")
    answer("yes", to: "The timeline has its first entries")
    #expect(terminal.waits(for: "evidence: ", times: 2))
    terminal.type("wiki/7\n")
    answer("yes", to: "It is agreed who tells whom")
    #expect(terminal.wait() == 0, "\(terminal.screen)")
    #expect(terminal.screen.contains("succeeded"))
    let log = platform.belay(["audit", "verify"])
    #expect(log.status == 0, "\(log.output)\(log.errors)")
  }

  @Test("A change: what a person says no to is named, and nothing goes on") func changeDenied() throws {
    let platform = try TestPlatform(prometheus: prometheus([], alerts: Self.alerts))
    let terminal = platform.attend(
      "checklists/change-management.yaml",
      [
        "change": "CR-7", "window-start": KubernetesStandIn.time(secondsAgo: 60),
        "window-end": KubernetesStandIn.time(secondsAgo: -3600),
      ])
    for item in [
      "CR-7 is submitted", "What may go wrong", "How it is undone", "The change advisory board", "The teams",
      "by what figures",
    ] {
      #expect(terminal.waits(for: item), "\(terminal.screen)")
      terminal.type("no\n")
    }
    #expect(terminal.wait() == 1, "\(terminal.screen)")
    #expect(platform.shown.contains("✗ items  failed: CR-7 is submitted, and says what changes and why: "))
  }
}
