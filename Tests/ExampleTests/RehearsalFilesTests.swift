import BelayTestSupport
import Testing

/// The scenarios of the project's own files.
@Suite struct RehearsalFilesTests {
  @Test("every scenario of the shipped runbooks comes as it should")
  func runbooks() {
    let world = TemporaryDirectory()
    let result = BelayBinary.run(
      ["rehearse", "--all"], store: world.path("store"), directory: BelayBinary.projectRoot + "/runbooks")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("rehearsals passed"))
  }

  @Test("every scenario of the examples comes as it should")
  func examples() {
    let world = TemporaryDirectory()
    let result = BelayBinary.run(
      ["rehearse", "examples/release/release.yaml", "--all"], store: world.path("store"),
      directory: BelayBinary.projectRoot)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("3 rehearsals passed"))
  }
}
