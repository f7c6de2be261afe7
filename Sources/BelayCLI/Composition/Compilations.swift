import Diagnostics
import Presentation
import RunbookParser

/// Compiles a runbook for a command and shows what is wrong with it.
enum Compilations {
  /// The plan of a runbook, or an exit with status 2.
  static func plan(_ path: String, _ options: InputOptions, ask: Bool) throws -> RunPlan {
    try compilation(path, options, ask: ask).plan
  }

  /// The plan of a runbook and the steps whose outputs something reads, or an exit with status 2.
  static func compilation(
    _ path: String, _ options: InputOptions, ask: Bool
  ) throws -> (plan: RunPlan, readSteps: Set<String>) {
    let source = try FileReader.read(path)
    let (given, problems) = try options.given()
    var request = PlanRequest(environment: options.environment, inputs: given)
    var compilation = RunbookCompiler.compile(source, request: request, project: FileProject.of(path))
    if ask, !compilation.missing.isEmpty, !compilation.diagnostics.hasErrors || compilation.plan == nil {
      let asked = try InputPrompt.ask(compilation.missing)
      if !asked.isEmpty {
        request.inputs += asked
        compilation = RunbookCompiler.compile(source, request: request, project: FileProject.of(path))
      }
    }
    let diagnostics = problems + compilation.diagnostics
    show(diagnostics)
    guard !diagnostics.hasErrors, let plan = compilation.plan else { throw ExitStatus.usage }
    return (plan, compilation.readSteps)
  }

  /// Shows diagnostics on standard error.
  static func show(_ diagnostics: [Diagnostic]) {
    guard !diagnostics.isEmpty else { return }
    let renderer = DiagnosticTextRenderer(colour: Terminal.standardError.wantsColour)
    Terminal.standardError.write(renderer.render(diagnostics))
  }
}
