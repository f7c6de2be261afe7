import BelayTestSupport
import CanonicalJSON
import Glibc
import KubernetesStandIn
import Testing

/// The stand-in, as the real `kubectl` sees it.
@Suite(.enabled(if: Kubectl.isExpected, "kubectl is missing"))
struct KubectlTests {
  private let cluster: KubernetesStandIn
  private let kubectl: Kubectl

  init() throws {
    cluster = try KubernetesStandIn(readyAfter: 5)
    cluster.deploy("api", in: "shop", replicas: 2)
    kubectl = Kubectl(cluster)
  }

  private func waitForDeployment() -> [String] {
    let result = kubectl("rollout", "status", "deployment/api", "--timeout=60s")
    #expect(result.status == 0, "\(result)")
    return cluster.readyPods("shop")
  }

  @Test func objectsAreShown() throws {
    #expect(waitForDeployment().count == 2)
    let pods = kubectl("get", "pods", "--selector=app=api", "--output=name")
    #expect(pods.output == cluster.readyPods("shop").map { "pod/\($0)\n" }.joined())
    let replicas = kubectl("get", "deploy", "api", "--output=jsonpath={.status.readyReplicas}")
    #expect(replicas.output == "2", "\(replicas)")
    let missing = kubectl("get", "deployment", "web")
    #expect(missing.status == 1)
    #expect(missing.errors.contains("deployments.apps \"web\" not found"), "\(missing)")
    let events = kubectl("get", "events", "--output=jsonpath={.items[*].reason}")
    #expect(events.output == "SuccessfulCreate SuccessfulCreate", "\(events)")
  }

  @Test func aRestartReplacesEveryPod() {
    let before = waitForDeployment()
    cluster.makePodsReady(after: .max)
    let restart = kubectl("rollout", "restart", "deployment/api")
    #expect(restart.status == 0, "\(restart)")
    let status = kubectl.start("rollout", "status", "deployment/api", "--timeout=60s")
    #expect(Waiting.until { status.outputSoFar.contains("Waiting for deployment") }, "it is waited for")
    cluster.makePodsReady(after: 1)
    let result = status.wait()
    #expect(result.status == 0 && result.output.contains("successfully rolled out"), "\(result)")
    let after = cluster.readyPods("shop")
    #expect(after.count == 2)
    #expect(Set(before).isDisjoint(with: after))
    #expect(cluster.objects("replicasets", "shop").count == 2)
    #expect(cluster.requests.contains { $0.method == "PATCH" && $0.path.hasSuffix("/deployments/api") })
  }

  @Test func aScaleIsFollowed() {
    _ = waitForDeployment()
    let scale = kubectl("scale", "deployment/api", "--replicas=4")
    #expect(scale.status == 0, "\(scale)")
    #expect(waitForDeployment().count == 4)
    #expect(kubectl("scale", "deployment/api", "--replicas=1").status == 0)
    #expect(Waiting.until { cluster.readyPods("shop").count == 1 })
  }

  @Test func aBadImageIsNeverReadyAndIsUndone() throws {
    let before = waitForDeployment()
    let set = kubectl("set", "image", "deployment/api", "app=registry/does-not-exist:2")
    #expect(set.status == 0, "\(set)")
    #expect(kubectl("rollout", "status", "deployment/api", "--timeout=1s").status == 1)
    #expect(Set(cluster.readyPods("shop")) == Set(before), "the old pods stay")
    let history = kubectl("rollout", "history", "deployment/api")
    #expect(history.output.contains("1 ") && history.output.contains("2 "), "\(history)")
    let undo = kubectl("rollout", "undo", "deployment/api")
    #expect(undo.status == 0, "\(undo)")
    #expect(Set(waitForDeployment()) == Set(before))
    #expect(cluster.objects("replicasets", "shop").count == 2, "it is the first set again")
  }

  @Test func aDeletedPodIsReplaced() throws {
    let before = waitForDeployment()
    let pod = try #require(before.first)
    let result = kubectl("delete", "pod", pod)
    #expect(result.status == 0, "\(result)")
    #expect(Waiting.until { cluster.readyPods("shop").count == 2 })
    #expect(!cluster.readyPods("shop").contains(pod))
  }

  @Test func aPortForwardReachesAPort() throws {
    _ = waitForDeployment()
    // Another cluster's port will do for something to talk to: it answers over HTTP.
    let other = try KubernetesStandIn()
    other.deploy("web", in: "far-away")
    cluster.expose("api", in: "shop", port: 9090, targetPort: other.port)
    let forward = kubectl.start("port-forward", "svc/api", ":9090")
    defer {
      forward.signal(SIGKILL)
      _ = forward.wait()
    }
    #expect(Waiting.until { forward.outputSoFar.contains("Forwarding from 127.0.0.1:") })
    let port = forward.outputSoFar.split(separator: ":").dropFirst().first?.prefix { $0.isNumber } ?? ""
    let url = "http://127.0.0.1:\(port)"
    for _ in 0..<3 {
      let answer = CommandRunner.run(["curl", "-sS", "--max-time", "20", "\(url)/api/v1/namespaces/far-away"])
      #expect(answer.output.contains("\"name\":\"far-away\""), "\(answer)")
    }
    let directory = TemporaryDirectory()
    let body = String(repeating: "0123456789", count: 30_000)
    let sent = CommandRunner.run(
      ["curl", "-sS", "--max-time", "20", "-X", "PUT", "-H", "Expect:", "--data-binary", "@-", "\(url)/nothing/here"],
      input: directory.write("body", body))
    #expect(sent.output.contains("NotFound"), "\(sent)")
    #expect(other.requests.last?.body == body, "much arrives")
    #expect(cluster.requests.contains { $0.path.hasSuffix("/portforward") })
  }

  @Test func anExecRunsWhatItIsGiven() {
    _ = waitForDeployment()
    let result = kubectl("exec", "deployment/api", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    #expect(result.status == 3)
    #expect(result.output == "out\n")
    #expect(result.errors == "err\ncommand terminated with exit code 3\n")
    let request = cluster.requests.last { $0.path.hasSuffix("/exec") }
    #expect(
      request?.query.filter { $0.name == "command" }.map(\.value) == ["sh", "-c", "echo out; echo err >&2; exit 3"])
  }
}
