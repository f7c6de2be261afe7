import BelayTestSupport
import Glibc
import Testing

/// What a dry run exits with (docs/decisions/0005-exit-of-a-dry-run.md).
@Suite struct DryRunStatusTests {
  private let world = TemporaryDirectory()
  private var store: String { world.path("store") }

  private func dryRun(_ steps: String, head: String = "") -> CommandResult {
    world.write("runbook.yaml", "belay: 1\nname: dry\nversion: 1.0.0\n\(head)steps:\n\(steps)")
    return BelayBinary.run(["run", "--dry-run", "runbook.yaml"], store: store, directory: world.path)
  }

  private static let change =
    "  - {id: change, exec: [touch, made], repeatable: true, rollback: none, because: a mark}\n"
  private static let fails = "  - {id: fails, needs: [], effect: observe, exec: [cat, missing]}\n"

  @Test("a failure that is shown is no failure of the dry run", arguments: ["rollback", "stop", "ask", "continue"])
  func failuresAreShown(policy: String) {
    let steps = Self.change + Self.fails.replacing("}\n", with: ", on-failure: \(policy)}\n")
    let result = dryRun(steps)
    #expect(result.status == 0, "\(result)")
    #expect(result.output.contains("✗ fails"), "\(result)")
    #expect(result.output.contains("cat: missing"), "\(result)")
    #expect(!result.output.contains("\nsucceeded"), "\(result)")
    #expect(!TestFile.exists(world.path("made")))
  }

  @Test(
    "an unmet precondition or tool is 5, wherever it stands",
    arguments: [
      ("preconditions: [{exec: [\"false\"]}]\n", ""),
      ("preconditions: [{exec: [\"false\"], otherwise: ask}]\n", ""),
      ("requires: {tools: {belay-has-no-such-tool: \">=1\"}}\n", ""),
      ("", "  - {id: a, effect: observe, exec: [\"true\"], preconditions: [{exec: [\"false\"]}]}\n"),
      ("", "  - {id: a, effect: observe, exec: [\"true\"], preconditions: [{exec: [\"false\"], otherwise: ask}]}\n"),
      (
        "",
        "  - {id: a, effect: observe, exec: [\"true\"], on-failure: continue, preconditions: [{exec: [\"false\"]}]}\n"
      ),
    ])
  func unmet(head: String, step: String) {
    let result = dryRun(step + Self.change, head: head)
    #expect(result.status == 5, "\(result)")
  }

  @Test("a precondition that skips its step, or rests on an assumed change, is not unmet")
  func notUnmet() {
    let skipped =
      "  - {id: a, effect: observe, exec: [\"true\"], preconditions: [{exec: [\"false\"], otherwise: skip}]}\n"
    #expect(dryRun(skipped).status == 0)
    let resting = "  - {id: a, effect: observe, exec: [\"true\"], preconditions: [{exec: [test, -e, made]}]}\n"
    let result = dryRun(Self.change + resting)
    #expect(result.status == 0, "\(result)")
    #expect(result.errors.contains("only assumed"))
  }

  @Test("what inputs alone decide is decided; what rests on an assumed change is unknown, with its outputs")
  func surelyAndUnknown() {
    let sure = dryRun(
      Self.change + "  - {id: sure, assert: inputs.n > 5}\n", head: "inputs: {n: {type: int, default: 3}}\n")
    #expect(sure.output.contains("✗ sure"), "\(sure)")
    #expect(sure.output.contains("inputs.n > 5 is false"))
    let unknown = dryRun(
      Self.change + """
          - {id: server, background: true, exec: [sleep, "100"], ready: {exec: [test, -e, made]}}
          - id: each
            for-each: "['a', 'b']"
            effect: observe
            exec: [echo, "${{ item }}"]
            outputs: {said: {type: string, value: result.stdout}}

        """, head: "outputs: {all: {type: list, value: steps.each.outputs.said}}\n")
    #expect(unknown.status == 0, "\(unknown)")
    #expect(unknown.output.contains("all = (known after steps.change)"), "\(unknown)")
  }

  @Test("a wrong runbook is 2")
  func wrong() { #expect(dryRun("  - {id: a}\n").status == 2) }

  @Test("one that a signal ended is 7", arguments: ["TERM", "INT"])
  func signals(signal: String) {
    let result = dryRun("  - {id: a, effect: observe, run: \"kill -\(signal) $PPID; sleep 60\"}\n")
    #expect(result.status == 7, "\(result)")
  }

  @Test("taking one up again keeps to the same")
  func resumed() {
    let steps = "  - {id: a, effect: observe, run: \"[ -e on ] || { kill -TERM $PPID; sleep 60; }; exit 1\"}\n"
    #expect(dryRun(steps).status == 7)
    world.write("on", "")
    let resumed = BelayBinary.run(["resume", "last"], store: store, directory: world.path)
    #expect(resumed.status == 0, "\(resumed)")
    #expect(resumed.output.contains("✗ a"), "\(resumed)")
  }
}
