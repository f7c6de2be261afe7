import Diagnostics

/// A rule of the language: what `belay explain` and the page in the reference say of it, with examples that are its tests.
package struct RuleDescription: Sendable {
  /// The code of its diagnostics.
  package let code: DiagnosticCode
  /// How much its diagnostics matter.
  package let severity: Severity
  /// What is wrong, in one sentence without a final stop.
  package let title: String
  /// Why it is wrong, and what to do, in Markdown.
  package let explanation: String
  /// Runbooks that break it.
  package let bad: [Example]
  /// Runbooks that keep it, without any other mistake.
  package let good: [Example]

  init(
    _ code: DiagnosticCode, _ severity: Severity, _ title: String, explanation: String, bad: [Example], good: [Example]
  ) {
    self.code = code
    self.severity = severity
    self.title = title
    self.explanation = explanation
    self.bad = bad
    self.good = good
  }

  /// What finds the mistakes of a rule.
  package enum Asked: Sendable {
    /// Whatever reads a runbook.
    case compiler
    /// `belay validate --shellcheck`.
    case shellCheck
    /// `belay fmt`.
    case formatter
  }

  /// A runbook that shows a rule.
  package struct Example: Sendable {
    /// The runbook as it is shown.
    package let text: String
    /// The bytes that the rule's diagnostics mark, in order.
    package let places: [ByteSpan]
    /// What it is planned with; nil where it is only validated.
    package let request: PlanRequest?
    /// The inputs of the request as they are typed, by name.
    package let inputs: [String: String]
    /// What speaks of the rule.
    package let asked: Asked
    /// The other files of its project, by name.
    package let project: [String: String]
    private let made: (@Sendable () -> [UInt8])?

    /// An example from its text, in which `«…»` marks the places that the rule's diagnostics show.
    ///
    /// - Parameters:
    ///   - inputs: What it is planned with.
    ///   - environment: What it is planned for.
    ///   - project: The other files, by name; `belay` is the project's own.
    ///   - made: The content of the file, where a text cannot show it.
    init(
      _ marked: String, inputs: [String: String]? = nil, environment: String? = nil, asked: Asked = .compiler,
      project: [String: String] = [:], made: (@Sendable () -> [UInt8])? = nil
    ) {
      var text = ""
      var places: [ByteSpan] = []
      var open: [Int] = []
      for character in marked {
        switch character {
        case "«": open.append(text.utf8.count)
        case "»": places.append(ByteSpan(open.popLast() ?? 0, text.utf8.count))
        default: text.append(character)
        }
      }
      self.text = text
      self.places = places
      self.inputs = inputs ?? [:]
      self.asked = asked
      self.made = made
      self.project = project
      request =
        inputs == nil && environment == nil
        ? nil
        : PlanRequest(
          environment: environment,
          inputs: (inputs ?? [:]).sorted { $0.key < $1.key }.map { GivenInput(name: $0.key, text: $0.value) })
    }

    /// What the compiler says of it.
    package func diagnostics() -> [Diagnostic] {
      let source = SourceText(name: "runbook.yaml", bytes: made?() ?? Array(text.utf8))
      return RunbookCompiler.compile(source, request: request, project: ExampleProject(project)).diagnostics
    }
  }
}

/// The other files of an example.
private struct ExampleProject: ProjectSources {
  private let files: [String: SourceText]

  init(_ texts: [String: String]) {
    files = texts.reduce(into: [:]) { $0[$1.key] = SourceText(name: $1.key + ".yaml", text: $1.value) }
  }

  var settings: SourceText? { files["belay"] }
  func library(named name: String) -> SourceText? { files[name] }
  func runbook(named name: String) -> SourceText? { files[name] }
  func file(at path: String) -> SourceText? { files[path] }
}
