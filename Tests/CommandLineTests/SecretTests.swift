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
}
