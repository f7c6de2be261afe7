import BelayTestSupport
import Testing

/// Scenarios that are written from real runs, and runs that are held against the runbook of today.
@Suite struct RehearsalRecordTests {
  private let world = TemporaryDirectory()

  private func belay(_ arguments: String..., secret: String = "") -> CommandResult {
    CommandRunner.run(
      [BelayBinary.path] + arguments,
      environment: [
        "PATH": "/usr/local/bin:/usr/bin:/bin", "BELAY_STORE": world.path("store"), "SECRET": secret, "NO_COLOR": "1",
        "SWIFT_BACKTRACE": "enable=no", "WORLD": world.path,
      ], directory: world.path)
  }

  private static let runbook = """
    belay: 1
    name: night
    version: 1.0.0
    inputs:
      words: {type: list, of: string, default: ["a b", "it's: \\"x\\"", "10"]}
      wait: {type: duration, default: 1m30s}
      room: {type: size, default: 1Mi}
      secret: {type: secret, from: {env: SECRET}}
    on-failure: rollback
    steps:
      - id: look
        effect: observe
        run: 'printf "42 %s\\n" "$SECRET"; echo "# second: line" >&2'
        env: {SECRET: "${{ inputs.secret }}"}
        outputs: {number: {type: int, value: "int(result.lines[0].split(' ')[0])"}}
      - id: make
        run: touch made
        applied: {exec: [test, -f, made]}
        verify: [{run: 'echo x >> polls; [[ $(wc -l < polls) -gt 3 ]]', every: 20ms, within: 20s}]
        rollback: {exec: [rm, made]}
      - id: each
        for-each: inputs.words
        on-failure: continue
        effect: observe
        exec: [test, "${{ item }}", "!=", "10"]
      - id: hangs
        when: steps.look.outputs.number == 42
        effect: observe
        exec: [sleep, "60"]
        timeout: 100ms
    """

  @Test("a scenario of a run, played, comes to what the run came to; secrets are not in it")
  func record() throws {
    world.write("night.yaml", Self.runbook)
    #expect(belay("run", "night.yaml", secret: "s3cret-value").status == 1)
    let recorded = belay("rehearse", "record", "last")
    #expect(recorded.status == 0, "\(recorded.errors)")
    #expect(!recorded.output.contains("s3cret-value"))
    #expect(recorded.output.contains("until: "))
    world.write("scenario.yaml", recorded.output)
    #expect(belay("validate", "scenario.yaml").output.contains("scenario.yaml is valid"))
    #expect(belay("fmt", "--check", "scenario.yaml").status == 0)
    let played = belay("rehearse", "--scenario", "scenario.yaml")
    #expect(played.status == 0, "\(played.output)\(played.errors)")
    #expect(played.output.contains("undo make"))
    #expect(played.output.contains("rolled-back (scripted)"))
  }

  @Test("a run is held against the runbook of today")
  func replay() {
    world.write("night.yaml", Self.runbook)
    _ = belay("run", "night.yaml", secret: "s3cret-value")
    let same = belay("rehearse", "replay", "last")
    #expect(same.status == 0, "\(same.output)\(same.errors)")
    #expect(same.output.contains("nothing would be done differently"))
    let changed =
      Self.runbook.replacing("touch made", with: "touch -c made").replacing("- id: hangs", with: "- id: waits")
      + "\n  - {id: more, needs: [look], effect: observe, exec: [df]}\n"
    world.write("today.yaml", changed)
    let other = belay("rehearse", "replay", "last", "--runbook", "today.yaml")
    #expect(other.status == 1)
    for line in [
      "touch made", "touch -c made", "- steps.hangs", "+ steps.waits", "+ steps.more", "would end as failed",
    ] {
      #expect(other.output.contains(line), "\(line)\n\(other.output)")
    }
    let json = belay("rehearse", "replay", "last", "--runbook", "today.yaml", "--format", "json")
    #expect(json.output.contains("\"same-plan\": false"))
    world.write("night.yaml", Self.runbook.replacing("inputs:\n", with: "inputs:\n  new: string\n"))
    #expect(belay("rehearse", "replay", "last").status == 2)
  }

  @Test("checks, waits and the like that ended before a kill are no faults", arguments: ["KILL", "TERM"])
  func endedBefore(signal: String) {
    world.write(
      "killed.yaml",
      """
      belay: 1
      name: killed
      version: 1.0.0
      steps:
        - {id: look, check: {exec: ["true"]}}
        - {id: pause, wait: 10ms}
        - {id: right, assert: 1 < 2}
        - id: make
          run: 'if ! [[ -e died ]]; then touch died; kill -\(signal) $PPID; sleep 60; fi'
          repeatable: true
          rollback: none
          because: it stays
      """)
    #expect(belay("run", "killed.yaml").status != 0)
    let unfinished = belay("rehearse", "record", "last")
    #expect(unfinished.output.contains("# Not in the scenario: it was not over"), "\(unfinished.output)")
    #expect(belay("rehearse", "replay", "last").status == 0)
    #expect(belay("resume", "last").status == 0)
    let recorded = belay("rehearse", "record", "last")
    #expect(recorded.output.split(separator: "\n").count { $0.contains("kind: ") } == 1, "\(recorded.output)")
    #expect(recorded.output.contains("{at: steps.make, kind: crash-before}"))
    world.write("scenario.yaml", recorded.output)
    let played = belay("rehearse", "--scenario", "scenario.yaml")
    #expect(played.status == 0, "\(played.output)\(played.errors)")
    let replayed = belay("rehearse", "replay", "last")
    #expect(replayed.status == 0, "\(replayed.output)")
  }

  @Test("whatever a program prints can be read again")
  func odd() {
    world.write(
      "odd.yaml",
      """
      belay: 1
      name: odd
      version: 1.0.0
      steps:
        - {id: print, effect: observe, exec: [printf, 'a\\x7fb\\xef\\xbf\\xbe\\xc2\\x85c\\xe2\\x80\\xa8d\\n# : - "e"\\t\\001']}
      """)
    #expect(belay("run", "odd.yaml").status == 0)
    let recorded = belay("rehearse", "record", "last")
    world.write("scenario.yaml", recorded.output)
    let played = belay("rehearse", "--scenario", "scenario.yaml")
    #expect(played.status == 0, "\(recorded.output)\(played.errors)")
  }

  @Test("an engine that was killed dies in the scenario, too", arguments: ["touch made; ", ""])
  func killed(before: String) {
    world.write(
      "killed.yaml",
      """
      belay: 1
      name: killed
      version: 1.0.0
      steps:
        - id: make
          run: |
            if ! [[ -e died ]]; then touch died; \(before)kill -9 $PPID; sleep 60; fi
            touch made
          applied: {exec: [test, -f, made]}
          rollback: {exec: [rm, made]}
      """)
    #expect(belay("run", "killed.yaml").status != 0)
    #expect(belay("resume", "last").status == 0)
    let recorded = belay("rehearse", "record", "last")
    #expect(recorded.output.contains(before.isEmpty ? "kind: crash-before" : "kind: crash-after"), "\(recorded.output)")
    world.write("scenario.yaml", recorded.output)
    let played = belay("rehearse", "--scenario", "scenario.yaml")
    #expect(played.status == 0, "\(played.output)\(played.errors)")
    #expect(played.output.contains("the engine died"))
  }
}
