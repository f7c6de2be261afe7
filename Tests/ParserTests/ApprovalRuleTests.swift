import Diagnostics
import RunbookParser
import Testing

/// What a plan takes of the project's rules about approvals and starts.
@Suite struct ApprovalRuleTests {
  private struct Project: ProjectSources {
    let settings: SourceText?

    init(_ text: String) { settings = SourceText(name: "belay.yaml", text: "project: 1\n" + text) }

    func library(named name: String) -> SourceText? { nil }
    func runbook(named name: String) -> SourceText? {
      let steps = "  - {id: gone, effect: irreversible, exec: [\"true\"], repeatable: true}\n"
      return SourceText(
        name: "\(name).yaml",
        text: "belay: 1\nname: \(name)\nversion: 1.0.0\ntags: [database]\nsteps:\n\(steps)")
    }
    func file(at path: String) -> SourceText? {
      path.hasPrefix("keys/") ? SourceText(name: path, text: ApprovalRuleTests.keys(path)) : nil
    }
  }

  private static let people = """
    environments: {staging: {}, production: {}}
    people: {alice: {principal: alice@example.com}, bob: {}, carol: {}}
    roles: {lead: [alice, bob], dba: [carol]}
    keys: {allowed-signers: keys/allowed, revoked: keys/revoked}

    """
  private static let rules = """
    approvals:
      two-leads: {effects: [irreversible], environments: [production], from: [lead], count: 2, within: 1h}
      database: {tags: [database], from: [dba], within: 5m}
      four-eyes: {not-starter: true}
    starts:
      by-lead: {environments: [production], from: [lead]}
      by-dba: {runbooks: [example], from: [dba]}
      others: {runbooks: [other], tags: [web], from: [dba]}

    """
  private static let steps = """
      - {id: look, effect: observe, exec: ["true"]}
      - {id: change, exec: ["true"], repeatable: true, rollback: {exec: ["true"]}}
      - {id: gone, effect: irreversible, exec: ["true"], repeatable: true}
      - {id: own, exec: ["true"], repeatable: true, rollback: {exec: ["true"]}, approval: {from: [dba], within: 1m}}

    """

  /// A file with one key and its own path as the comment.
  fileprivate static func keys(_ path: String) -> String {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKjpHqM2DFY6zQBRNHuyN5WOmBxGwW6JGGvyAZMkvHpZ"
    return (path == "keys/revoked" ? "" : "alice@example.com ") + key + " \(path)\n"
  }

  private static func compile(
    _ project: String = people + rules, _ steps: String = steps, head: String = "", environment: String = "production"
  ) -> Compilation {
    RunbookCompiler.compile(
      SourceText(
        name: "runbook.yaml",
        text: Compiling.runbook(steps, head: "environments: [staging, production]\n" + head)),
      request: PlanRequest(environment: environment), project: Project(project))
  }

  private static func plan(head: String = "", environment: String = "production") throws -> RunPlan {
    let compiled = compile(head: head, environment: environment)
    return try #require(compiled.plan, "\(compiled.diagnostics.map(\.message))")
  }

  @Test("rules concern the steps of their effects, in their environments, of their runbooks or tags")
  func concern() throws {
    func demands(_ id: String, head: String = "", environment: String = "production") throws -> [String] {
      let step = try Self.plan(head: head, environment: environment).steps.first { $0.id == id }
      return (step?.approval?.demands ?? []).map { "\($0.count) \($0.roles.joined(separator: "+")) \($0.rule ?? "-")" }
    }
    #expect(try demands("look") == [])
    #expect(try demands("change") == [])
    #expect(try demands("gone") == ["2 lead two-leads"])
    #expect(try demands("gone", environment: "staging") == [])
    #expect(try demands("own", environment: "staging") == ["1 dba -"])
    #expect(try demands("gone", head: "tags: [database]\n") == ["1 dba database", "2 lead two-leads"])
    #expect(try demands("change", head: "tags: [database]\n") == ["1 dba database"])
    #expect(try demands("look", head: "tags: [database]\n") == [])
  }

  @Test("of several bounds the shortest counts, and a rule without roles bounds every gate")
  func bounds() throws {
    let plan = try Self.plan(head: "tags: [database]\n")
    #expect(plan.steps.map { $0.approval?.within } == [nil, 300_000, 300_000, 60_000])
    #expect(plan.steps.map { $0.approval?.excludesStarter } == [nil, "four-eyes", "four-eyes", "four-eyes"])
  }

  @Test("a repetition has its approval for all items, and a group leaves the rules to what it holds")
  func blocks() throws {
    let compiled = Self.compile(
      Self.people + Self.rules,
      """
        - {id: each, for-each: "['a', 'b']", effect: irreversible, exec: ["true"], repeatable: true}
        - id: group
          steps:
            - {id: inner, effect: irreversible, exec: ["true"], repeatable: true}

      """)
    let plan = try #require(compiled.plan, "\(compiled.diagnostics.map(\.message))")
    #expect(plan.steps[0].approval?.demands.count == 1)
    guard case .forEach(let each) = plan.steps[0].action, case .group(let group) = plan.steps[1].action else {
      Issue.record("other actions")
      return
    }
    #expect(each.template.approval == nil)
    #expect(plan.steps[1].approval == nil)
    #expect(group.steps[0].approval?.demands.count == 1)
  }

  @Test("rules about a runbook hold where another one calls it, in it alone, and say who may start the caller")
  func calls() throws {
    let compiled = Self.compile(
      Self.people + Self.rules,
      """
        - {id: before, exec: ["true"], repeatable: true, rollback: {exec: ["true"]}}
        - {id: call, runbook: {name: other}, effect: irreversible}

      """, environment: "staging")
    let plan = try #require(compiled.plan, "\(compiled.diagnostics.map(\.message))")
    guard case .call(let call) = plan.steps[1].action else {
      Issue.record("no call")
      return
    }
    #expect(call.steps[0].approval?.demands.map(\.rule) == ["database"])
    #expect(plan.steps[0].approval == nil)
    #expect(plan.policy?.starts.map(\.name) == ["by-dba", "others"])
  }

  @Test("who may start it is said by the rules that concern it")
  func starts() throws {
    #expect(try Self.plan().policy?.starts.map(\.name) == ["by-dba", "by-lead"])
    #expect(try Self.plan(environment: "staging").policy?.starts.map(\.name) == ["by-dba"])
  }

  @Test("keys, principals and rules are in the plan and its digest, and come back from its encoded form")
  func plans() throws {
    let plan = try Self.plan()
    #expect(
      plan.policy?.keys == PolicyKeys(allowedSigners: Self.keys("keys/allowed"), revoked: Self.keys("keys/revoked")))
    #expect(plan.policy?.person(signingAs: "alice@example.com")?.name == "alice")
    #expect(try RunPlan(decoding: plan.encoded()) == plan)
    #expect(try RunPlan(decoding: plan.encoded()).digest == plan.digest)
    for (from, to) in [
      ("count: 2", "count: 1"), ("keys/allowed", "keys/others"), ("alice@example.com", "alice@example.org"),
      ("not-starter: true", "not-starter: false, within: 1h"), ("by-lead: {", "by-leads: {"),
    ] {
      let other = Self.compile((Self.people + Self.rules).replacing(from, with: to)).plan
      #expect(other != nil)
      #expect(other?.digest != plan.digest, "\(to)")
    }
  }

  @Test("what cannot be is refused: unknown roles, too few people, missing files, and starters whom nobody can tell")
  func mistakes() {
    func messages(_ project: String, _ steps: String = Self.steps) -> [String] {
      Self.compile(project, steps).diagnostics.filter { $0.severity == .error }.map(\.message)
    }
    #expect(
      messages(Self.people + "approvals:\n  a: {from: [ops]}\n").first == "there is no role `ops`")
    #expect(
      messages(Self.people + "approvals:\n  a: {from: [dba], count: 2}\n")
        == ["2 must approve, and one person has the role"])
    #expect(
      messages(Self.people, Self.steps.replacing("from: [dba]", with: "from: [lead], count: 3"))
        == ["3 must approve, and 2 people have the role"])
    #expect(messages(Self.people.replacing("keys/allowed", with: "allowed")) == ["the project has no file `allowed`"])
    let keyless = Self.people.replacing(
      "keys: {allowed-signers: keys/allowed, revoked: keys/revoked}", with: "")
    #expect(
      messages(keyless + "approvals:\n  a: {not-starter: true}\n") == [
        "without `keys` nobody can tell who started a run"
      ])
    #expect(
      messages(Self.people + "starts:\n  a: {from: [dba], environments: [prod]}\n") == [
        "there is no environment `prod`"
      ])
    #expect(
      messages(Self.people.replacing("bob: {}", with: "bob: {principal: alice@example.com}")) == [
        "a second person has the principal `alice@example.com`"
      ])
  }
}
