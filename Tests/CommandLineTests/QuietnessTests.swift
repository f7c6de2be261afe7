import BelayTestSupport
import Testing

/// What only reads starts no program and opens no socket.
@Suite struct QuietnessTests {
  @Test(
    "Looking at runbooks touches nothing but files", .enabled(if: InstalledProgram.isExpected("strace")),
    arguments: [
      ["validate", "books"], ["validate", "--fix", "--format", "sarif", "books"],
      ["plan", "books/a.yaml", "-i", "name=x"], ["graph", "books/a.yaml", "-i", "name=x"], ["fmt", "books"],
      ["list", "books"], ["explain", "BLY0103"], ["rehearse", "books/a.yaml", "-i", "name=x"],
      ["rehearse", "--all"], ["rehearse", "books/bounded.yaml", "--explore", "--faults", "2"],
    ])
  func isQuiet(arguments: [String]) {
    let world = TemporaryDirectory()
    world.write(
      "books/a.yaml",
      """
      belay: 1
      name: example
      version: 1.0.0
      requires: {tools: {kubectl: ">=1"}}
      inputs:
        name: {type: string}
        token: {type: secret, from: {command: [print-token]}}
      steps:
        - {id: look, effect: observe, exec: [ls], env: {TOKEN: "${{ inputs.token }}"}}
        - {id: script, effect: observe, run: "ls | wc -l"}
        - {id: fetch, http: {url: "https://example.com/${{ inputs.name }}"}}
      """)
    world.write(
      "books/bounded.yaml",
      """
      belay: 1
      name: bounded
      version: 1.0.0
      defaults: {timeout: 1m}
      steps:
        - {id: change, exec: [rm, x], applied: {exec: [ls]}, rollback: {exec: [touch, x], repeatable: true}}
        - {id: fetch, http: {url: "https://example.com/"}}
      """)
    world.write("books/night.yaml", "rehearsal: 1\nrunbook: example\nname: a night\ninputs: {name: x}\n")
    world.write("belay.yaml", "project: 1\n")
    let result = CommandRunner.run(
      [
        "strace", "-f", "-qq", "-e", "trace=execve,execveat,socket,connect", "-o", world.path("trace"),
        BelayBinary.path,
      ]
        + arguments, environment: ["SWIFT_BACKTRACE": "enable=no", "BELAY_STORE": world.path("store")],
      directory: world.path)
    #expect(result.status == 0, "\(result.errors)")
    let calls = (world.read("trace") ?? "").split(separator: "\n").filter { !$0.contains("+++") }
    // The one program that is started is belay itself.
    #expect(calls.count == 1 && calls[0].contains("execve("), "\(calls)")
  }
}
