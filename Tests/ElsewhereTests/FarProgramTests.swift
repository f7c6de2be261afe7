import BelayTestSupport
import Glibc
import Testing

/// Programs that run elsewhere, through the whole of `belay`.
@Suite(.enabled(if: FarPlace.areExpected, "openssh-server or kubectl is missing"))
struct FarProgramTests {
  @Test("each word arrives as it stands", arguments: FarPlace.allCases)
  func wordsArrive(_ place: FarPlace) throws {
    let site = try FarSite(place)
    let words = ([site.world.recordingWords()] + FarWorld.words).map(FarWorld.quoted).joined(separator: ", ")
    let path = site.world.runbook(site.head, steps: "  - {id: say, effect: observe, exec: [\(words)]}")
    let result = site.world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(site.world.recordedWords == FarWorld.words)
    if let cluster = site.cluster {
      let request = cluster.requests.last { $0.path.hasSuffix("/exec") }
      #expect(request?.query.first { $0.name == "container" }?.value == "app")
    }
  }

  @Test(
    "variables and secrets arrive, and stand in no process's arguments and no request", arguments: FarPlace.allCases)
  func invariant7_nothingIsInArguments(_ place: FarPlace) throws {
    let site = try FarSite(place)
    var world = site.world
    let token = "s3cret 'and \"so' $on\nline two"
    world.environment["FAR_TOKEN"] = token
    let path = world.runbook(
      site.head + "\ninputs: {token: {type: secret, from: {env: FAR_TOKEN}}}",
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
    #expect(seen == ["CANARY"], "an argument is seen, a variable is not: \(world.directory.read("seen") ?? "")")
    for request in site.cluster?.requests ?? [] {
      #expect(!request.query.contains { $0.value.contains("plain-value") || $0.value.contains("s3cret") })
    }
  }

  @Test(
    "input arrives to the byte, and its end", arguments: FarPlace.allCases,
    ["", "no line break", "one\n", "\n\ntwo'\n\n", "é\\0$x`\n"])
  func inputArrives(_ place: FarPlace, _ input: String) throws {
    let site = try FarSite(place)
    let path = site.world.runbook(
      site.head,
      steps: """
          - id: read
            effect: observe
            input: \(FarWorld.quoted(input))
            exec: [sh, -c, "cat > '\(site.world.directory.path("input"))'; echo done"]
            expect: result.stdout == "done\\n"
        """)
    let result = site.world.belay("run", path)
    #expect(result.status == 0, "\(result)")
    #expect(site.world.directory.read("input") == input)
  }

  @Test("much input and much output arrive", arguments: FarPlace.allCases)
  func muchArrives(_ place: FarPlace) throws {
    let site = try FarSite(place)
    let size = 300_000
    let path = site.world.runbook(
      site.head,
      steps: """
          - id: read
            effect: observe
            input: "\(String(repeating: "0123456789", count: size / 10))"
            exec: [cat]
            expect: size(result.stdout) == \(size) && result.stderr == ""
        """)
    let result = site.world.belay("run", path)
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test("the exit status, both outputs and the directory are the program's own", arguments: FarPlace.allCases)
  func resultsComeBack(_ place: FarPlace) throws {
    let site = try FarSite(place)
    let path = site.world.runbook(
      site.head,
      steps: """
          - id: fail
            effect: observe
            directory: /usr/lib
            input: "no line break"
            exec: [sh, -c, "pwd; cat; echo wrong >&2; exit 41"]
            expect: result.exit == 41 && result.stdout == "/usr/lib\\nno line break" && result.stderr == "wrong\\n"
          - id: script
            effect: observe
            run: |
              false || echo "$0"
              exit 3
            expect: result.exit == 3 && result.stdout == "bash\\n"
        """)
    let result = site.world.belay("run", path)
    #expect(result.status == 0, "\(result)")
  }

  @Test("what is not there is refused, and nothing has to be undone", arguments: FarPlace.allCases)
  func whatIsNotThereIsRefused(_ place: FarPlace) throws {
    let site = try FarSite(place)
    for (line, message) in [
      ("exec: [no-such-program]", "the program \"no-such-program\" is not on \(site.name)"),
      ("directory: /no/such\n    exec: [\"true\"]", "the working directory /no/such cannot be entered on \(site.name)"),
      ("exec: [\"true\"]\n    env: {a.b: x}", "the variable a.b cannot be given"),
      ("exec: [\"true\"]\n    on: \(site.nowhere.on)", site.nowhere.message),
    ] {
      let path = site.world.runbook(
        site.head, steps: "  - id: change\n    repeatable: true\n    rollback: {exec: [\"true\"]}\n    \(line)")
      let result = site.world.belay("run", path)
      #expect(result.status == 1, "\(result)")
      #expect((result.output + result.errors).contains(message), "\(result)")
      #expect(!(result.output + result.errors).contains("undo change"), "\(result)")
    }
  }

  @Test("a stop ends the process group there", arguments: FarPlace.allCases, [false, true])
  func invariant10_aStopEndsTheGroup(_ place: FarPlace, deaf: Bool) throws {
    let site = try FarSite(place)
    let engine = site.world.start("run", site.going(deaf: deaf))
    #expect(Waiting.until { site.world.pids.count == 2 }, "it has not started")
    #expect(site.world.pids.allSatisfy(FarWorld.isRunning))
    engine.signal(SIGTERM)
    let result = engine.wait()
    #expect(result.status == 7, "\(result)")
    #expect(site.world.allHaveEnded(within: 0), "still there when the engine had ended: \(site.world.pids)")
  }

  @Test("a lost connection ends the process group there, and leaves doubt", arguments: FarPlace.allCases)
  func invariant10_aLostConnectionEndsTheGroup(_ place: FarPlace) throws {
    let site = try FarSite(place)
    let path = site.world.runbook(
      site.head,
      steps: """
          - id: wait
            rollback: {exec: [touch, "\(site.world.directory.path("undone"))"], on: local}
            exec: ["\(site.world.goingOn())"]
        """)
    let engine = site.world.start("run", path)
    #expect(Waiting.until { site.world.pids.count == 2 }, "it has not started")
    let clients = FarWorld.children(of: engine.pid, named: site.client)
    #expect(clients.count == 1)
    for client in clients { kill(client, SIGKILL) }
    let result = engine.wait()
    #expect(result.status == 1, "\(result)")
    #expect(site.world.allHaveEnded())
    #expect((result.output + result.errors).contains("the connection to \(site.name) was lost"), "\(result)")
    #expect(TestFile.exists(site.world.directory.path("undone")), "what may have been done is undone")
  }

  @Test(
    "a killed engine ends the process group there, and the next one waits for its end", arguments: FarPlace.allCases)
  func invariant10_aKilledEngineEndsTheGroup(_ place: FarPlace) throws {
    let site = try FarSite(place)
    let engine = site.world.start("run", site.going(deaf: true))
    #expect(Waiting.until { site.world.pids.count == 2 }, "it has not started")
    engine.signal(SIGKILL)
    _ = engine.wait()
    let next = site.world.start("resume", site.world.run)
    // The second start is the repetition: by then nothing of the first may run.
    #expect(Waiting.until { site.world.pids.count == 4 }, "it was not repeated")
    #expect(
      site.world.pids.prefix(2).allSatisfy { !FarWorld.isRunning($0) }, "the first still ran when it was repeated")
    next.signal(SIGTERM)
    #expect(next.wait().status == 7)
    #expect(site.world.allHaveEnded(within: 0))
  }
}

extension FarSite {
  /// A runbook whose one step goes on for ever.
  fileprivate func going(deaf: Bool) -> String {
    world.runbook(
      head,
      steps: """
          - id: wait
            rollback: none
            because: nothing is changed
            repeatable: true
            exec: ["\(world.goingOn(deaf: deaf))"]
        """)
  }
}
