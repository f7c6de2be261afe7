import Diagnostics
import RunbookParser
import Testing

/// What a plan takes of the project's people, roles and freezes.
@Suite struct PolicyTests {
  private struct Project: ProjectSources {
    let settings: SourceText?

    init(_ text: String) { settings = SourceText(name: "belay.yaml", text: "project: 1\n" + text) }

    func library(named name: String) -> SourceText? { nil }
    func runbook(named name: String) -> SourceText? { nil }
    func file(at path: String) -> SourceText? { nil }
  }

  private static let people = "people:\n  bob: {login: bob.builder}\n  alice: {}\nroles:\n  lead: [bob]\n"
  private static let freezes = """
    environments: {staging: {}, production: {}}
    freezes:
      year-end: {from: 2026-12-20T00:00:00Z, until: 2027-01-04T06:00:00Z, environments: [production]}
      release: {from: 2026-11-01T00:00:00+01:00, until: 2026-11-02T00:00:00Z, except: {tags: [incident], runbooks: [other]}}

    """

  private static func compile(_ project: String, head: String = "", environment: String? = nil) -> Compilation {
    let text = Compiling.runbook(Compiling.step("a"), head: head)
    return RunbookCompiler.compile(
      SourceText(name: "runbook.yaml", text: text), request: PlanRequest(environment: environment),
      project: Project(project))
  }

  @Test("people have the login that is said, or their own name; both are in the plan and its digest")
  func people() throws {
    let plan = try #require(Self.compile(Self.people).plan)
    let policy = try #require(plan.policy)
    #expect(policy.people.map(\.name) == ["alice", "bob"])
    #expect(policy.people(of: ["lead"]).map(\.login) == ["bob.builder"])
    #expect(try RunPlan(decoding: plan.encoded()) == plan)
    let other = Self.people.replacing("lead: [bob]", with: "lead: [alice]")
    #expect(Self.compile(other).plan?.digest != plan.digest)
  }

  @Test("a login is one person's, and a role is not of nobody")
  func mistakes() {
    let twice = Self.compile("people:\n  a: {login: x}\n  b: {login: x}\n").diagnostics
    #expect(twice.map(\.message) == ["a second person is logged in as `x`"])
    #expect(Self.compile("people:\n  a: {}\nroles:\n  lead: []\n").plan == nil)
    #expect(Self.compile("people:\n  a: {}\nroles:\n  lead: [b]\n").plan == nil)
  }

  @Test("a plan holds the freezes of its environment that make no exception of its runbook")
  func freezes() throws {
    func names(_ environment: String, _ head: String = "") -> [String]? {
      Self.compile(
        Self.freezes, head: "environments: [staging, production]\n" + head, environment: environment
      ).plan?.policy?.freezes.map(\.name)
    }
    #expect(names("staging") == ["release"])
    #expect(names("production") == ["release", "year-end"])
    #expect(names("production", "tags: [database, incident]") == ["year-end"])
    let plan = try #require(
      Self.compile(
        Self.freezes, head: "environments: [production]", environment: "production"
      ).plan)
    #expect(plan.policy?.freeze(at: 1_793_487_599_999) == nil)
    #expect(plan.policy?.freeze(at: 1_793_487_600_000)?.name == "release", "the offset counts")
    #expect(try RunPlan(decoding: plan.encoded()) == plan)
  }

  @Test("a freeze has an end after its beginning, and environments that there are")
  func wrongFreezes() {
    func messages(_ project: String) -> [String] { Self.compile(project).diagnostics.map(\.message) }
    #expect(
      messages(Self.freezes.replacing("until: 2026-11-02", with: "until: 2026-10-02"))
        == ["the freeze `release` is over before it begins"])
    #expect(
      messages(Self.freezes.replacing("2026-11-02T00:00:00Z", with: "tomorrow"))
        == ["`until`: `tomorrow` is not a timestamp such as 2026-01-12T03:14:00Z"])
    #expect(
      messages(Self.freezes.replacing("environments: [production]", with: "environments: [producton]"))
        == ["there is no environment `producton`"])
  }
}
