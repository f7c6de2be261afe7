import BelayTestSupport
import Glibc
import Testing

/// Invariant 7 from outside: a run with a secret, and everything that is left of it.
@Suite struct SecretTests {
  private static let secret = "Tr0ub4dor&3"
  private static let runbook = """
    belay: 1
    name: secrets
    version: 1.0.0
    inputs:
      from-env: {type: secret, from: {env: SECRET_SOURCE}}
      from-file: {type: secret, from: {file: secret-file}}
      from-command: {type: secret, from: {command: [cat, secret-file]}}
      not-there: {type: secret, required: false, from: {env: NO_SUCH_VARIABLE}}
    steps:
      - id: leak
        effect: observe
        run: |
          printf '%s' "$A"; sleep 0; printf '%s\\n' "$B" >&2; cat
          [ -z "${SECRET_SOURCE-}" ] || echo "the source was inherited"
          [ -z "${D+set}" ] || echo "an absent secret was set"
          tr '\\0' ' ' < /proc/self/cmdline
        env: {A: "${{ inputs.from-env }}", B: "${{ inputs.from-file }}", D: "${{ inputs.not-there }}"}
        input: "${{ inputs.from-command }}"
        outputs: {said: {type: string, value: result.stdout}}
      - id: fail
        effect: observe
        run: |
          echo "cannot log in with $A" >&2
          exit 1
        env: {A: "${{ inputs.from-env }}"}
    outputs: {said: {type: string, value: steps.leak.outputs.said}}
    """.replacing("inputs.from-", with: "inputs.from_").replacing("inputs.not-", with: "inputs.not_")

  @Test("Invariant 7: a secret is in no record, output, message or argument list")
  func invariant7_aSecretIsNowhere() throws {
    let world = TemporaryDirectory()
    world.write("runbook.yaml", Self.runbook)
    world.write("secret-file", Self.secret + "\n", mode: 0o600)
    let store = world.path("store")
    let environment = ["SECRET_SOURCE": Self.secret]
    let shown = BelayBinary.run(["run", "runbook.yaml"], store: store, environment: environment, directory: world.path)
    #expect(shown.status == 1, "\(shown.output)\(shown.errors)")
    let events = BelayBinary.run(
      ["run", "--json", "runbook.yaml"], store: store, environment: environment, directory: world.path)
    let logs = BelayBinary.run(["logs", "last"], store: store)
    #expect(logs.output.contains("[redacted]"))
    #expect(!logs.output.contains("inherited"))
    #expect(!logs.output.contains("absent"))
    for text in [shown.output, shown.errors, events.output, events.errors, logs.output] {
      #expect(!text.contains(Self.secret))
    }
    let found = CommandRunner.run(
      [
        "bash", "-c",
        "grep -rlaF -e \"$0\" store; find store -name '*.gz' -exec zcat {} + | grep -aF -e \"$0\"; "
          + "for file in store/*.sqlite*; do strings -a \"$file\" 2>/dev/null | grep -F -e \"$0\"; done; true",
        Self.secret,
      ], directory: world.path)
    #expect(found.output == "")
    // Small outputs lie compressed in the database: what is decompressed is looked at too.
    for id in ["leak", "fail"] {
      #expect(!BelayBinary.run(["logs", "last", id, "--format", "json"], store: store).output.contains(Self.secret))
    }
  }

  @Test("a secret whose source has nothing fails what needs it, and says where it should come from")
  func anAbsentSecretIsNamed() {
    let world = TemporaryDirectory()
    world.write("runbook.yaml", Self.runbook)
    world.write("secret-file", Self.secret)
    let result = BelayBinary.run(["run", "runbook.yaml"], store: world.path("store"), directory: world.path)
    #expect(result.status == 1)
    #expect(result.output.contains("the variable SECRET_SOURCE is not set"))
  }

  @Test("a secret shorter than four bytes is refused, as it could not be kept out of the log")
  func aShortSecretIsRefused() {
    let world = TemporaryDirectory()
    world.write("runbook.yaml", Self.runbook)
    world.write("secret-file", Self.secret)
    let result = BelayBinary.run(
      ["run", "runbook.yaml"], store: world.path("store"), environment: ["SECRET_SOURCE": "abc"],
      directory: world.path)
    #expect(result.status == 1)
    #expect(result.output.contains("shorter than 4 bytes"))
  }

  @Test("a secret that must be typed, with nobody there, is exit 2")
  func aPromptNeedsAPerson() {
    let world = TemporaryDirectory()
    world.write(
      "runbook.yaml",
      "belay: 1\nname: p\nversion: 1.0.0\ninputs: {pin: {type: secret, from: prompt}}\nsteps:\n"
        + "  - {id: use, effect: observe, exec: [cat], input: \"${{ inputs.pin }}\"}\n")
    let result = BelayBinary.run(["run", "runbook.yaml"], store: world.path("store"), directory: world.path)
    #expect(result.status == 2)
    #expect(result.errors.contains("pin"))
  }

  private static let reader = """
    belay: 1
    name: readers
    version: 1.0.0
    inputs:
      key: {type: secret, from: {file: secret-file}}
    steps:
    """

  @Test("Invariant 7: a program that was started before a secret was read does not leak it after")
  func invariant7_aProgramStartedBefore() {
    let world = TemporaryDirectory()
    world.write("secret-file", Self.secret)
    world.write(
      "runbook.yaml",
      Self.reader + """

          - {id: early, needs: [], effect: observe, run: "until [ -e was-read ]; do sleep 0.02; done; cat secret-file"}
          - {id: reads, needs: [], effect: observe, run: "cat; touch was-read", input: "${{ inputs.key }}"}
        """)
    let store = world.path("store")
    let result = BelayBinary.run(["run", "runbook.yaml"], store: store, directory: world.path)
    #expect(result.status == 0, "\(result)")
    let logs = BelayBinary.run(["logs", "last", "early"], store: store)
    #expect(logs.output.contains("[redacted]"), "\(logs)")
    #expect(!logs.output.contains(Self.secret))
  }

  @Test("Invariant 7: what an earlier engine read is read again before anything is performed")
  func invariant7_whatAnEarlierEngineRead() {
    let world = TemporaryDirectory()
    world.write("secret-file", Self.secret)
    // The engine is told to end while `once` runs, and so ends it; resumed, it goes through.
    world.write(
      "runbook.yaml",
      Self.reader + """

          - id: reads
            effect: observe
            check: {exec: [cat], input: "${{ inputs.key }}", expect: result.exit == 0}
          - {id: once, effect: observe, run: "[ -e told ] || { touch told; kill -TERM $PPID; sleep 100; }"}
          - id: prints
            effect: observe
            run: "touch printed; cat copy"
            outputs: {said: {type: string, value: result.stdout}}
        """)
    world.write("copy", Self.secret)
    let store = world.path("store")
    #expect(BelayBinary.run(["run", "runbook.yaml"], store: store, directory: world.path).status == 7)

    // While its source is gone nothing is performed.
    world.write("secret-file", "")
    let refused = BelayBinary.run(["resume", "last"], store: store, directory: world.path)
    #expect(refused.status == 7, "\(refused)")
    #expect(refused.errors.contains("the secret key is empty"))
    #expect(!TestFile.exists(world.path("printed")))
    let undone = BelayBinary.run(["rollback", "last"], store: store, directory: world.path)
    #expect(undone.status == 7, "\(undone)")

    world.write("secret-file", Self.secret)
    let resumed = BelayBinary.run(["resume", "last"], store: store, directory: world.path)
    #expect(resumed.status == 0, "\(resumed)")
    let shown = BelayBinary.run(["show", "last", "--format", "json"], store: store).output
    #expect(shown.contains("[redacted]"))
    #expect(!shown.contains(Self.secret))
    #expect(!BelayBinary.run(["logs", "last"], store: store).output.contains(Self.secret))
  }

  @Test("a typed secret that was used, with nobody there on resume: nothing is performed")
  func aTypedSecretIsNeededAgain() {
    let world = TemporaryDirectory()
    world.write(
      "runbook.yaml",
      """
      belay: 1
      name: p
      version: 1.0.0
      inputs: {pin: {type: secret, from: prompt}}
      steps:
        - {id: use, effect: observe, exec: [cat], input: "${{ inputs.pin }}"}
        - {id: once, effect: observe, run: "[ -e told ] || { touch told; kill -TERM $PPID; sleep 100; }"}
        - {id: last, effect: observe, exec: [touch, last]}
      """)
    let store = world.path("store")
    let terminal = PseudoTerminal(
      [BelayBinary.path, "run", "runbook.yaml", "--store", store], directory: world.path)
    #expect(terminal.waits(for: "secret pin: "))
    terminal.type("1234567\n")
    #expect(terminal.wait() == 7, "\(terminal.screen)")
    let resumed = BelayBinary.run(["resume", "last"], store: store, directory: world.path)
    #expect(resumed.status == 7)
    #expect(resumed.errors.contains("the secret pin must be typed"), "\(resumed)")
    #expect(!TestFile.exists(world.path("last")))
  }

  @Test("Invariant 7: printed in every encoding and in pieces of every size, a secret is nowhere")
  func invariant7_everyEncoding() {
    let world = TemporaryDirectory()
    let secret = #"p4$s "w/r'd"+%\&=~*!"#
    world.write("secret-file", secret)
    world.write(
      "print.pl",
      #"""
      use MIME::Base64; $| = 1;
      my $s = $ENV{SECRET};
      my $wrapped = encode_base64("x" x 50 . $s); $wrapped =~ s/^.{66}//;
      my ($percent, $small) = ($s, $s);
      $percent =~ s/([^A-Za-z0-9._~-])/sprintf "%%%02X", ord $1/ge; $small =~ s/(.)/sprintf "%%%02x", ord $1/ge;
      (my $form = $percent) =~ s/%20/+/g;
      (my $json = $s) =~ s/(["\\])/\\$1/g; (my $slashes = $json) =~ s{/}{\\/}g;
      (my $unicode = $s) =~ s/(.)/sprintf "\\u%04x", ord $1/ge;
      (my $quoted = $s) =~ s/'/'\\''/g; (my $escaped = $s) =~ s/([^A-Za-z0-9])/\\$1/g;
      (my $web = encode_base64($s, "")) =~ tr{+/}{-_};
      my @forms = ($s, encode_base64($s, ""), $web, unpack("H*", $s), uc unpack("H*", $s), $percent, $small, $form,
                   $json, $slashes, $unicode, $quoted, $escaped);
      if (@ARGV) { print "$_\n" for @forms; exit }
      for my $text (@forms) {
        for my $size (1..64) {
          for (my $at = 0; $at < length($text); $at += $size) { syswrite STDOUT, substr($text, $at, $size); }
          syswrite STDOUT, "\n";
        }
      }
      # Beside what stands before it, and wrapped in the middle.
      chomp(my $line = $wrapped);
      for my $text (encode_base64("x$s", ""), encode_base64("xx$s", ""), $line) {
        for my $size (1..64) {
          syswrite STDOUT, "A:";
          for (my $at = 0; $at < length($text); $at += $size) { syswrite STDOUT, substr($text, $at, $size); }
          syswrite STDOUT, "\n";
        }
      }
      syswrite STDERR, $wrapped;
      """#)
    world.write(
      "runbook.yaml",
      """
      belay: 1
      name: encodings
      version: 1.0.0
      inputs: {key: {type: secret, from: {file: secret-file}}}
      steps:
        - id: prints
          effect: observe
          env: {SECRET: "${{ inputs.key }}"}
          run: |
            perl print.pl
            perl print.pl forms | grep -slaF -f - /proc/[0-9]*/cmdline && touch in-a-command-line
            exit 0
        - id: without
          effect: observe
          run: env
      """)
    let store = world.path("store")
    let result = BelayBinary.run(["run", "runbook.yaml"], store: store, directory: world.path)
    #expect(result.status == 0, "\(result)")
    let logs = BelayBinary.run(["logs", "last", "prints"], store: store).output
    let all = logs.split(separator: "\n").filter { !$0.hasPrefix("──") }
    let (beside, lines) = (all.filter { $0.hasPrefix("A:") }, all.filter { !$0.hasPrefix("A:") })
    #expect(beside.count == 3 * 64, "each is one line, the wrapped one too")
    #expect(beside.allSatisfy { $0.contains("[redacted]") && $0.utf8.count < 30 }, "\(Set(beside))")
    #expect(lines.count == 13 * 64 + 1)
    #expect(lines.filter { $0 != "[redacted]" } == lines.suffix(1), "\(logs.prefix(500))")
    // What is left of the wrapped one tells of what stands beside the secret.
    #expect(lines.last?.hasSuffix("[redacted]") == true)
    #expect(lines.last?.utf8.count ?? 0 < 30)
    #expect(!TestFile.exists(world.path("in-a-command-line")))
    // Nor is it, in any of these forms, on a terminal, in the store's files as they lie, or in the exported log.
    let terminal = PseudoTerminal(
      [BelayBinary.path, "run", "runbook.yaml"], environment: ["BELAY_STORE": store, "SWIFT_BACKTRACE": "enable=no"],
      directory: world.path)
    #expect(terminal.wait() == 0)
    let forms = CommandRunner.run(["perl", world.path("print.pl"), "forms"], environment: ["SECRET": secret]).output
    #expect(forms.split(separator: "\n").count == 13)
    world.write("forms", forms)
    world.write("screen", terminal.screen)
    world.write("export", BelayBinary.run("audit", "export", store: store).output)
    let found = CommandRunner.run(
      [
        "bash", "-c",
        "grep -rlaF -f forms store screen export; find store -name '*.gz' -exec zcat {} + | grep -aF -f forms; true",
      ], directory: world.path)
    #expect(found.output == "", "\(found)")
    #expect(world.read("screen")?.contains("prints") == true)
    // A step gets the secrets that it names, and no others.
    #expect(!BelayBinary.run(["logs", "last", "without"], store: store).output.contains("redacted"))
  }

  @Test("an engine leaves no core dump and is not read by others of its user, and its programs are as ever")
  func noCoreDumps() {
    let world = TemporaryDirectory()
    chmod(world.path, 0o777)
    world.write(
      "runbook.yaml",
      """
      belay: 1
      name: private
      version: 1.0.0
      steps:
        - id: look
          effect: observe
          run: |
            if cat /proc/$PPID/environ >/dev/null 2>&1; then echo "the engine can be read"; exit 1; fi
            cat /proc/$$/environ >/dev/null && ulimit -c
      """)
    let result = CommandRunner.run(
      [
        "bash", "-c",
        "ulimit -Sc 77; drop='setpriv --reuid=65534 --regid=65534 --clear-groups'; [ $(id -u) = 0 ] || drop=; "
          + "$drop \"$0\" run runbook.yaml --store store && $drop \"$0\" logs last --store store", BelayBinary.path,
      ], environment: ["SWIFT_BACKTRACE": "enable=no"], directory: world.path)
    #expect(result.status == 0, "\(result)")
    #expect(result.output.hasSuffix("77\n"), "\(result)")
  }

  @Test("a store that others may look into is reported, by what writes and what reads")
  func aWideStore() {
    let world = TemporaryDirectory()
    world.write(
      "runbook.yaml", "belay: 1\nname: wide\nversion: 1.0.0\nsteps: [{id: a, effect: observe, exec: [\"true\"]}]\n")
    let store = world.path("store")
    #expect(BelayBinary.run(["run", "runbook.yaml"], store: store, directory: world.path).errors == "")
    chmod(store, 0o755)
    for command in [["run", "runbook.yaml"], ["runs"]] {
      let result = BelayBinary.run(command, store: store, directory: world.path)
      #expect(result.status == 0)
      #expect(result.errors.contains("open to others than its owner (mode 755)"), "\(result)")
    }
  }

  @Test("`belay audit verify` says which outputs, locks and keys others may read")
  func wideFiles() {
    let world = TemporaryDirectory()
    world.write(
      "runbook.yaml",
      "belay: 1\nname: wide\nversion: 1.0.0\nsteps: [{id: a, effect: observe, exec: [head, -c, 300000, /dev/urandom]}]\n"
    )
    let store = world.path("store")
    #expect(BelayBinary.run("audit", "init", "--name", "log.example", store: store).status == 0)
    #expect(BelayBinary.run(["run", "runbook.yaml"], store: store, directory: world.path).status == 0)
    #expect(BelayBinary.run("audit", "verify", store: store).errors == "")
    let keys = world.path("signer")
    #expect(BelayBinary.run("audit", "init", "--name", "b", "--renew", "--keys", keys, store: store).status == 0)
    let output = CommandRunner.run(["find", store + "/outputs", "-name", "*.gz"]).output.dropLast()
    let parts: [(path: String, mode: String, wide: String)] = [
      (String(output), "600", "644"), (store + "/keys", "700", "750"), (store + "/keys/log-1.state", "600", "640"),
      (store + "/keys/log-2.note", "600", "604"), (keys, "700", "711"), (keys + "/log-2.state", "600", "644"),
    ]
    for part in parts {
      #expect(CommandRunner.run(["chmod", part.wide, part.path]).status == 0)
      let verified = BelayBinary.run("audit", "verify", store: store)
      let isNamed = verified.errors.hasPrefix(
        "warning: \(part.path) is open to others than its owner (mode \(part.wide))")
      #expect(isNamed, "\(part): \(verified)")
      #expect(verified.status == 0, "\(part): \(verified)")
      #expect(CommandRunner.run(["chmod", part.mode, part.path]).status == 0)
    }
    #expect(BelayBinary.run("audit", "verify", store: store).errors == "")
  }

  @Test("a secret longer than 64 KiB is refused")
  func aLongSecretIsRefused() {
    let world = TemporaryDirectory()
    world.write("secret-file", String(repeating: "a", count: 65_537))
    world.write(
      "runbook.yaml", Self.reader + "\n  - {id: a, effect: observe, exec: [cat], input: \"${{ inputs.key }}\"}\n")
    let result = BelayBinary.run(["run", "runbook.yaml"], store: world.path("store"), directory: world.path)
    #expect(result.status == 1)
    #expect(result.output.contains("longer than 64 KiB"), "\(result)")
  }
}
