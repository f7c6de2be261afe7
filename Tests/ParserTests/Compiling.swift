import Diagnostics
import RunbookParser

/// Compiles texts for tests.
enum Compiling {
  static func compile(
    _ text: String, environment: String? = nil, inputs: [String: String] = [:]
  ) -> Compilation {
    let given = inputs.sorted { $0.key < $1.key }.map { GivenInput(name: $0.key, text: $0.value) }
    return RunbookCompiler.compile(
      SourceText(name: "runbook.yaml", text: text), request: PlanRequest(environment: environment, inputs: given))
  }

  static func plan(_ text: String, environment: String? = nil, inputs: [String: String] = [:]) -> RunPlan? {
    compile(text, environment: environment, inputs: inputs).plan
  }

  /// A runbook of observing steps.
  static func runbook(_ steps: String, head: String = "") -> String {
    "belay: 1\nname: example\nversion: 1.0.0\n\(head)\nsteps:\n\(steps)"
  }

  static func step(_ id: String, _ rest: String = "") -> String {
    "  - {id: \(id), effect: observe, exec: [\"true\"]\(rest.isEmpty ? "" : ", " + rest)}\n"
  }
}
