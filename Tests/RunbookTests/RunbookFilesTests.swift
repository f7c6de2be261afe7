import BelayTestSupport
import Testing

/// What holds for every runbook that the project ships.
@Suite("The project's runbooks") struct RunbookFilesTests {
  @Test("All of them are valid, without a warning") func validate() {
    let result = BelayBinary.run("validate", ProjectRunbook.folder, store: TemporaryDirectory().path)
    #expect(result.status == 0)
    #expect(result.output.hasSuffix("files are valid\n"))
    #expect(result.errors == "")
  }

  @Test(
    "Each can be planned without being told anything",
    arguments: ["troubleshooting/database-connections.yaml", "daily/host-health-check.yaml"])
  func plan(name: String) {
    let result = ProjectRunbook(name).plan()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\nSteps\n"))
  }
}
