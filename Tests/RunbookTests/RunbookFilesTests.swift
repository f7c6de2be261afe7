import BelayTestSupport
import Testing

/// What holds for every runbook that the project ships.
@Suite("The project's runbooks") struct RunbookFilesTests {
  private static let store = TemporaryDirectory()

  /// Their places in the folder, in order.
  private static let names: [String] = {
    let found = CommandRunner.run(["grep", "-rl", "--include=*.yaml", "^belay: 1$", ProjectRunbook.folder]).output
    return found.split(separator: "\n").map { String($0.dropFirst(ProjectRunbook.folder.count + 1)) }.sorted()
  }()

  /// What must be said of some, by name.
  private static let inputs: [String: [String: String]] = [
    "cache/raise-cache-memory.yaml": ["memory": "1Gi"],
    "checklists/change-management.yaml": [
      "change": "CR-7", "window-start": "2026-01-12T03:00:00Z", "window-end": "2026-01-12T04:00:00Z",
    ],
    "checklists/incident-declaration.yaml": [
      "severity": "SEV-1", "what": "All of it is down", "commander": "Ada", "channel": "https://chat.example.com/1",
      "customer-facing": "true",
    ],
    "checklists/pre-deployment.yaml": ["release": "1.0.0"],
    "deployment/canary-deployment.yaml": ["image": "registry/api:2.0.0"],
    "service/scale-service.yaml": ["pods": "3"],
  ]

  @Test("All of them are valid, without a warning") func validate() {
    let result = BelayBinary.run("validate", ProjectRunbook.folder, store: Self.store.path)
    #expect(result.status == 0)
    #expect(result.output.hasSuffix("files are valid\n"))
    #expect(result.errors == "")
  }

  @Test("All of them are laid out as the formatter does it") func layout() {
    let result = BelayBinary.run("fmt", "--check", ProjectRunbook.folder, store: Self.store.path)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("Each can be planned in each of its environments", arguments: names)
  func plan(name: String) {
    let text = TestFile.read(ProjectRunbook.folder + "/" + name) ?? ""
    let environments =
      text.contains("\nenvironments:") ? [["--environment=staging"], ["--environment=production"]] : [[]]
    for environment in environments {
      let result = ProjectRunbook(name, inputs: Self.inputs[name] ?? [:]).plan(environment)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("\nSteps\n"))
    }
  }

  @Test("Whatever a runbook names as what mends a finding, or as related, is there", arguments: names)
  func references(name: String) {
    let known = Set(Self.names.map { $0.split(separator: "/").last.map { String($0.dropLast(".yaml".count)) } ?? "" })
    let text = TestFile.read(ProjectRunbook.folder + "/" + name) ?? ""
    var named: [Substring] = []
    if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("related: [") }) {
      named += line.dropFirst("related: [".count).dropLast().split(separator: ",")
    }
    // The table of a diagnosing runbook: `{'finding': 'runbook', …}`.
    let parts = text.split(separator: "  mended-by:\n    type: string", maxSplits: 1)
    if parts.count == 2, let table = parts[1].split(separator: "{").dropFirst().first?.split(separator: "}").first {
      for pair in table.split(separator: ",") {
        named += pair.split(separator: "'", omittingEmptySubsequences: false).dropFirst(3).prefix(1)
      }
      #expect(!named.isEmpty)
    }
    for reference in named {
      let name = reference.filter { $0 != " " && $0 != "\n" }
      #expect(name.isEmpty || known.contains(name), "there is no runbook \(name)")
    }
  }
}
