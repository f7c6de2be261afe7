import BelayTestSupport
import Testing

/// `belay schema` and the written schemas.
@Suite struct SchemaCommandTests {
  static let kinds = ["runbook", "library", "project", "inventory", "rehearsal"]

  @Test("the written schemas are what the command prints", arguments: kinds)
  func written(kind: String) {
    let world = TemporaryDirectory()
    let result = BelayBinary.run(["schema", kind], store: world.path("store"), directory: world.path)
    #expect(result.status == 0)
    #expect(result.errors == "")
    let path = "\(BelayBinary.projectRoot)/schemas/\(kind).schema.json"
    if let difference = GoldenFile.difference(result.output, from: path) { Issue.record("\(difference.prefix(2000))") }
  }

  @Test("there is a schema for each kind and no other")
  func allKinds() {
    #expect(GoldenFile.names(in: BelayBinary.projectRoot + "/schemas", suffix: ".schema.json") == Self.kinds.sorted())
    let world = TemporaryDirectory()
    let help = BelayBinary.run(["schema", "--help"], store: world.path("store"), directory: world.path)
    for kind in Self.kinds { #expect(help.output.contains(kind)) }
    let other = BelayBinary.run(["schema", "incident"], store: world.path("store"), directory: world.path)
    #expect(other.status == 2)
    let script = BelayBinary.run(["completion", "bash"], store: world.path("store"), directory: world.path).output
    #expect(script.contains(Self.kinds.map { "'\($0)'" }.joined(separator: "$'\\n'")))
  }
}
