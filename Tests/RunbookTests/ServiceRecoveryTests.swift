import BelayTestSupport
import CanonicalJSON
import KubernetesStandIn
import Testing

/// The recovery with the real `kubectl`, of services that are down for one reason or another.
@Suite("Recovery of a service", .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct ServiceRecoveryTests {
  private let platform: TestPlatform

  init() throws { platform = try TestPlatform() }

  private func recover(_ inputs: [String: String] = [:], _ options: String...) -> CommandResult {
    let usual = ["service": "backend", "holds": "1s", "patience": "20s"]
    let given = usual.merging(inputs) { _, given in given }.sorted { $0.key < $1.key }
    return platform.belay(
      ["run", platform.path("recovery/service-recovery.yaml"), "--environment", "staging", "--yes"]
        + given.flatMap { ["--input", "\($0.key)=\($0.value)"] } + options)
  }

  private func release(_ image: String) {
    let cluster = platform.cluster
    let result = platform.kubectl("set", "image", "deployment/backend", "app=\(image)")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      Waiting.until {
        cluster.objects("pods", "staging").contains { pod in
          pod["spec"]?["containers"]?.array?.first?["image"]?.string == image
            && pod["status"]?["containerStatuses"]?.array?.first?["state"]?["waiting"] != nil
        }
      })
  }

  private var image: String? {
    let deployment = platform.cluster.object("deployments", "staging", "backend")
    return deployment?["spec"]?["template"]?["spec"]?["containers"]?.array?.first?["image"]?.string
  }

  private var pods: Set<String> {
    Set(platform.cluster.readyPods("staging").filter { $0.hasPrefix("backend-") })
  }

  @Test("A release that cannot run is undone, not restarted", arguments: ["does-not-exist", "crashes"])
  func badRelease(word: String) {
    let before = pods
    release("registry/\(word):2")
    platform.cluster.setLog(of: "backend", in: "staging", previous: "no such column: lead.score")
    let result = recover()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("done = undo-release"))
    #expect(image == "registry/backend:1.0.0")
    #expect(pods == before)
    let logs = platform.belay(["logs", "last"]).output
    #expect(logs.contains("no such column: lead.score") == (word == "crashes"))
  }

  @Test("Pods that crash of a release that was well for long are replaced") func restart() {
    let before = pods
    platform.cluster.crash("backend", in: "staging")
    let cluster = platform.cluster
    #expect(Waiting.until { cluster.readyPods("staging").count == 7 })
    // The release is as old as the test.
    let result = recover(["suspect-for": "0s"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("done = restart"))
    #expect(pods.count == 2)
    #expect(pods.isDisjoint(with: before))
    #expect(image == "registry/backend:1.0.0")
  }

  @Test("Where memory is lacking neither is done, and it says so") func memory() {
    platform.cluster.crash("backend", in: "staging", reason: "OOMKilled")
    let cluster = platform.cluster
    #expect(Waiting.until { cluster.readyPods("staging").count == 7 })
    let result = recover()
    #expect(result.status == 1, "\(result.output)\(result.errors)")
    #expect(platform.shown.contains("OOMKilled") || result.output.contains("lacks memory"))
    #expect(platform.cluster.requests.allSatisfy { $0.method == "GET" })
  }

  @Test("A service that is well is left alone") func nothing() {
    let before = pods
    let result = recover()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("done = nothing"))
    #expect(pods == before)
    #expect(platform.cluster.requests.allSatisfy { $0.method == "GET" })
  }

  @Test("A service that does not say that it is well is not recovered") func unhealthy() {
    let api = StatusServer(status: 503)
    platform.cluster.crash("backend", in: "staging")
    let cluster = platform.cluster
    #expect(Waiting.until { cluster.readyPods("staging").count == 7 })
    let result = recover(["suspect-for": "0s", "health": "\(api.url)/health", "patience": "3s"])
    #expect(result.status != 0)
    #expect((result.output + result.errors).contains("answers 503"), "\(result.output)\(result.errors)")
  }

  @Test("A dry run finds the cause and changes nothing") func dryRun() {
    release("registry/does-not-exist:2")
    let plan = platform.belay(
      ["plan", platform.path("recovery/service-recovery.yaml"), "--environment", "staging"])
    #expect(plan.status == 0, "\(plan.errors)")
    let asked = platform.cluster.requests.count
    let result = recover(["patience": "1s"], "--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(image == "registry/does-not-exist:2")
    let changes = platform.cluster.requests.dropFirst(asked).filter { $0.method != "GET" }
    #expect(changes.allSatisfy { request in request.query.contains { $0.name == "dryRun" } })
  }
}
