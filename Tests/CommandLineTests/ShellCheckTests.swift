import BelayTestSupport
import CanonicalJSON
import Testing

/// `belay validate --shellcheck`.
@Suite struct ShellCheckTests {
  private static func check(_ text: String, environment: [String: String] = [:]) -> CommandResult {
    let world = TemporaryDirectory()
    world.write("runbook.yaml", text)
    return BelayBinary.run(
      ["validate", "--shellcheck", "runbook.yaml"], store: world.path("store"), environment: environment,
      directory: world.path)
  }

  @Test(
    "A finding stands at its place, in every style of YAML", .enabled(if: InstalledProgram.isExpected("shellcheck")),
    arguments: [
      ("    run: |\n      # grün\n      cat $file\n", "8:11"), ("    run: cat $file\n", "6:14"),
      ("    run: 'echo ''ä''; cat $file'\n", "6:27"), ("    run: \"cat \\x24file\"\n", "6:15"),
    ])
  func place(step: String, place: String) {
    let env = "    env: {file: x}\n"
    let result = Self.check(
      "belay: 1\nname: example\nversion: 1.0.0\nsteps:\n  - id: look\n" + step + "    effect: observe\n" + env)
    #expect(result.status == 0)
    #expect(result.errors.contains("warning[BLY0154]: SC2086: "), "\(result.errors)")
    #expect(result.errors.contains("runbook.yaml:\(place)\n"), "\(result.errors)")
    // What `env` sets is assigned.
    #expect(!result.errors.contains("SC2154"))
  }

  @Test(
    "Errors are errors, and other shells' scripts are let be", .enabled(if: InstalledProgram.isExpected("shellcheck")))
  func severities() {
    let head = "belay: 1\nname: example\nversion: 1.0.0\nsteps:\n  - {id: look, effect: observe, run: 'if true; then'"
    let broken = Self.check(head + "}\n")
    #expect(broken.status == 2)
    #expect(broken.errors.contains("error[BLY0154]: SC1"))
    let other = Self.check(head + ", shell: [python3, -c]}\n")
    #expect(other.status == 0 && other.errors == "", "\(other.errors)")
    let plain = Self.check(
      "belay: 1\nname: example\nsteps:\n  - {id: look, effect: observe, run: '[[ a ]]', shell: sh}\n")
    #expect(plain.errors.contains("SC3010"), "\(plain.errors)")
  }

  @Test("The rule's examples are what it says of them", .enabled(if: InstalledProgram.isExpected("shellcheck")))
  func examples() throws {
    let rule = try JSON.parse(
      BelayBinary.run("explain", "BLY0154", "--format", "json", store: TemporaryDirectory().path).output)
    for example in try #require(rule["bad"]?.array) {
      #expect(Self.check(try #require(example["text"]?.string)).errors.contains("[BLY0154]"))
    }
    for example in try #require(rule["good"]?.array) {
      let result = Self.check(try #require(example["text"]?.string))
      #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    }
  }

  @Test("Where it is not installed, that is said") func missing() {
    let result = Self.check("belay: 1\nname: example\nsteps: []\n", environment: ["PATH": "/nowhere"])
    #expect(result.status == 2)
    #expect(result.errors.hasPrefix("error: --shellcheck needs the program shellcheck: "), "\(result.errors)")
  }

  @Test("The project's own runbooks and examples pass", .enabled(if: InstalledProgram.isExpected("shellcheck")))
  func ownRunbooks() {
    let result = BelayBinary.run(
      "validate", "--shellcheck", "runbooks", "examples", store: TemporaryDirectory().path,
      directory: BelayBinary.projectRoot)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
  }
}
