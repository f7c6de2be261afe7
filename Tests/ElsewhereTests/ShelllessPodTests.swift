import BelayTestSupport
import KubernetesStandIn
import Testing

/// Programs that run in a container without a shell, through the whole of `belay`, the real `kubectl` and a cluster that is
/// a stand-in.
@Suite(.enabled(if: Kubectl.isExpected, "kubectl is missing"))
struct ShelllessPodTests {
  private let cluster: KubernetesStandIn
  private let kubectl: Kubectl
  private var world = FarWorld()

  init() throws {
    cluster = try KubernetesStandIn(readyAfter: 1)
    cluster.deploy("bare", in: "shop", image: "registry/distroless:1")
    kubectl = Kubectl(cluster)
    world.environment = kubectl.environment
    let cluster = cluster
    #expect(Waiting.until { cluster.readyPods("shop").count == 1 })
  }

  private static let bare = "defaults: {on: {pod: deployment/bare, namespace: shop, context: test}}"

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
