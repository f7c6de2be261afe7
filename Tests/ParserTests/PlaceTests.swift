import BelayTestSupport
import RunbookParser
import Testing

/// Where programs run.
@Suite struct PlaceTests {
  private static func places(_ text: String) throws -> [Place?] {
    let plan = try #require(Compiling.plan(text))
    return plan.steps.map { step in if case .program(let program) = step.action { program.place } else { nil } }
  }

  @Test("`defaults` hold for every program that says nothing else")
  func defaultsHold() throws {
    let text = Compiling.runbook(
      Compiling.step("a") + Compiling.step("b", "on: local") + Compiling.step("c", "on: {pod: api-0, namespace: shop}"),
      head: "defaults: {on: {ssh: db1}}")
    var pod = Place.Pod(target: .literal("api-0"))
    pod.namespace = .literal("shop")
    #expect(try Self.places(text) == [.ssh(.literal("db1")), nil, .pod(pod)])
  }

  @Test("a group's place holds for its steps, those of groups inside too, and for no other")
  func groups() throws {
    let text = Compiling.runbook(
      """
        - id: group
          on: {ssh: web1}
          steps:
            - {id: a, effect: observe, exec: ["true"]}
            - id: inner
              steps:
                - {id: b, effect: observe, exec: ["true"]}
                - {id: c, effect: observe, on: local, exec: ["true"]}
        - {id: after, effect: observe, exec: ["true"]}

      """)
    let plan = try #require(Compiling.plan(text))
    guard case .group(let group) = plan.steps[0].action, case .group(let inner) = group.steps[1].action else {
      Issue.record("these are no groups")
      return
    }
    let places = ([group.steps[0]] + inner.steps + [plan.steps[1]]).map { step -> Place? in
      if case .program(let program) = step.action { program.place } else { nil }
    }
    #expect(places == [.ssh(.literal("web1")), .ssh(.literal("web1")), nil, nil])
  }

  @Test("a place may stand in checks, preconditions, ways back and dry runs")
  func everywhere() throws {
    let text = Compiling.runbook(
      """
        - id: change
          exec: ["true"]
          repeatable: true
          preconditions: [{exec: ["true"], on: {ssh: a}}]
          verify: [{not: {exec: ["true"], on: {ssh: b}}}]
          rollback: {exec: ["true"], on: {ssh: c}, verify: [{exec: ["true"], on: {ssh: d}}]}
          dry-run: {exec: ["true"], on: {ssh: e}}
      """)
    let plan = try #require(Compiling.plan(text))
    let encoded = String(decoding: plan.encoded().canonicalBytes(), as: UTF8.self)
    for host in ["a", "b", "c", "d", "e"] { #expect(encoded.contains("\"on\":{\"ssh\":\"\(host)\"}"), "\(host)") }
    #expect(try RunPlan(decoding: plan.encoded()) == plan)
  }

  @Test("inputs are folded into a place, and the digest covers it")
  func placesAreInTheDigest() throws {
    let text = Compiling.runbook(
      Compiling.step("a", "on: {ssh: \"root@${{ inputs.host }}\"}"), head: "inputs: {host: {type: string}}")
    let first = try #require(Compiling.plan(text, inputs: ["host": "db1"]))
    let second = try #require(Compiling.plan(text, inputs: ["host": "db2"]))
    guard case .program(let program) = first.steps[0].action else { return }
    #expect(program.place == .ssh(.literal("root@db1")))
    #expect(first.digest != second.digest)
    #expect(Compiling.plan(text, inputs: ["host": "db 1"]) == nil, "a folded name is looked at too")
  }
}
