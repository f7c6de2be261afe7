import BelayTestSupport
import Glibc
import Testing

/// Programs that misbehave, stores that cannot be used, viewers that go away.
@Suite struct HardshipTests {
  private let world = TemporaryDirectory()
  private var store: String { world.path("store") }

  private func runbook(_ steps: String, head: String = "") -> String {
    world.write("runbook.yaml", "belay: 1\nname: hardship\nversion: 1.0.0\n\(head)steps:\n\(steps)")
  }

  private func shell(_ command: String) -> CommandResult {
    CommandRunner.run(
      ["bash", "-c", command],
      environment: ["PATH": TranscriptTests.path, "BELAY_STORE": store, "SWIFT_BACKTRACE": "enable=no"],
      directory: world.path)
  }

  @Test("200 MB of output are kept, and memory stays flat")
  func muchOutput() {
    // The engine is the parent of its programs: the second step asks how much memory it held at most.
    let path = runbook(
      "  - {id: much, effect: observe, exec: [head, -c, \"200000000\", /dev/zero]}\n"
        + "  - {id: peak, effect: observe, run: \"grep VmHWM /proc/$PPID/status\"}\n")
    let result = BelayBinary.run("run", path, store: store)
    #expect(result.status == 0)
    let peak = shell("belay logs last peak | grep -o '[0-9]* kB' | cut -d' ' -f1").output.split(separator: "\n").first
    let kibibytes = peak.flatMap { Int($0) } ?? .max
    #expect(kibibytes < 150 * 1024, "\(kibibytes) KiB")
    #expect(shell("belay logs last much | tail -c 200000000 | wc -c").output == "200000000\n")
    #expect(BelayBinary.run("audit", "verify", store: store).status == 0)
  }

  @Test(
    "parts of the store that become links during a run are not followed", arguments: ["outputs", "journal.sqlite-wal"])
  func swappedParts(part: String) {
    let path = runbook(
      "  - {id: wait, effect: observe, run: \"touch waits; until [ -e goes-on ]; do sleep 0.02; done\"}\n"
        + "  - {id: much, effect: observe, exec: [head, -c, \"300000\", /dev/urandom]}\n")
    let run = BelayBinary.start(["run", path], store: store, directory: world.path)
    #expect(Waiting.until { TestFile.exists(world.path("waits")) })
    let swapped = shell(
      "mkdir elsewhere && touch elsewhere/file && mv \(store)/\(part) away && if [ -d away ]; "
        + "then ln -s $PWD/elsewhere \(store)/\(part); else ln -s $PWD/elsewhere/file \(store)/\(part); fi; touch goes-on"
    )
    #expect(swapped.status == 0, "\(swapped)")
    let result = run.wait()
    #expect(shell("find elsewhere -type f -size +0").output == "", "\(result)")
    #expect(shell("ls elsewhere").output == "file\n")
    // SQLite goes on with the file that it has open.
    guard part == "outputs" else { return }
    #expect(result.status == 7, "\(result)")
    #expect(result.errors.contains("journal cannot be written"), "\(result)")
    // Nothing uses a store whose parts are links.
    #expect(BelayBinary.run("runs", store: store).status == 70)
  }

  @Test("a step that ignores TERM is killed at its timeout, with what it started")
  func deafToTERM() {
    let path = runbook(
      "  - id: deaf\n    effect: observe\n    timeout: 300ms\n    run: |\n"
        + "      trap '' TERM\n      sleep 1000 & echo $! > pids\n      echo $$ >> pids\n      wait; wait; wait; sleep 1000\n"
    )
    let result = BelayBinary.run(["run", path], store: store, directory: world.path)
    #expect(result.status == 1)
    #expect(result.output.contains("300ms"))
    // What was killed is there until init has reaped it.
    for pid in (world.read("pids") ?? "").split(separator: "\n") {
      #expect(Waiting.until { kill(pid_t(pid) ?? 1, 0) != 0 })
    }
  }

  @Test("a grandchild that holds the pipe does not hold up the run")
  func heldPipe() {
    let path = runbook("  - {id: holds, effect: observe, run: \"setsid sleep 20 & echo done\"}\n")
    let result = BelayBinary.run(["run", path], store: store)
    #expect(result.status == 0)
    #expect(result.output.contains("kept its output open"))
    #expect(BelayBinary.run("logs", "last", store: store).output.contains("done"))
  }

  @Test("a viewer that goes away does not end the run")
  func closedPipe() {
    let steps = (0..<40).map { "  - {id: s\($0), effect: observe, exec: [echo, \"\($0)\"]}\n" }.joined()
    _ = runbook(steps)
    _ = shell("belay run runbook.yaml | head -1")
    #expect(shell("belay show last --format json").output.contains("\"status\": \"succeeded\""))
  }

  @Test("with standard input closed nobody is asked, and the run is interrupted")
  func closedInput() {
    _ = runbook("  - {id: ask, effect: observe, manual: Look}\n")
    #expect(shell("belay run runbook.yaml <&- ").status == 7)
  }

  @Test("a file that may not grow: the journal fails, nothing more starts, exit 7 or 70")
  func fullDisk() {
    let steps = (0..<400).map { "  - {id: s\($0), effect: observe, exec: [sh, -c, \"echo \($0) >> started\"]}\n" }
      .joined()
    _ = runbook(steps)
    let result = shell("ulimit -f 400; belay run --quiet runbook.yaml")
    #expect(result.status == 7, "\(result.output)\(result.errors)")
    #expect(result.errors.contains("journal") || result.errors.contains("space"))
    let started = (world.read("started") ?? "").split(separator: "\n").count
    #expect(started > 0 && started < 400)
    // With room again the run is resumed, and no step is started twice that was recorded as done.
    #expect(shell("belay resume last --quiet").status == 0)
    #expect(BelayBinary.run("audit", "verify", store: store).status == 0)
  }

  @Test("output that finds no room is a journal that failed, and never taken for none")
  func noRoomForOutput() {
    _ = runbook(
      """
        - id: look
          effect: observe
          run: "echo ERROR: the replica is broken; head -c 3000000 /dev/urandom"
          expect: "!result.stdout.contains('ERROR')"
        - {id: danger, exec: [touch, danger], repeatable: true, rollback: {exec: [rm, danger], repeatable: true}}
      """)
    let result = shell("ulimit -f 400; belay run runbook.yaml")
    #expect(result.status == 7, "\(result.output)\(result.errors)")
    #expect(result.errors.contains("no space is left"), "\(result.errors)")
    #expect(result.errors.contains("steps.look: exit status 0"), "\(result.errors)")
    #expect(!TestFile.exists(world.path("danger")))
    // Of what is not in the journal the summary says nothing.
    #expect(result.output.contains("interrupted"), "\(result.output)")
    #expect(shell("belay resume last").status == 1)
    #expect(!TestFile.exists(world.path("danger")))
  }

  @Test("a store that is a file, and one of a newer version, are refused before anything starts")
  func unusableStores() {
    let path = runbook(
      "  - {id: touch, exec: [touch, started], repeatable: true, rollback: {exec: [rm, started], repeatable: true}}\n")
    let file = world.write("file", "x")
    let refused = BelayBinary.run(["run", path], store: file, directory: world.path)
    #expect(refused.status == 70)
    #expect(refused.errors.contains("not a directory"))
    #expect(BelayBinary.run(["run", "--dry-run", path], store: store, directory: world.path).status == 0)
    // The version is a number of four bytes at offset 60 of the file (sqlite.org/fileformat.html, 1.3.9).
    #expect(
      shell(
        "rm -f store/*-wal store/*-shm; printf '\\377' | dd of=store/journal.sqlite bs=1 seek=62 conv=notrunc status=none"
      )
      .status == 0)
    let newer = BelayBinary.run(["run", path], store: store, directory: world.path)
    #expect(newer.status == 70)
    #expect(newer.errors.contains("newer"))
    #expect(!TestFile.exists(world.path("started")))
  }

  @Test("a tool, a program, a directory and a variable that are not there are each named")
  func missingThings() {
    let path = runbook(
      """
        - {id: a, effect: observe, exec: [no-such-program-at-all], on-failure: continue}
        - {id: b, effect: observe, exec: [/etc/passwd], on-failure: continue}
        - {id: c, effect: observe, exec: ["true"], directory: /no/such/place, on-failure: continue}
        - {id: d, effect: observe, http: {url: "http://127.0.0.1:1/"}, on-failure: continue}
        - {id: e, effect: observe, http: {url: "http://no-such-host.invalid/"}, on-failure: continue}
      """)
    let result = BelayBinary.run("run", path, store: store)
    #expect(result.status == 1)
    for text in ["no-such-program-at-all", "/etc/passwd", "/no/such/place", "127.0.0.1:1", "no-such-host.invalid"] {
      #expect(result.output.contains(text), "\(text)")
    }
  }

  @Test("below a directory, what cannot be looked at is named, and what is no file is passed over")
  func directories() {
    world.write(
      "books/good.yaml", "belay: 1\nname: good\nversion: 1.0.0\nsteps:\n  - {id: a, effect: observe, exec: [x]}\n")
    mkfifo(world.path("books/pipe.yaml"), 0o600)
    #expect(BelayBinary.run("validate", world.path("books"), store: store).status == 0)
    mkdir(world.path("books/closed"), 0o000)
    defer { chmod(world.path("books/closed"), 0o700) }
    // The superuser reads what is closed to others.
    let result = shell(
      "[ $(id -u) = 0 ] || exec belay validate books; chmod 755 . books; "
        + "exec setpriv --reuid=65534 --regid=65534 --clear-groups belay validate books")
    #expect(result.status == 2, "\(result)")
    #expect(result.errors.contains("books/closed: Permission denied"), "\(result)")
  }

  @Test(
    "a run that failed with changes in place names the next command; one with nothing to undo is undone with exit 0")
  func nextAfterAFailure() {
    _ = runbook(
      """
        - {id: change, exec: ["true"], repeatable: true, rollback: {exec: ["true"], repeatable: true}}
        - {id: fails, effect: observe, exec: ["false"], on-failure: continue}
      """)
    let result = shell("belay run runbook.yaml")
    #expect(result.status == 1)
    #expect(result.output.contains("Next: belay rollback"), "\(result)")
    #expect(shell("belay rollback last").status == 0)
    _ = runbook("  - {id: a, effect: observe, exec: [\"true\"]}\n", head: "preconditions: [{exec: [\"false\"]}]\n")
    #expect(shell("belay run runbook.yaml").status == 5)
    #expect(shell("belay rollback last").status == 0)
  }

  @Test("more programs at once than there are descriptors for: the rest wait, whatever the soft limit is")
  func fewDescriptors() {
    let steps = (0..<150).map { "  - {id: s\($0), needs: [], effect: observe, exec: [sleep, \"0.2\"]}\n" }.joined()
    _ = runbook(steps + "  - {id: limit, effect: observe, needs: [s0], run: ulimit -Sn; ulimit -Hn}\n")
    // Here the program's own reckoning of how many there can be holds.
    let bounded = shell("ulimit -Sn 100; ulimit -Hn 200; belay run --quiet runbook.yaml")
    #expect(bounded.status == 0, "\(bounded)")
    #expect(shell("belay logs last limit").output.contains("100\n200\n"))
    // Here it does not, for descriptors are taken from the beginning.
    let exhausted = shell(
      "ulimit -Sn 240; ulimit -Hn 240; for fd in {10..190}; do eval \"exec $fd</dev/null\"; done; "
        + "belay run --quiet runbook.yaml")
    #expect(exhausted.status == 0, "\(exhausted)")
  }
}
