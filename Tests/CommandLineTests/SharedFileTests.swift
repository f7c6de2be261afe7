import BelayTestSupport
import Testing

/// What is wrong with a file that many runbooks use.
@Suite struct SharedFileTests {
  @Test("a mistake in the inventory is told once, under the name that the user gave")
  func onceEach() {
    let world = TemporaryDirectory()
    world.write("belay.yaml", "project: 1\ninventory: platform.yaml\n")
    world.write("platform.yaml", "platform: 1\nfields: {namespace: string}\nvalues: {namespce: shop}\n")
    for name in ["one", "two", "three"] {
      world.write(
        "books/\(name).yaml",
        "belay: 1\nname: \(name)\nversion: 1.0.0\nsteps: [{id: look, effect: observe, exec: [\"true\"]}]\n")
    }
    let all = BelayBinary.run("validate", ".", store: world.path("store"), directory: world.path)
    #expect(all.status == 2)
    #expect(all.errors.ranges(of: "the inventory has no field `namespce`").count == 1, "\(all.errors)")
    #expect(all.errors.contains("--> platform.yaml:3:10"), "\(all.errors)")
    let some = BelayBinary.run("validate", "books", store: world.path("store"), directory: world.path)
    #expect(some.status == 2)
    #expect(some.errors.ranges(of: "the inventory has no field `namespce`").count == 1, "\(some.errors)")
  }
}
