import BelayTestSupport
import Glibc
import Testing

/// Programs that run on another machine, through the whole of `belay` and a real OpenSSH server.
@Suite(.enabled(if: SSHServer.isExpected, "openssh-server is missing"))
struct SSHTests {
  private let server: SSHServer
  private var world = FarWorld()

  init() throws {
    server = try SSHServer()
    world.environment = ["PATH": server.path]
  }

  private static let head = "defaults: {on: {ssh: \(SSHServer.host)}}"

  @Test("each word arrives as it stands")
  func wordsArrive() {
    let words = ([world.recordingWords()] + FarWorld.words).map(FarWorld.quoted).joined(separator: ", ")
    let path = world.runbook(Self.head, steps: "  - {id: say, effect: observe, exec: [\(words)]}")
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(world.recordedWords == FarWorld.words)
  }

  @Test("variables and secrets arrive, and stand in no process's arguments")
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
            exec: ["\(world.lookingAtArguments())", canary-in-an-argument]
        """)
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(world.directory.read("variables") == "plain-value-of-a-variable\n\(token)\n")
    let seen = Set((world.directory.read("seen") ?? "").split(separator: "\n").map { $0.prefix { $0 != " " } })
    #expect(seen == ["CANARY"], "an argument is seen, a variable is not: \(world.directory.read("seen") ?? "")")
  }

  @Test(
    "input arrives to the byte, and its end", arguments: ["", "no line break", "one\n", "\n\ntwo'\n\n", "é\\0$x`\n"])
  func inputArrives(_ input: String) {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: read
            effect: observe
            input: \(FarWorld.quoted(input))
            exec: [sh, -c, "cat > '\(world.directory.path("input"))'; echo done"]
            expect: result.stdout == "done\\n"
        """)
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(world.directory.read("input") == input)
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

  @Test("the exit status, both outputs and the directory are the program's own")
  func resultsComeBack() {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: fail
            effect: observe
            directory: /usr/lib
            exec: [sh, -c, "pwd; echo wrong >&2; exit 41"]
            expect: result.exit == 41 && result.stdout == "/usr/lib\\n" && result.stderr == "wrong\\n"
          - id: script
            effect: observe
            run: |
              false || echo "$0"
              exit 3
            expect: result.exit == 3 && result.stdout == "bash\\n"
        """)
    let result = world.belay("run", path)
    #expect(result.status == 0, "\(result)")
  }

  @Test("what is not there is refused, and nothing has to be undone")
  func whatIsNotThereIsRefused() {
    for (line, message) in [
      ("exec: [no-such-program]", "the program \"no-such-program\" is not on far"),
      ("directory: /no/such\n    exec: [\"true\"]", "the working directory /no/such cannot be entered on far"),
      ("exec: [\"true\"]\n    env: {a.b: x}", "the variable a.b cannot be given"),
      ("exec: [\"true\"]\n    on: {ssh: nobody@far}", "nobody@far cannot be reached, the client ended with status 255"),
    ] {
      let path = world.runbook(
        Self.head, steps: "  - id: change\n    repeatable: true\n    rollback: {exec: [\"true\"]}\n    \(line)")
      let result = world.belay("run", path)
      #expect(result.status == 1, "\(result)")
      #expect((result.output + result.errors).contains(message), "\(result)")
      #expect(!(result.output + result.errors).contains("undo change"), "\(result)")
    }
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
    #expect(world.pids.allSatisfy(FarWorld.isRunning))
    engine.signal(SIGTERM)
    let result = engine.wait()
    #expect(result.status == 7, "\(result)")
    #expect(world.allHaveEnded(within: 0), "still there when the engine had ended: \(world.pids)")
  }

  @Test("a lost connection ends the process group there, and leaves doubt")
  func invariant10_aLostConnectionEndsTheGroup() {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: wait
            rollback: {exec: [touch, "\(world.directory.path("undone"))"]}
            exec: ["\(world.goingOn())"]
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { world.pids.count == 2 }, "it has not started")
    let clients = FarWorld.children(of: engine.pid, named: "ssh")
    #expect(clients.count == 1)
    for client in clients { kill(client, SIGKILL) }
    let result = engine.wait()
    #expect(result.status == 1, "\(result)")
    #expect(world.allHaveEnded())
    #expect((result.output + result.errors).contains("the connection to far was lost"), "\(result)")
    #expect(TestFile.exists(world.directory.path("undone")), "what may have been done is undone")
  }

  @Test("a killed engine ends the process group there, and the next one waits for its end")
  func invariant10_aKilledEngineEndsTheGroup() {
    let path = world.runbook(
      Self.head,
      steps: """
          - id: wait
            rollback: none
            because: nothing is changed
            repeatable: true
            exec: ["\(world.goingOn(deaf: true))"]
        """)
    let engine = world.start("run", path)
    #expect(Waiting.until { world.pids.count == 2 }, "it has not started")
    engine.signal(SIGKILL)
    _ = engine.wait()
    let next = world.start("resume", world.run)
    // The second start is the repetition: by then nothing of the first may run.
    #expect(Waiting.until { world.pids.count == 4 }, "it was not repeated")
    #expect(world.pids.prefix(2).allSatisfy { !FarWorld.isRunning($0) }, "the first still ran when it was repeated")
    next.signal(SIGTERM)
    #expect(next.wait().status == 7)
    #expect(world.allHaveEnded(within: 0))
  }
}
