import Diagnostics
import RunbookParser
import Testing

/// The files of a project that speak of each other by name.
@Suite struct ProjectFileTests {
  private struct Project: ProjectSources {
    var files: [String: String] = [:]
    var settings: SourceText?
    var several: [String: [String]] = [:]

    func library(named name: String) -> SourceText? { file(at: name) }
    func runbook(named name: String) -> SourceText? { file(at: name) }
    func libraries(named name: String) -> [String] { several[name] ?? [] }
    func runbooks(named name: String) -> [String] { several[name] ?? [] }
    func file(at path: String) -> SourceText? { files[path].map { SourceText(name: path, text: $0) } }
  }

  private static func messages(_ text: String, _ project: Project) -> [String] {
    RunbookCompiler.compile(SourceText(name: "runbook.yaml", text: text), project: project).diagnostics
      .filter { $0.severity == .error }.map { "\($0.code) \($0.message)" }
  }

  private static let library = "library: 1\nname: shared\nvalues: {x: {type: int, value: \"1\"}}\n"

  @Test("of several files of one name none counts, and a library is used once")
  func namesakes() {
    let project = Project(
      files: ["shared": Self.library, "other": Compiling.runbook(Compiling.step("a"))],
      several: ["shared": ["a/shared.yaml", "b/shared.yaml"], "other": ["a.yaml", "b.yaml", "c.yaml"]])
    let text = Compiling.runbook("  - {id: call, runbook: {name: other}}\n", head: "use: [shared, shared]")
    #expect(
      Self.messages(text, project) == [
        "BLY0107 2 files of the project are the library `shared`", "BLY0107 the library `shared` is used twice",
        "BLY0107 3 files of the project are the runbook `other`",
      ])
  }

  @Test("a value of the runbook's own that a library has, too, is a second one")
  func shadowedValues() {
    let text = Compiling.runbook(
      Compiling.step("a"), head: "use: [shared]\nvalues: {x: {type: int, value: \"2\"}}")
    #expect(Self.messages(text, Project(files: ["shared": Self.library])) == ["BLY0107 a second value is called `x`"])
  }

  @Test("a way round over several runbooks is shown in each of them, and in no other")
  func callCycles() {
    func runbook(_ name: String, calling other: String) -> String {
      "belay: 1\nname: \(name)\nversion: 1.0.0\nsteps: [{id: call, runbook: {name: \(other)}}]\n"
    }
    let project = Project(files: [
      "a": runbook("a", calling: "b"), "b": runbook("b", calling: "c"), "c": runbook("c", calling: "a"),
    ])
    #expect(
      Self.messages(runbook("a", calling: "b"), project) == ["BLY0132 the runbook `a` calls itself: a → b → c → a"])
    #expect(
      Self.messages(runbook("c", calling: "a"), project) == ["BLY0132 the runbook `c` calls itself: c → a → b → c"])
    #expect(Self.messages(runbook("d", calling: "a"), project).map { $0.prefix(7) } == ["BLY0133"])
  }

  @Test("each environment says, with the inventory, something of every field")
  func facts() {
    func found(_ settings: String, environment: String?) -> [String] {
      let source = SourceText(name: "belay.yaml", text: "project: 1\ninventory: inventory\n" + settings)
      let project = Project(
        files: ["inventory": "platform: 1\nfields: {ns: string, size: int}\nvalues: {size: 1}\n"], settings: source)
      let text = Compiling.runbook(Compiling.step("a"), head: environment == nil ? "" : "environments: [staging, prod]")
      let run = RunbookCompiler.compile(
        SourceText(name: "runbook.yaml", text: text), request: PlanRequest(environment: environment), project: project)
      let own = RunbookCompiler.compile(source, project: project)
      return (run.diagnostics + own.diagnostics).map { "\($0.code) \($0.message)" }
    }
    let both = "environments: {staging: {platform: {ns: s}}, prod: {}}\n"
    let missing = "BLY0102 the environment `prod` says nothing of `ns`, and neither does the inventory"
    #expect(found(both, environment: "staging") == [missing])
    #expect(found(both, environment: "prod") == [missing, missing])
    #expect(found(both.replacing("prod: {}", with: "prod: {platform: {ns: p}}"), environment: "prod") == [])
    let none = "BLY0102 the inventory says nothing of `ns`"
    #expect(found("", environment: nil) == [none, none])
  }

  @Test("what is said and counts for nothing is warned of")
  func saidInVain() {
    func warnings(_ text: String) -> [String] {
      RunbookCompiler.compile(
        SourceText(name: "runbook.yaml", text: text), project: Project(files: ["known": Compiling.runbook("")])
      ).diagnostics.map { "\($0.severity) \($0.code) \($0.message)" }
    }
    let steps = """
        - {id: a, exec: [a], repeatable: true, rollback: none, because: it stays, mended-by: nobody, verify: [{exec: [b]}]}
        - {id: b, exec: [a], repeatable: true, rollback: none, because: it stays, mended-by: known, verify: [{exec: [b]}]}
      finally:
        - {id: c, effect: observe, exec: [c], on-failure: stop}

      """
    let head = "title: 'To ${{ inputs.x }}'\nrelated: [known, unknown]\ninputs: {x: {type: string, default: a}}"
    #expect(
      warnings(Compiling.runbook(steps, head: head)) == [
        "warning BLY0127 `title` of a runbook is shown as it stands: no expression in it is worked out",
        "warning BLY0131 there is no runbook `unknown` in this project",
        "warning BLY0131 there is no runbook `nobody` in this project",
        "warning BLY0101 `on-failure` means nothing in `finally`: whatever fails there, the others run",
      ])
  }

  @Test("a reason is shown with what is known at planning")
  func reasons() throws {
    let step =
      "  - {id: a, exec: [a], repeatable: true, rollback: none, because: \"${{ inputs.x }} stays\", verify: [{exec: [b]}]}\n"
    let plan = try #require(Compiling.plan(Compiling.runbook(step, head: "inputs: {x: {type: string, default: it}}")))
    #expect(plan.steps[0].rollback == .none(because: "it stays", mendedBy: nil))
  }

  @Test("what rests on a library that is not there is not reported besides")
  func missingLibrary() {
    let text = Compiling.runbook(
      Compiling.step("a", "verify: [{check: ready}, {exec: [test, \"${{ values.x }}\"]}]"), head: "use: [shared]")
    #expect(Self.messages(text, Project()) == ["BLY0131 there is no library `shared`"])
  }

  @Test(
    "a mistake in a declaration is reported there alone",
    arguments: [
      ("inputs: {q: {type: strng}}", "exec: [echo, \"${{ inputs.q }}\"]"),
      ("inputs: {q: {type: enum}}", "exec: [echo, \"${{ inputs.q }}\"]"),
      ("inputs: {Q: string}", "exec: [echo, \"${{ inputs.Q }}\"]"),
      ("input: {q: string}", "exec: [echo, \"${{ inputs.q }}\"]"),
      ("values: {v: {type: int, vale: '1'}}", "exec: [echo, \"${{ values.v }}\"]"),
      ("values: {v: {type: int}}", "exec: [echo, \"${{ values.v }}\"]"),
      (
        "checks: {ok: {with: {p: strin}, exec: [\"${{ with.p }}\"]}}", "exec: [ls], verify: [{check: ok, with: {p: 1}}]"
      ),
      ("tags: []", "exce: [ls]"), ("tags: []", "exec: [ls], outputs: {t: {type: strng, value: result.stdout}}"),
      ("tags: []", "exec: [ls], outputs: text"),
    ])
  func follows(head: String, step: String) {
    let steps =
      "  - {id: first, effect: observe, \(step)}\n"
      + "  - {id: second, effect: observe, exec: [echo, \"${{ steps.first.outputs.t }}\"], when: \"false\"}\n"
    let found = Self.messages(Compiling.runbook(steps, head: head), Project())
    #expect(found.filter { !$0.contains("has no `t`") }.count == 1, "\(found)")
    #expect(step.contains("outputs") == false || found.count == 1, "\(found)")
  }
}
