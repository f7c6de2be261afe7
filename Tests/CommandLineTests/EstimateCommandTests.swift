import BelayTestSupport
import Testing

/// What `belay plan` says of how long a run takes.
@Suite struct EstimateCommandTests {
  @Test("a plan shows how long its steps took before, against the recovery objective")
  func estimate() {
    let world = TemporaryDirectory()
    func belay(_ arguments: String...) -> CommandResult {
      BelayBinary.run(arguments, store: world.path("store"), directory: world.path)
    }
    world.write(
      "shop.yaml",
      """
      belay: 1
      name: shop
      version: 1.0.0
      objectives: {rto: 10ms}
      steps:
        - {id: first, effect: observe, exec: [sleep, "0.1"]}
        - {id: second, effect: observe, exec: ["true"]}
      """)
    #expect(belay("plan", "shop.yaml").output.contains("unknown, of the recovery objective of 10ms"))
    #expect(belay("run", "shop.yaml", "--dry-run").status == 0)
    #expect(belay("plan", "shop.yaml").output.contains("unknown, of the recovery objective of 10ms"))
    #expect(belay("run", "shop.yaml").status == 0)
    #expect(belay("run", "shop.yaml").status == 0)
    let plan = belay("plan", "shop.yaml").output
    #expect(plan.contains("longer than the recovery objective of 10ms (2 runs)"), "\(plan)")
    #expect(plan.contains("critical path: first "), "\(plan)")
    #expect(plan.contains("usually: "), "\(plan)")
    let json = belay("plan", "shop.yaml", "--format", "json").output
    #expect(json.contains("\"objective\": 10"))
    #expect(json.contains("\"critical-path\""))
  }
}
