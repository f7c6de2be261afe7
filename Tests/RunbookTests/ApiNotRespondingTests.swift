import BelayTestSupport
import KubernetesStandIn
import Testing

/// The API is kept from responding on purpose, and why is found.
@Suite("API not responding", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct APINotRespondingTests {
  private let platform: TestPlatform

  init() throws { platform = try TestPlatform() }

  private func diagnose(_ service: String = "api") -> (came: TestPlatform.Finding, restsOn: String) {
    let found = platform.diagnose("api-not-responding", ["service": service])
    #expect(platform.changes == [])
    return found
  }

  /// Makes another deployment with a service, and waits for its pods to be as they will stay.
  private func deploy(_ name: String, replicas: Int = 1, image: String, until text: String) {
    platform.cluster.deploy(name, in: "staging", replicas: replicas, image: image)
    platform.cluster.expose(name, in: "staging", port: 80, targetPort: 8080)
    let platform = platform
    #expect(
      Waiting.until {
        platform.cluster.objects("pods", "staging").filter {
          $0["metadata"]?["labels"]?["app"]?.string == name && String(describing: $0).contains(text)
        }.count == replicas
      })
  }

  @Test("All is well in the cluster, and the address does not answer") func unreachable() {
    let found = diagnose()
    #expect(found.came == TestPlatform.Finding(finding: "unreachable", mendedBy: ""))
    #expect(found.restsOn.hasPrefix("http://127.0.0.1:9/health: curl: (7) Failed to connect"))
  }

  @Test("It responds") func responding() throws {
    let certificates = try TestCertificates()
    let certificate = try certificates.certificate(until: "20490102030405Z")
    let (server, port) = try certificates.server(showing: certificate)
    let platform = try TestPlatform(outside: .init(url: "https://localhost:\(port)", trusted: certificate))
    let found = platform.diagnose("api-not-responding")
    #expect(found.came == TestPlatform.Finding(finding: "responding", mendedBy: ""))
    #expect(found.restsOn == "deployment/api wanted: 2, updated: 2, available: 2")
    server.signal(15)
    _ = server.wait()
  }

  @Test("It is not there") func noDeployment() {
    #expect(
      diagnose("search").came == TestPlatform.Finding(finding: "no-deployment", mendedBy: ""))
  }

  @Test("It is scaled to nothing") func scaledToNothing() {
    platform.cluster.deploy("search", in: "staging", replicas: 0)
    #expect(diagnose("search").came == TestPlatform.Finding(finding: "scaled-to-nothing", mendedBy: "scale-service"))
  }

  @Test("Its image cannot be had") func imageMissing() {
    deploy("search", image: "registry/does-not-exist:2", until: "ImagePullBackOff")
    let found = diagnose("search")
    #expect(found.came == TestPlatform.Finding(finding: "image-missing", mendedBy: "undo-release"))
    #expect(found.restsOn.contains("app waits for ImagePullBackOff"))
  }

  @Test("It ends again and again, and its last words are shown") func crashing() {
    platform.cluster.setLog(of: "search", in: "staging", previous: "DATABASE_URL is not set\n")
    deploy("search", image: "registry/search:crashes", until: "CrashLoopBackOff")
    let found = diagnose("search")
    #expect(found.came == TestPlatform.Finding(finding: "crashing", mendedBy: "undo-release"))
    #expect(found.restsOn.hasSuffix("; DATABASE_URL is not set"))
  }

  @Test("It needs more memory than it may have") func outOfMemory() {
    platform.cluster.crash("api", in: "staging", reason: "OOMKilled")
    let platform = platform
    #expect(Waiting.until { platform.cluster.readyPods("staging").count == 7 })
    #expect(diagnose().came == TestPlatform.Finding(finding: "out-of-memory", mendedBy: "change-management"))
  }

  @Test("No node has room for it") func noRoom() {
    deploy("search", image: "registry/search:too-large", until: "Unschedulable")
    #expect(diagnose("search").came == TestPlatform.Finding(finding: "no-room", mendedBy: "scale-service"))
  }

  @Test("It runs, and does not become ready") func notReady() {
    platform.cluster.makePodsReady(after: .max)
    deploy("search", image: "registry/search:1", until: "ContainerCreating")
    #expect(diagnose("search").came == TestPlatform.Finding(finding: "not-ready", mendedBy: "service-recovery"))
  }

  @Test("The service does not lead to its pods") func leadsNowhere() {
    platform.cluster.expose("api", in: "staging", port: 80, targetPort: 8080, selecting: ["app": "apis"])
    let platform = platform
    #expect(
      Waiting.until {
        platform.cluster.object("endpointslices", "staging", "api-slice")?["endpoints"]?.array?.isEmpty == true
      })
    #expect(diagnose().came == TestPlatform.Finding(finding: "service-leads-nowhere", mendedBy: "change-management"))
  }
}
