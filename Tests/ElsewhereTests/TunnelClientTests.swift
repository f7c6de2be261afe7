import BelayTestSupport
import Glibc
import KubernetesStandIn
import Testing

/// Tunnels, through the whole of `belay`, with real clients.
@Suite(.enabled(if: SSHServer.isExpected && Kubectl.isExpected, "openssh-server or kubectl is missing"))
struct TunnelClientTests {
  /// What is at the far end: it answers over HTTP.
  private let far: KubernetesStandIn
  private let cluster: KubernetesStandIn
  private let server: SSHServer
  private let kubectl: Kubectl
  private var world = FarWorld()

  init() throws {
    far = try KubernetesStandIn()
    far.deploy("web", in: "far-away")
    cluster = try KubernetesStandIn(readyAfter: 1)
    cluster.deploy("api", in: "shop")
    cluster.expose("api", in: "shop", port: 9090, targetPort: far.port)
    server = try SSHServer()
    kubectl = Kubectl(cluster)
    world.environment = kubectl.environment.merging(["PATH": server.path]) { $1 }
    let cluster = cluster
    #expect(Waiting.until { cluster.readyPods("shop").count == 1 })
  }

  private var tunnels: String {
    """
    tunnels:
      machine: {ssh: \(SSHServer.host), to: "127.0.0.1:\(far.port)"}
      service: {service: svc/api, namespace: shop, context: test, port: 9090}
    """
  }

  private static let path = "/api/v1/namespaces/far-away"

  @Test("lead to what they say, over ssh and through kubectl, and end with the run")
  func lead() {
    let path = world.runbook(
      tunnels + "\npreconditions: [{http: {url: \"${{ tunnels.machine.url }}\(Self.path)\"}}]",
      steps: """
          - {id: machine, http: {url: "${{ tunnels.machine.url }}\(Self.path)"}, expect: "result.json.metadata.name == 'far-away'"}
          - {id: service, http: {url: "${{ tunnels.service.url }}\(Self.path)"}, expect: "result.json.metadata.name == 'far-away'"}
          - {id: tell, effect: observe, exec: [sh, -c, "echo $1 > \(world.directory.path("port"))", sh, "${{ tunnels.machine.port }}"]}
        """)
    for result in [world.belay("run", path), world.belay("run", "--dry-run", path)] {
      #expect(result.status == 0, "\(result)")
    }
    let port = world.directory.read("port")?.split(separator: "\n").first ?? "?"
    let after = CommandRunner.run(["curl", "-sS", "--max-time", "10", "http://127.0.0.1:\(port)/"])
    #expect(after.status == 7, "nobody listens there any more: \(after)")
  }

  @Test("one that is cut is opened again, at the port it had")
  func cut() {
    let started = world.directory.path("started")
    let goOn = world.directory.path("go-on-now")
    let path = world.runbook(
      tunnels,
      steps: """
          - id: use
            effect: observe
            env: {URL: "${{ tunnels.machine.url }}\(Self.path)"}
            run: |
              touch '\(started)'
              until [ -e '\(goOn)' ]; do sleep 0.05; done
              curl -sS --retry 100 --retry-delay 1 --retry-max-time 60 --retry-connrefused "$URL"
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { TestFile.exists(started) })
    let clients = FarWorld.children(of: engine.pid, named: "ssh")
    #expect(clients.count == 1)
    for client in clients { kill(client, SIGKILL) }
    #expect(Waiting.until { clients.allSatisfy { !FarWorld.isRunning($0) } })
    _ = world.directory.write("go-on-now", "")
    let result = engine.wait()
    #expect(result.status == 0, "\(result)")
    #expect((result.output + result.errors).contains("The tunnel machine was lost"), "\(result)")
  }

  @Test("one that leads nowhere leaves the run unmet, and says why")
  func nowhere() {
    let path = world.runbook(
      "tunnels: {t: {service: svc/none, namespace: shop, context: test, port: 1}}",
      steps:
        "  - {id: a, exec: [touch, \(world.directory.path("touched"))], rollback: none, because: x, repeatable: true}")
    let result = world.belay("run", path)
    #expect(result.status == 5, "\(result)")
    #expect((result.output + result.errors).contains("services \"none\" not found"), "\(result)")
    #expect(!TestFile.exists(world.directory.path("touched")))
  }

  @Test("where somebody else has its port by then, it is opened at another")
  func portIsTaken() throws {
    let goOn = world.directory.path("go-on-now")
    let path = world.runbook(
      "tunnels: {machine: {ssh: \(SSHServer.host), to: \"127.0.0.1:\(far.port)\"}}",
      steps: """
          - {id: use, effect: observe, exec: [sh, -c, "test -e '\(goOn)' || exec sleep 100000"]}
          - {id: check, http: {url: "${{ tunnels.machine.url }}\(Self.path)"}}
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { !FarWorld.children(of: engine.pid, named: "sleep").isEmpty })
    let clients = FarWorld.children(of: engine.pid, named: "ssh")
    engine.signal(SIGKILL)
    let first = engine.wait().output
    for client in clients { kill(client, SIGKILL) }
    #expect(Waiting.until { clients.allSatisfy { !FarWorld.isRunning($0) } })
    let port = first.split(separator: "open at 127.0.0.1:").dropFirst().first?.prefix { $0.isNumber } ?? ""
    let other = CommandRunner.start(["python3", "-m", "http.server", "--bind", "127.0.0.1", String(port)])
    defer {
      other.signal(SIGKILL)
      _ = other.wait()
    }
    #expect(
      Waiting.until { CommandRunner.run(["curl", "-sS", "-o", "/dev/null", "http://127.0.0.1:\(port)/"]).status == 0 })
    _ = world.directory.write("go-on-now", "")
    let result = world.belay("resume", world.run)
    #expect(result.status == 0, "\(result)")
    #expect(!result.output.contains("open at 127.0.0.1:\(port)"), "\(result)")
  }

  @Test("a killed engine's tunnels and background programs end before the next one goes on, which has its own")
  func invariant10_aKilledEnginesServicesEnd() {
    let path = world.runbook(
      tunnels,
      steps: """
          - id: keep
            background: true
            exec: ["\(world.goingOn(deaf: true))"]
            ready: {exec: [test, -s, "\(world.directory.path("pids"))"], every: 50ms}
          - id: use
            effect: observe
            exec: [sh, -c, "test -e '\(world.directory.path("go-on-now"))' || exec sleep 100000"]
          - {id: check, http: {url: "${{ tunnels.service.url }}\(Self.path)"}}
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { !FarWorld.children(of: engine.pid, named: "sleep").isEmpty })
    let clients =
      FarWorld.children(of: engine.pid, named: "ssh") + FarWorld.children(of: engine.pid, named: "kubectl")
    #expect(clients.count == 2)
    engine.signal(SIGKILL)
    _ = engine.wait()
    _ = world.directory.write("go-on-now", "")
    let result = world.belay("resume", world.run)
    #expect(result.status == 0, "\(result)")
    #expect(clients.allSatisfy { !FarWorld.isRunning($0) })
    #expect(world.pids.count == 4, "it was started again")
    #expect(world.allHaveEnded())
  }
}
