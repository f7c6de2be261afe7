import BelayTestSupport
import Testing

/// Stores that lost something: what is still there can be used.
@Suite struct DamageTests {
  private let world = TemporaryDirectory()
  private var store: String { world.path("store") }

  private func belay(_ arguments: String...) -> CommandResult {
    BelayBinary.run(arguments, store: store, directory: world.path)
  }

  private func interruptedRun(_ step: String) {
    world.write(
      "runbook.yaml",
      "belay: 1\nname: damage\nversion: 1.0.0\nlocks: [db]\nsteps:\n  - id: much\n"
        + "    run: head -c 300000 /dev/urandom | base64; echo end\n\(step)"
        + "    repeatable: true\n    rollback: {exec: [\"true\"]}\n  - {id: ask, effect: observe, manual: Look}\n")
    world.write(
      "other.yaml",
      "belay: 1\nname: other\nversion: 1.0.0\nlocks: [db]\nsteps:\n"
        + "  - {id: a, exec: [\"true\"], repeatable: true, rollback: {exec: [\"true\"]}}\n")
    #expect(belay("run", "other.yaml").status == 0)
    #expect(belay("run", "runbook.yaml").status == 7)
    let lost = CommandRunner.run(["find", store + "/outputs", "-name", "*.gz", "-print", "-delete"])
    #expect(!lost.output.isEmpty)
  }

  @Test("a run one of whose outputs is lost is shown, with a note, and is undone")
  func aLostOutput() {
    interruptedRun("")
    #expect(belay("runs").output.contains("interrupted"))
    let shown = belay("show", "last")
    #expect(shown.status == 0)
    #expect(shown.output.contains("is not in the store any more, or damaged there"), "\(shown)")
    #expect(belay("resume", "last").status == 7)
    #expect(belay("rollback", "last").status == 0)
    #expect(belay("audit", "verify").status == 1)
  }

  @Test("pruning leaves what a run is read by: it is shown as before, undone and proven")
  func pruning() {
    world.write(
      "runbook.yaml",
      """
      belay: 1
      name: pruned
      version: 1.0.0
      steps:
        - {id: talk, effect: observe, exec: [seq, "100000"]}
        - id: count
          effect: observe
          exec: [seq, "9"]
          expect: result.lines.size() == 9
          outputs: {last: {type: string, value: "result.lines[8]"}}
        - id: change
          exec: [touch, "${{ steps.count.outputs.last }}"]
          repeatable: true
          verify: [{exec: [ls, "9"], expect: "result.stdout.trim() == '9'"}]
          rollback: {exec: [rm, -f, "${{ steps.count.outputs.last }}"]}
        - {id: bye, effect: observe, exec: [echo, bye]}
        - {id: said, effect: observe, exec: [echo, hello], outputs: {q: {type: string, value: result.stdout.trim()}}}
        - {id: never, when: steps.said.outputs.q == 'x', effect: observe, exec: [echo, never]}
      """)
    #expect(belay("run", "runbook.yaml").status == 0)
    let before = belay("show", "last").output
    // A file of this very second might have been put there by an engine meanwhile.
    let aged = CommandRunner.run([
      "find", store + "/outputs", "-name", "*.gz", "-exec", "touch", "-d", "2020-01-01", "{}", ";",
    ])
    #expect(aged.status == 0)
    let pruned = belay("store", "prune", "--outputs-older-than", "0s")
    #expect(pruned.output.hasPrefix("pruned 2 outputs of 588899 bytes; 3 stay"), "\(pruned)")
    let shown = belay("show", "last").output
    #expect(shown.contains("count  succeeded  last = 9"), "\(shown)")
    #expect(shown.split(separator: "\n").count == before.split(separator: "\n").count + 2, "a note for each")
    let verified = belay("audit", "verify")
    #expect(verified.status == 0)
    #expect(verified.output.contains("2 stored outputs pruned:"), "\(verified)")
    let logs = belay("logs", "last")
    #expect(logs.status == 0)
    #expect(logs.output.contains("it was pruned or removed"), "\(logs)")
    #expect(belay("rollback", "last").status == 0)
    #expect(!TestFile.exists(world.path("9")))
    #expect(belay("store", "prune", "--outputs-older-than", "0s").output.hasPrefix("pruned 0 outputs"))
    #expect(belay("show", "last").status == 0)
  }

  @Test("a run that cannot be read is listed as damaged, stands in no other's way, and can be given up")
  func aDamagedRun() throws {
    // What was decided from the output cannot be followed any more.
    interruptedRun("    expect: result.stdout.endsWith('end\\n')\n    verify: [{exec: [\"true\"]}]\n")
    let runs = belay("runs")
    #expect(runs.status == 0)
    #expect(runs.output.contains("damaged"), "\(runs)")
    #expect(runs.output.contains("other"))
    #expect(belay("runs", "--format", "json").output.contains("\"damaged\""))
    for command in ["show", "resume", "rollback"] { #expect(belay(command, "last").status == 70, "\(command)") }
    let earlier = try #require(
      runs.output.split(separator: "\n").first { $0.contains("other") }?.split(separator: " ").first)
    // It may have made changes: nobody knows.
    let refused = belay("rollback", String(earlier))
    #expect(refused.status == 5)
    #expect(refused.errors.contains("cannot be read"))
    #expect(belay("run", "other.yaml").status == 5, "its lock is held")
    #expect(belay("abandon", "last", "--reason", "damaged").status == 3)
    #expect(belay("run", "other.yaml").status == 0)
    #expect(belay("rollback", String(earlier), "--over-later-runs").status == 0)
  }
}
