import BelayTestSupport
import CanonicalJSON
import KubernetesStandIn
import Testing

/// The deployment with a real Prometheus, which tells how the canary and the service do, and the real `kubectl`.
@Suite("Deployment with a canary", .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct CanaryDeploymentTests {
  /// What is measured of a service: requests, failures and slow ones in a second.
  private static func measured(_ service: String, requests: Double, failures: Double = 0, slow: Double = 0)
    -> [PrometheusServer.Series]
  {
    let labels = #"namespace="staging",service="\#(service)""#
    let name = "http_server_request_duration_seconds"
    return [
      .rising(#"\#(name)_count{\#(labels),http_response_status_code="200"}"#, by: requests - failures),
      .rising(#"\#(name)_count{\#(labels),http_response_status_code="500"}"#, by: failures),
      .rising(#"\#(name)_bucket{\#(labels),le="0.1"}"#, by: requests - slow),
      .rising(#"\#(name)_bucket{\#(labels),le="5"}"#, by: requests),
      .rising(#"\#(name)_bucket{\#(labels),le="+Inf"}"#, by: requests),
    ]
  }

  private func platform(canary: [PrometheusServer.Series]) throws -> TestPlatform {
    let prometheus = try PrometheusServer(Self.measured("api", requests: 50) + canary)
    let platform = try TestPlatform(prometheus: prometheus)
    platform.cluster.deploy("api-canary", in: "staging", replicas: 0, image: "registry/api:1.0.0")
    return platform
  }

  private func deploy(_ platform: TestPlatform, _ options: String...) -> CommandResult {
    platform.belay(
      [
        "run", platform.path("deployment/canary-deployment.yaml"), "--environment", "staging", "--input",
        "image=registry/api:2.0.0", "--input", "warm-up=2s", "--input", "watch=1s", "--input", "patience=20s",
      ] + options)
  }

  private func image(_ name: String, _ platform: TestPlatform) -> String? {
    let deployment = platform.cluster.object("deployments", "staging", name)
    return deployment?["spec"]?["template"]?["spec"]?["containers"]?.array?.first?["image"]?.string
  }

  private func canaryPods(_ platform: TestPlatform) -> [String] {
    platform.cluster.readyPods("staging").filter { $0.hasPrefix("api-canary-") }
  }

  @Test("A canary that does well is followed by the whole service, and goes") func succeeds() throws {
    let platform = try platform(canary: Self.measured("api-canary", requests: 5))
    let result = deploy(platform)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(image("api", platform) == "registry/api:2.0.0")
    #expect(image("api-canary", platform) == "registry/api:2.0.0")
    #expect(canaryPods(platform) == [])
    #expect(platform.told.contains("registry/api:2.0.0 to staging: succeeded"))
  }

  @Test(
    "A canary that fails, is slow, or has too little to do is taken away, and the service is not touched",
    arguments: [
      (failures: 1.0, slow: 0.0, requests: 5.0, says: "% of the requests to api-canary fail, the limit is 1 %"),
      (failures: 0.0, slow: 2.0, requests: 5.0, says: "the 95th percentile of api-canary is"),
      (failures: 0.0, slow: 0.0, requests: 0.1, says: "100 are wanted"),
    ])
  func backsOut(failures: Double, slow: Double, requests: Double, says: String) throws {
    let canary = Self.measured("api-canary", requests: requests, failures: failures, slow: slow)
    let platform = try platform(canary: canary)
    let result = deploy(platform)
    #expect(result.status == 1, "\(result.output)\(result.errors)")
    #expect((result.output + result.errors).contains(says))
    #expect(image("api", platform) == "registry/api:1.0.0")
    #expect(canaryPods(platform) == [])
    #expect(platform.shown.contains("rolled-back"))
    let patches = platform.cluster.requests.filter { $0.method == "PATCH" && $0.path.hasSuffix("/deployments/api") }
    #expect(patches.isEmpty)
  }

  @Test("A canary that nothing is known of is no good news") func silent() throws {
    let platform = try platform(canary: [])
    let result = deploy(platform)
    #expect(result.status == 1, "\(result.output)\(result.errors)")
    #expect(canaryPods(platform) == [])
    #expect(image("api", platform) == "registry/api:1.0.0")
  }

  @Test("A release that cannot run does not get as far as a measurement") func cannotRun() throws {
    let platform = try platform(canary: Self.measured("api-canary", requests: 5))
    let result = platform.belay([
      "run", platform.path("deployment/canary-deployment.yaml"), "--environment", "staging", "--input",
      "image=registry/does-not-exist:2", "--input", "patience=2s",
    ])
    #expect(result.status == 1, "\(result.output)\(result.errors)")
    #expect(image("api", platform) == "registry/api:1.0.0")
    #expect(
      platform.cluster.objects("pods", "staging").allSatisfy {
        $0["metadata"]?["name"]?.string?.hasPrefix("api-canary-") == false
      })
  }

  @Test("A dry run measures what there is, and asks the cluster what it would do") func dryRun() throws {
    let platform = try platform(canary: Self.measured("api-canary", requests: 5))
    let plan = platform.belay([
      "plan", platform.path("deployment/canary-deployment.yaml"), "--environment", "staging", "--input",
      "image=registry/api:2.0.0",
    ])
    #expect(plan.status == 0, "\(plan.errors)")
    let result = deploy(platform, "--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    let changes = platform.cluster.requests.filter { ["PATCH", "PUT", "DELETE", "POST"].contains($0.method) }
    #expect(!changes.isEmpty)
    #expect(changes.allSatisfy { request in request.query.contains { $0.name == "dryRun" } })
    #expect(image("api", platform) == "registry/api:1.0.0")
  }
}
