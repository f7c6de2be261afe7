import BelayTestSupport
import CanonicalJSON
import Glibc
import KubernetesStandIn
import Testing

/// Programs that run in a pod, through the whole of `belay`, the real `kubectl` and a cluster that is a stand-in.
@Suite(.enabled(if: Kubectl.isExpected, "kubectl is missing"))
struct PodTests {
  private let cluster: KubernetesStandIn
  private let kubectl: Kubectl
  private var world = FarWorld()

  init() throws {
    cluster = try KubernetesStandIn(readyAfter: 1)
    cluster.deploy("api", in: "shop")
    cluster.deploy("bare", in: "shop", image: "registry/distroless:1")
    kubectl = Kubectl(cluster)
    world.environment = kubectl.environment
    let cluster = cluster
    #expect(Waiting.until { cluster.readyPods("shop").count == 2 })
  }

  private static let head = "defaults: {on: {pod: deployment/api, namespace: shop, container: app, context: test}}"
  private static let bare = "defaults: {on: {pod: deployment/bare, namespace: shop, context: test}}"

  @Test("each word arrives as it stands")
  func wordsArrive() {
    let words = ([world.recordingWords()] + FarWorld.words).map(FarWorld.quoted).joined(separator: ", ")
    let path = world.runbook(Self.head, steps: "  - {id: say, effect: observe, exec: [\(words)]}")
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(world.recordedWords == FarWorld.words)
    let request = cluster.requests.last { $0.path.hasSuffix("/exec") }
    #expect(request?.query.first { $0.name == "container" }?.value == "app")
  }

  @Test("variables and secrets arrive, and stand in no process's arguments and no request")
  func invariant7_nothingIsInArguments() {
    var world = world
    let token = "s3cret 'and \"so' $on\nline two"
    world.environment["FAR_TOKEN"] = token
    let path = world.runbook(
      Self.head + "\ninputs: {token: {type: secret, from: {env: FAR_TOKEN}}}",
      steps: """
          - id: look
            effect: observe
            env: {PLAIN: "plain-value-of-a-variable", TOKEN: "${{ inputs.token }}"}
            input: "and input"
            exec: ["\(world.lookingAtArguments())", canary-in-an-argument]
        """)
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(world.directory.read("variables") == "plain-value-of-a-variable\n\(token)\n")
    let seen = Set((world.directory.read("seen") ?? "").split(separator: "\n").map { $0.prefix { $0 != " " } })
    #expect(seen == ["CANARY"], "\(world.directory.read("seen") ?? "")")
    for request in cluster.requests {
      #expect(!request.query.contains { $0.value.contains("plain-value") || $0.value.contains("s3cret") })
    }
  }

  @Test("the exit status, both outputs, the input and the directory are the program's own")
  func resultsComeBack() {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: fail
            effect: observe
            directory: /usr/lib
            input: "no line break"
            exec: [sh, -c, "pwd; cat; echo wrong >&2; exit 41"]
            expect: result.exit == 41 && result.stdout == "/usr/lib\\nno line break" && result.stderr == "wrong\\n"
        """)
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
  }

  @Test("much input and much output arrive")
  func muchArrives() {
    let size = 300_000
    let path = world.runbook(
      Self.head,
      steps: """
          - id: read
            effect: observe
            input: "\(String(repeating: "0123456789", count: size / 10))"
            exec: [cat]
            expect: size(result.stdout) == \(size) && result.stderr == ""
        """)
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test("a pod that is not there is a refused start, and nothing has to be undone")
  func aMissingPodIsRefused() {
    let path = world.runbook(
      steps: """
          - id: change
            on: {pod: deployment/web, namespace: shop, context: test}
            repeatable: true
            rollback: {exec: ["true"]}
            exec: ["true"]
        """)
    let result = world.belay("run", path)
    #expect(result.status == 1, "\(result)")
    let text = result.output + result.errors
    #expect(text.contains("deployment/web in shop cannot be reached") && text.contains("not found"), "\(result)")
    #expect(!text.contains("undo change"), "\(result)")
  }

  @Test("a stop ends the process group there", arguments: [false, true])
  func invariant10_aStopEndsTheGroup(deaf: Bool) {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: wait
            rollback: none
            because: nothing is changed
            repeatable: true
            exec: ["\(world.goingOn(deaf: deaf))"]
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { world.pids.count == 2 }, "it has not started")
    engine.signal(SIGTERM)
    let result = engine.wait()
    #expect(result.status == 7, "\(result)")
    #expect(world.allHaveEnded(within: 0), "still there when the engine had ended: \(world.pids)")
  }

  @Test("a killed engine ends the process group there")
  func invariant10_aKilledEngineEndsTheGroup() {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: wait
            rollback: none
            because: nothing is changed
            repeatable: true
            exec: ["\(world.goingOn())"]
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { world.pids.count == 2 }, "it has not started")
    engine.signal(SIGKILL)
    _ = engine.wait()
    #expect(world.allHaveEnded())
  }

  @Test("a lost connection ends the process group there, and leaves doubt")
  func invariant10_aLostConnectionEndsTheGroup() {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: wait
            rollback: {exec: [touch, "\(world.directory.path("undone"))"], on: local}
            exec: ["\(world.goingOn())"]
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { world.pids.count == 2 }, "it has not started")
    let clients = CommandRunner.run(["pgrep", "-P", "\(engine.pid)"]).output.split(separator: "\n").compactMap {
      pid_t($0)
    }
    #expect(clients.count == 1)
    for client in clients { kill(client, SIGKILL) }
    let result = engine.wait()
    #expect(result.status == 1, "\(result)")
    #expect(world.allHaveEnded())
    #expect((result.output + result.errors).contains("the connection to deployment/api in shop was lost"), "\(result)")
    #expect(TestFile.exists(world.directory.path("undone")), "what may have been done is undone")
  }

  @Test("without a shell there, plain words and input arrive, and the exit status comes back")
  func wordsArriveWithoutAShell() {
    let words = ([world.recordingWords()] + FarWorld.words).map(FarWorld.quoted).joined(separator: ", ")
    let path = world.runbook(
      Self.bare,
      steps: """
          - {id: say, effect: observe, exec: [\(words)]}
          - id: fail
            effect: observe
            input: "given"
            exec: [awk, "{print; exit 5}"]
            expect: result.exit == 5 && result.stdout == "given\\n"
        """)
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(world.recordedWords == FarWorld.words)
  }

  @Test("without a shell there, what would have to get there otherwise is refused")
  func theRestIsRefusedWithoutAShell() {
    var world = world
    world.environment["FAR_TOKEN"] = "s3cret"
    for (line, message) in [
      ("env: {TOKEN: \"${{ inputs.token }}\"}", "a secret cannot get there"),
      ("input: \"${{ inputs.token }}\"", "a secret cannot get there"),
      ("env: {A: b}", "the variable A cannot get there"), ("directory: /usr", "`directory` cannot be entered"),
    ] {
      let path = world.runbook(
        Self.bare + "\ninputs: {token: {type: secret, from: {env: FAR_TOKEN}}}",
        steps: "  - id: look\n    effect: observe\n    exec: [\"true\"]\n    \(line)")
      let result = world.belay("run", path)
      #expect(result.status == 1, "\(result)")
      #expect((result.output + result.errors).contains(message), "\(result)")
    }
  }

  @Test("without a shell there, a stop says what may still be running")
  func aStopWithoutAShellSaysSo() {
    let path = world.runbook(
      Self.bare,
      steps: """
          - id: wait
            rollback: none
            because: nothing is changed
            repeatable: true
            timeout: 1s
            exec: ["\(world.goingOn())"]
        """)
    let result = world.belay("run", path)
    #expect(result.status != 0)
    #expect(result.output.contains("it may still be running"), "\(result)")
    #expect(world.belay("show", world.run).output.contains("it may still be running"), "\(result)")
    #expect(world.pids.allSatisfy(FarWorld.isRunning), "which it is")
  }
}
