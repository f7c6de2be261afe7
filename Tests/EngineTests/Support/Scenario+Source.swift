import BelayTestSupport
import Diagnostics
import RunbookParser

extension Scenario {
  /// A run of a runbook: its keys after `name` and `version`, as they are written.
  ///
  /// - Parameters:
  ///   - project: The other files, by name: those that begin with `library` are libraries, the others runbooks.
  init(runbook source: String, project: [String: String] = [:], environment: String? = nil) {
    let head = "belay: 1\nname: main\nversion: 1.0.0\n"
    let compilation = RunbookCompiler.compile(
      SourceText(name: "main.yaml", text: head + source), request: PlanRequest(environment: environment),
      project: SourcesInMemory(project))
    guard let plan = compilation.plan else { preconditionFailure("\(compilation.diagnostics.map(\.message))") }
    self.init(plan: plan)
  }
}

/// A project whose files are texts.
struct SourcesInMemory: ProjectSources {
  private let files: [String: SourceText]

  init(_ files: [String: String]) {
    self.files = Dictionary(
      uniqueKeysWithValues: files.map { ($0.key, SourceText(name: $0.key + ".yaml", text: $0.value)) })
  }

  var settings: SourceText? { files["belay"] }
  func library(named name: String) -> SourceText? { files[name] }
  func runbook(named name: String) -> SourceText? { files[name] }
  func file(at path: String) -> SourceText? { files[path] }
}
