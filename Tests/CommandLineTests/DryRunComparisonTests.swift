import BelayTestSupport
import Testing

/// `belay run --dry-run --against RUN`.
@Suite struct DryRunComparisonTests {
  private let world = TemporaryDirectory()

  private func belay(_ arguments: String...) -> CommandResult {
    BelayBinary.run(arguments, store: world.path("store"), directory: world.path)
  }

  init() {
    world.write(
      "shop.yaml",
      """
      belay: 1
      name: shop
      version: 1.0.0
      preconditions: [{id: config, exec: [cat, config]}]
      steps:
        - {id: look, effect: observe, exec: [cat, state]}
        - id: change
          exec: [touch, changed]
          applied: {exec: [test, -e, changed]}
          verify: [{exec: [test, -e, changed]}]
          rollback: {exec: [rm, changed]}
        - {id: after, effect: observe, exec: [test, -e, changed]}
      """)
    world.write("state", "calm\n")
    world.write("config", "a\n")
  }

  @Test("each line of a dry run says what it is worth")
  func worth() {
    let output = belay("run", "--dry-run", "shop.yaml").output
    #expect(output.contains("(observed)"))
    #expect(output.contains("(assumed)"))
    #expect(output.contains("(unknown: depends on steps.change)"), "\(output)")
  }

  @Test("what is observed otherwise than in an earlier run is shown, and nothing that was only assumed")
  func compares() throws {
    #expect(belay("run", "shop.yaml").status == 0)
    _ = CommandRunner.run(["rm", world.path("changed")])
    let same = belay("run", "--dry-run", "shop.yaml", "--against", "last")
    #expect(same.status == 0)
    #expect(same.output.contains("~ steps.after"), "\(same.output)")
    #expect(!same.output.contains("~ steps.look"))
    #expect(!same.output.contains("~ steps.change"))
    let nothing = belay("run", "--dry-run", "shop.yaml", "--against", "last")
    #expect(nothing.output.contains("nothing is observed otherwise (3 observations)"), "\(nothing.output)")

    world.write("state", "storm\n")
    world.write("config", "b\n")
    let changed = belay("run", "--dry-run", "shop.yaml", "--against", "last")
    for line in ["~ steps.look", "│ calm", "│ storm", "~ preconditions.config", "│ b"] {
      #expect(changed.output.contains(line), "\(line)\n\(changed.output)")
    }
    #expect(!changed.output.contains("of another plan"))
    let json = belay("run", "--dry-run", "--json", "shop.yaml", "--against", "last").output
    let last = try #require(json.split(separator: "\n").last)
    #expect(last.contains("\"differences\":[]") && last.contains("observations.compared"))
    world.write("shop.yaml", (world.read("shop.yaml") ?? "").replacing("1.0.0", with: "1.1.0"))
    #expect(belay("run", "--dry-run", "shop.yaml", "--against", "last").output.contains("of another plan"))
  }

  @Test("it takes a dry run, and a run to compare with")
  func usage() {
    #expect(belay("run", "shop.yaml", "--against", "last").status == 2)
    #expect(belay("run", "--dry-run", "shop.yaml", "--against", "last").status == 2)
    #expect(belay("runs").errors.contains("there is no store"))
  }
}
