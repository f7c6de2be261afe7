import BelayTestSupport
import Glibc
import Testing

/// What a person at a terminal sees, and what keys do.
@Suite struct TerminalTests {
  private let world = TemporaryDirectory()
  private var store: String { world.path("store") }

  private func start(_ steps: String, head: String = "", _ options: String...) -> PseudoTerminal {
    world.write("runbook.yaml", "belay: 1\nname: terminal\nversion: 1.0.0\n\(head)steps:\n\(steps)")
    return PseudoTerminal(
      [BelayBinary.path, "run", "runbook.yaml", "--store", store] + options, directory: world.path)
  }

  private static let untilFree = "run: \"touch begun; until [ -e free ]; do sleep 0.02; done\""
  private static let menu = "[c] continue"

  private func hasBegun() -> Bool { Waiting.until { TestFile.exists(world.path("begun")) } }

  @Test("each Ctrl-C opens the menu anew, and one at the menu is a failure")
  func theMenuComesBack() {
    let terminal = start(
      "  - {id: slow, effect: observe, on-failure: stop, \(Self.untilFree)}\n", head: "on-failure: stop\n")
    #expect(hasBegun())
    terminal.type("\u{3}")
    #expect(terminal.waits(for: Self.menu))
    terminal.type("x\n")
    #expect(terminal.waits(for: "c, f or p"))
    terminal.type("c\n")
    #expect(terminal.waits(for: "continuing"))
    terminal.type("\u{3}")
    #expect(terminal.waits(for: Self.menu, times: 2))
    terminal.type("\u{3}")
    #expect(terminal.waits(for: "by the operator"))
    world.write("free", "")
    #expect(terminal.wait() == 1, "\(terminal.screen)")
  }

  @Test("the menu's pause is one, though the runbook goes on without a terminal")
  func theMenuPauses() {
    let terminal = start(
      "  - {id: slow, effect: observe, \(Self.untilFree)}\n  - {id: next, effect: observe, exec: [touch, next]}\n",
      head: "detached: go-on\n")
    #expect(hasBegun())
    terminal.type("\u{3}")
    #expect(terminal.waits(for: Self.menu))
    terminal.type("p\n")
    #expect(terminal.waits(for: "pausing"))
    world.write("free", "")
    #expect(terminal.wait() == 7, "\(terminal.screen)")
    #expect(terminal.screen.contains("the operator paused it"))
    #expect(!TestFile.exists(world.path("next")))
  }

  @Test("in a rollback Ctrl-C opens no menu: the first reports, the next aborts")
  func interruptsInARollback() {
    let terminal = start(
      "  - {id: change, exec: [\"true\"], repeatable: true, rollback: {\(Self.untilFree)}}\n"
        + "  - {id: fails, effect: observe, exec: [\"false\"]}\n", head: "on-failure: rollback\n")
    #expect(hasBegun())
    terminal.type("\u{3}")
    #expect(terminal.waits(for: "Interrupt again to abort it"))
    #expect(!terminal.screen.contains(Self.menu))
    terminal.type("\u{3}")
    #expect(terminal.wait() == 3, "\(terminal.screen)")
    #expect(terminal.screen.contains("aborted"))
  }

  @Test("in `finally` Ctrl-C opens no menu either: the first reports, the next ends it")
  func interruptsInFinally() {
    let terminal = start(
      "  - {id: one, effect: observe, exec: [\"true\"]}\nfinally:\n  - {id: slow, effect: observe, \(Self.untilFree)}\n"
        + "  - {id: last, effect: observe, exec: [touch, last]}\n")
    #expect(hasBegun())
    terminal.type("\u{3}")
    #expect(terminal.waits(for: "Interrupt again to end it"))
    #expect(!terminal.screen.contains(Self.menu))
    terminal.type("\u{3}")
    #expect(terminal.wait() == 1, "\(terminal.screen)")
    #expect(!TestFile.exists(world.path("last")))
  }

  @Test("what programs and runbooks say does not steer the terminal")
  func escapesAreHarmless() {
    let terminal = start(
      """
        - id: says
          effect: observe
          run: printf 'said \\033[2J'
          outputs: {text: {type: string, value: result.stdout}}
        - {id: ask, effect: observe, manual: "Look at ${{ steps.says.outputs.text }}"}
        - id: change
          exec: ["true"]
          repeatable: true
          rollback: {exec: ["true"], repeatable: true}
        - id: fails
          effect: observe
          run: |
            printf 'bad \\033]0;title\\007' >&2; exit 1

      """, head: "on-failure: rollback\n")
    #expect(terminal.waits(for: "yes or no"))
    terminal.type("yes\n")
    #expect(terminal.wait() == 1, "\(terminal.screen)")
    #expect(terminal.screen.contains("Rolling back"))
    #expect(terminal.screen.contains("said \u{241B}[2J"))
    #expect(!terminal.screen.contains("\u{1B}[2J"))
    #expect(!terminal.screen.contains("\u{1B}]0"))
  }

  @Test(
    "a runbook's own texts do not steer the terminal of who looks at it",
    arguments: [
      ["validate", "bad.yaml"], ["plan", "good.yaml"], ["list", "."], ["graph", "good.yaml"],
      ["fmt", "--check", "good.yaml"],
      ["run", "--dry-run", "good.yaml"],
    ])
  func aRunbooksTextsAreHarmless(arguments: [String]) {
    let text = #""x\e[2J\e]0;t\a\u009b2J\u202e""#
    let head = "belay: 1\nname: esc\nversion: 1.0.0\ntitle: \(text)\nsummary: \(text)\nsteps:\n"
    let steps =
      "  - {id: a, title: \(text), effect: observe, exec: [echo, \(text)]}\n"
      + "  - {id: b, effect: observe, manual: \(text)}\n"
    world.write("good.yaml", head + steps)
    world.write("bad.yaml", head + "  - {id: a, effect: \(text), exec: [\(text)], \(text): 1}\n")
    let terminal = PseudoTerminal([BelayBinary.path] + arguments, directory: world.path)
    let isRead = arguments.last == "good.yaml" && arguments[0] != "fmt"
    #expect(terminal.wait() == 0 || !isRead, "\(terminal.screen.debugDescription)")
    #expect(terminal.screen.contains("\u{241B}") || !isRead, "\(terminal.screen.debugDescription)")
    // Colours are Belay's own, and all else that begins with an escape is not.
    let shown = terminal.screen.replacing("\u{1B}[K", with: "")
    for sequence in ["\u{1B}[2J", "\u{1B}]0", "\u{7}", "\u{9B}", "\u{202E}"] {
      #expect(!shown.contains(sequence), "\(shown.debugDescription)")
    }
  }

  @Test("signals whose disregard was inherited do not reach the run", arguments: ["HUP", "INT"])
  func inheritedDisregard(signal: String) {
    world.write(
      "runbook.yaml",
      "belay: 1\nname: nohup\nversion: 1.0.0\nsteps:\n"
        + "  - {id: one, effect: observe, run: \"kill -\(signal) $PPID\"}\n"
        + "  - {id: two, effect: observe, exec: [\"true\"]}\n")
    let result = CommandRunner.run(
      ["bash", "-c", "trap '' \(signal); exec \"$0\" run runbook.yaml --store store", BelayBinary.path],
      directory: world.path)
    #expect(result.status == 0, "\(result)")
    #expect(!result.output.contains("interrupted"))
  }

  @Test("a live run is shown as running, with nothing to do next")
  func aLiveRun() {
    let terminal = start("  - {id: slow, effect: observe, \(Self.untilFree)}\n")
    #expect(hasBegun())
    let shown = BelayBinary.run("show", "last", store: store).output
    #expect(shown.contains("running"), "\(shown)")
    #expect(!shown.contains("interrupted"))
    #expect(!shown.contains("Next:"))
    #expect(!BelayBinary.run("show", "last", "--format", "json", store: store).output.contains("\"next\""))
    world.write("free", "")
    #expect(terminal.wait() == 0)
  }

  @Test("Ctrl-C where a secret is typed leaves the terminal with its echo", arguments: ["\u{3}", "TERM"])
  func theEchoComesBack(key: String) {
    let terminal = start(
      "  - {id: use, effect: observe, exec: [cat], input: \"${{ inputs.pin }}\"}\n",
      head: "inputs: {pin: {type: secret, from: prompt}}\n")
    #expect(terminal.waits(for: "secret pin: "))
    #expect(!terminal.echoes)
    if key == "TERM" { kill(terminal.pid, SIGTERM) } else { terminal.type(key) }
    #expect(terminal.wait() > 128, "\(terminal.screen)")
    #expect(terminal.echoes)
  }

  @Test("a question for a role that the operator has not is shown, and left to those who have it")
  func roles() throws {
    let login = try #require(getpwuid(getuid())?.pointee.pw_name.map { String(cString: $0) })
    world.write(
      "belay.yaml",
      "project: 1\npeople:\n  me: {login: '\(login)'}\n  other: {login: nobody-of-this-name}\n"
        + "roles:\n  operator: [me]\n  lead: [other]\n")
    let terminal = start(
      "  - id: list\n    checklist:\n      - {text: The lead agrees, from: [lead]}\n"
        + "      - {text: The desk was told, from: [operator]}\n")
    #expect(terminal.waits(for: "The lead agrees"))
    #expect(terminal.waits(for: "This is for lead"))
    #expect(terminal.waits(for: "yes or no:"))
    terminal.type("yes\n")
    #expect(terminal.wait() == 7, "\(terminal.screen)")
    #expect(terminal.screen.contains("nobody-of-this-name (lead) must answer"))
  }
}
