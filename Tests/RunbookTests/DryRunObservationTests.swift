import BelayTestSupport
import CanonicalJSON
import KubernetesStandIn
import Testing

/// Each runbook that the project ships is run dry under strace(1): what it starts and reaches is what its plan says is only
/// looked at, no more and no less.
@Suite(
  "What dry runs do", .serialized,
  .enabled(
    if: TestPlatform.isExpected && InstalledProgram.isExpected("strace"), "a server, kubectl or strace is missing"))
struct DryRunObservationTests {
  /// The runbook that looks at nothing.
  private static let forPeopleAlone = "runbooks/checklists/incident-declaration.yaml"

  init() throws {
    let traces = CommandRunner.run(["sh", "-c", "strace -f -o /dev/null true"]).status == 0
    try #require(traces, "strace is missing, or may not trace processes here")
  }

  @Test("No runbook that is shipped is left out") func complete() {
    #expect(ObservationStage.allCases.flatMap(\.runbooks).sorted() == ShippedRunbooks.all)
  }

  @Test("A dry run starts and reaches what its plan observes, and nothing else", arguments: ObservationStage.allCases)
  func invariant2_shippedRunbooks(stage: ObservationStage) throws {
    let parts = try stage.parts()
    #expect(Set(parts.arrangements.map(\.runbook)) == Set(stage.runbooks))
    var spared: [String: Set<String>] = [:]
    for arrangement in parts.arrangements {
      let file = parts.file(arrangement.runbook)
      let options =
        arrangement.inputs.flatMap { ["--input", "\($0.key)=\($0.value)"] } + parts.options
      let plan = try Self.plan(file, options)
      let run = TracedDryRun(file, options: options, variables: parts.variables, cluster: parts.cluster)
      let name = arrangement.runbook
      #expect(run.result.status == 0, "\(name): \(run.result.errors)")
      var outcomes = ["succeeded"]
      for step in plan.steps {
        let end = run.ends[step] ?? "never ended"
        #expect(
          ["skipped", "succeeded"].contains(end) || arrangement.mayFail.contains(step) && end == "failed",
          "\(name): \(step) \(end)")
        if end == "failed" { outcomes = ["failed"] }
      }
      #expect(outcomes == [run.outcome], "\(name): \(run.result.errors)")
      #expect(plan.all.isEmpty == (name == Self.forPeopleAlone), "\(name)")
      let differences = ObservationDifferences.of(run, from: plan, spared: arrangement.spared)
      #expect(differences == [], "\(name)")
      spared[name] = spared[name].map { $0.intersection(arrangement.spared) } ?? arrangement.spared
    }
    for (name, spared) in spared {
      #expect(spared == ObservationStage.unreachable[name] ?? [], "\(name): looked at in no run")
    }
    withExtendedLifetime(parts) {}
  }

  @Test("A check that is not what its label says does not pass for an observation", arguments: LabelledRunbook.allCases)
  func invariant2_mislabelledCheck(runbook: LabelledRunbook) throws {
    let directory = TemporaryDirectory()
    let server = StatusServer()
    let other = StatusServer(status: 302, header: "Location: \(server.url)/health")
    let file = runbook.write(in: directory, asking: runbook == .isLedElsewhere ? other.url : server.url)
    let plan = try Self.plan(file, [])
    let run = TracedDryRun(file, options: [])
    #expect(run.outcome == "succeeded", "\(run.result.output)\(run.result.errors)")
    let differences = ObservationDifferences.of(run, from: plan)
    if let finding = runbook.finding {
      #expect(differences.contains { $0.hasPrefix(finding) }, "\(differences)")
    } else {
      #expect(differences == [])
      #expect(plan.all.map(\.address) == ["preconditions.0", "steps.answers.items.0", "steps.empty"])
      // One observation less, or one that is not made, is seen.
      for observation in plan.all {
        #expect(ObservationDifferences.of(run, from: plan.without(observation.address)) != [])
      }
      let more = CommandPattern(["test", "-e", directory.path("another")])
      #expect(ObservationDifferences.of(run, from: plan.adding("steps.more", .program(more))) != [])
      #expect(
        ObservationDifferences.of(run, from: plan.adding("steps.more", .request(host: "127.0.0.1", port: 9))) != [])
    }
  }

  private static func plan(_ file: String, _ options: [String]) throws -> PlannedObservations {
    let store = TemporaryDirectory()
    let planned = BelayBinary.run(["plan", file, "--format", "json"] + options, store: store.path)
    try #require(planned.status == 0, "\(planned.errors)")
    return PlannedObservations(try #require(try JSON.parse(planned.output)["plan"]))
  }
}
