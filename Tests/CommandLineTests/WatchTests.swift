import BelayTestSupport
import Glibc
import Testing

/// `belay validate --watch`, driven by changes of real files.
@Suite struct WatchTests {
  private static let good = "belay: 1\nname: example\nsteps:\n  - {id: a, effect: observe, exec: [id]}\n"
  private static let bad = good + "timeout: soon\n"

  /// Waits until a watching command has shown a line.
  private static func shows(_ line: String, _ running: CommandRunner.Running) -> Bool {
    Waiting.until { running.outputSoFar.contains(line) }
  }

  @Test("Each change brings a round, and Ctrl-C ends with the last one's status") func rounds() {
    let world = TemporaryDirectory()
    world.write("books/a.yaml", Self.good)
    let running = BelayBinary.start(
      ["validate", "--watch", "books"], store: world.path("store"), directory: world.path)
    #expect(Self.shows("== round 1\nbooks/a.yaml is valid\n", running))
    world.write("books/a.yaml", Self.bad)
    #expect(Self.shows("== round 2: books/a.yaml changed\n", running))
    // As editors do: a new file takes the place of the old one.
    world.write("books/.a.yaml.new", Self.good)
    rename(world.path("books/.a.yaml.new"), world.path("books/a.yaml"))
    #expect(Self.shows("books/a.yaml changed\nbooks/a.yaml is valid\n", running))
    // A folder that is new is watched too.
    world.write("books/new/b.yaml", Self.good)
    #expect(Self.shows("2 files are valid\n", running))
    world.write("books/new/b.yaml", Self.bad)
    #expect(Self.shows("books/new/b.yaml changed\n", running))
    unlink(world.path("books/a.yaml"))
    #expect(Self.shows("books/a.yaml changed\n", running))
    running.signal(SIGINT)
    let result = running.wait()
    #expect(result.status == 2)
    #expect(result.errors.contains("error[BLY0105]"))
  }

  @Test("A single file is watched, and what stands beside it is not") func singleFile() {
    let world = TemporaryDirectory()
    world.write("a.yaml", Self.bad)
    let running = BelayBinary.start(
      ["validate", "--watch", "a.yaml"], store: world.path("store"), directory: world.path)
    #expect(Self.shows("== round 1\n", running))
    world.write("b.yaml", Self.bad)
    world.write("a.yaml", Self.good)
    #expect(Self.shows(": a.yaml changed\na.yaml is valid\n", running))
    running.signal(SIGINT)
    #expect(running.wait().status == 0)
  }

  @Test("With --fix what is written is fixed") func fixes() {
    let world = TemporaryDirectory()
    world.write("a.yaml", Self.good)
    let running = BelayBinary.start(
      ["validate", "--watch", "--fix", "a.yaml"], store: world.path("store"), directory: world.path)
    #expect(Self.shows("a.yaml is valid\n", running))
    world.write("a.yaml", Self.good.replacing("effect", with: "efect"))
    #expect(Waiting.until { world.read("a.yaml") == Self.good })
    #expect(Self.shows("fixed a.yaml:4:13: BLY0101, write `effect`\na.yaml is valid\n", running))
    running.signal(SIGTERM)
    #expect(running.wait().status == 0)
  }

  @Test("Standard input cannot be watched") func refusesInput() {
    let result = BelayBinary.run("validate", "--watch", "-", store: TemporaryDirectory().path)
    #expect(result.status == 2)
    #expect(result.errors == "error: --watch watches files, and - is standard input\n")
  }
}
