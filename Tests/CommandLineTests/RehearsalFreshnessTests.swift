import BelayTestSupport
import Testing

/// What should be rehearsed again.
@Suite struct RehearsalFreshnessTests {
  private let world = TemporaryDirectory()

  private func belay(_ arguments: String...) -> CommandResult {
    BelayBinary.run(arguments, store: world.path("store"), directory: world.path)
  }

  private func write(effect: String = "look") {
    world.write(
      "shop.yaml",
      "belay: 1\nname: shop\nversion: 1.0.0\nsteps: [{id: look, effect: observe, exec: [echo, \(effect)]}]\n")
  }

  @Test("a scenario is stale until it was played, and again once the runbook changed, it failed, or time has passed")
  func stale() throws {
    write()
    world.write("belay.yaml", "project: 1\n")
    #expect(belay("rehearse", "--stale", "30d").output.contains("it has no scenario"))
    world.write("night.yaml", "rehearsal: 1\nrunbook: shop\nname: a night\n")
    let never = belay("rehearse", "--stale", "30d")
    #expect(never.status == 1)
    #expect(never.output.contains("a night   -     never rehearsed here  night.yaml"), "\(never.output)")
    #expect(belay("rehearse", "--all").status == 0)
    let fresh = belay("rehearse", "--stale", "30d")
    #expect(fresh.status == 0)
    #expect(fresh.output == "nothing is stale: 1 scenario\n")

    write(effect: "closer")
    #expect(belay("rehearse", "shop.yaml", "--stale", "30d").output.contains("has changed since"))
    world.write("night.yaml", "rehearsal: 1\nrunbook: shop\nname: a night\nexpect: {outcome: failed}\n")
    #expect(belay("rehearse", "--stale", "30d").output.contains("has changed since"))
    #expect(belay("rehearse", "--scenario", "night.yaml").status == 1)
    #expect(belay("rehearse", "--stale", "30d").output.contains("it failed"))
    world.write("other.yaml", "rehearsal: 1\nrunbook: shop\nname: a night\n")
    #expect(belay("rehearse", "--scenario", "other.yaml").status == 0)
    #expect(belay("rehearse", "--stale", "30d").output.contains("it failed"))
    _ = CommandRunner.run(["rm", world.path("other.yaml")])
    world.write("night.yaml", "rehearsal: 1\nrunbook: shop\nname: a night\nanswers: {steps.lok: {exit: 1}}\n")
    #expect(belay("rehearse", "--stale", "30d").output.contains("it has mistakes"))

    world.write("night.yaml", "rehearsal: 1\nrunbook: shop\nname: a night\n")
    #expect(belay("rehearse", "--all").status == 0)
    let path = "store/rehearsals/shop.json"
    let kept = try #require(world.read(path))
    let time = try #require(kept.firstMatch(of: /"time":([0-9]+)/)?.output.1)
    let earlier = try #require(Int64(time)) - 8 * 86_400_000
    world.write(path, kept.replacing(time, with: String(earlier)))
    #expect(belay("rehearse", "--stale", "30d").status == 0)
    #expect(belay("rehearse", "--stale", "7d", "--format", "json").output.contains("\"reason\": \"aged\""))
  }

  @Test("a runbook that was run and has changed since is named")
  func changedSinceRun() {
    write()
    world.write("belay.yaml", "project: 1\n")
    world.write("night.yaml", "rehearsal: 1\nrunbook: shop\nname: a night\n")
    #expect(belay("run", "shop.yaml").status == 0)
    #expect(belay("rehearse", "--all").status == 0)
    #expect(belay("rehearse", "--stale", "30d").status == 0)
    write(effect: "closer")
    #expect(belay("rehearse", "--all").status == 0)
    let listed = belay("rehearse", "--stale", "30d")
    #expect(listed.output.contains("run before, and changed since"))
    #expect(belay("runs").errors == "")
    _ = CommandRunner.run(["chmod", "755", world.path("store/rehearsals")])
    #expect(belay("runs").errors.contains("rehearsals"))
    #expect(listed.status == 0)
  }

  @Test("what cannot be kept is said, and is no failure; a link is not followed")
  func unkept() {
    write()
    world.write("night.yaml", "rehearsal: 1\nrunbook: shop\nname: a night\n")
    _ = CommandRunner.run(["ln", "-s", "/nowhere", world.path("store")])
    let played = belay("rehearse", "--scenario", "night.yaml")
    #expect(played.status == 0)
    #expect(played.errors.contains("nobody will know that it was rehearsed"))
    let other = TemporaryDirectory()
    _ = CommandRunner.run(["rm", world.path("store")])
    _ = CommandRunner.run(["mkdir", "-m", "700", world.path("store")])
    _ = CommandRunner.run(["ln", "-s", other.path, world.path("store/rehearsals")])
    #expect(belay("rehearse", "--scenario", "night.yaml").errors.contains("symbolic link"))
    #expect(other.read("shop.json") == nil)
  }

  @Test("--stale plays nothing")
  func usage() {
    write()
    for arguments in [["--stale", "soon"], ["--stale", "3d", "--all"], ["--stale", "3d", "--format", "junit"]] {
      #expect(
        BelayBinary.run(["rehearse"] + arguments, store: world.path("store"), directory: world.path).status == 2)
    }
  }
}
