import CanonicalJSON
import Diagnostics
import Expressions
import YAMLSyntax

/// What a plan is made for.
public struct PlanRequest: Sendable {
  /// The environment that was chosen.
  public var environment: String?
  /// Values for inputs; of two for one input the later counts.
  public var inputs: [GivenInput]

  /// A request from its parts.
  public init(environment: String? = nil, inputs: [GivenInput] = []) {
    self.environment = environment
    self.inputs = inputs
  }
}

/// What compiling a file gave.
public struct Compilation: Sendable {
  /// What the author says about the runbook; nil where the file is none.
  public var runbook: Runbook?
  /// The sealed plan; nil if there was no request, an input is missing, or there is an error.
  public var plan: RunPlan?
  /// The plan as far as it is known where inputs may be missing; unsealed. Nil where the file is no runbook.
  public var draft: RunPlan?
  /// Mistakes and warnings, in the order they are shown.
  public var diagnostics: [Diagnostic]
  /// Inputs that have no value and need one.
  public var missing: [MissingInput]
  /// The scripts of the runbook, in the order of the file.
  public var scripts: [RunbookScript] = []
  /// The steps whose outputs something reads, by their ids.
  package var readSteps: Set<String> = []
  /// Whether the file seems to be of another tool; its diagnostics are of use only to who takes it for a runbook.
  public var seemsForeign = false
}

/// A rehearsal with the plan that it is of.
package struct PlannedRehearsal: Sendable {
  /// The scenario.
  package var rehearsal: RehearsalScenario
  /// The plan.
  package var plan: RunPlan
  /// The steps whose outputs something reads, by their ids: they must be answered.
  package var readSteps: Set<String>

  package init(rehearsal: RehearsalScenario, plan: RunPlan, readSteps: Set<String>) {
    self.rehearsal = rehearsal
    self.plan = plan
    self.readSteps = readSteps
  }
}

/// Turns the text of a runbook into a plan; a user's mistake is a diagnostic, never a thrown error.
public enum RunbookCompiler {
  /// Checks a runbook and, for a request, plans it.
  ///
  /// Reads no file, starts no program and asks nobody: secrets stay names of their sources.
  public static func compile(
    _ source: SourceText, request: PlanRequest? = nil, project: (any ProjectSources)? = nil
  ) -> Compilation {
    let (root, problems) = YAMLReader.read(source)
    guard let root else {
      return Compilation(
        runbook: nil, plan: nil, diagnostics: problems.sortedForDisplay(), missing: [],
        seemsForeign: ForeignFile.seems(source, root: nil))
    }
    let decoder = Decoder(source: source)
    decoder.project = project
    decoder.diagnostics = problems
    let decoded = decoder.runbook(root, request: request)
    var diagnostics = unique(decoder.diagnostics.sortedForDisplay())
    var plan: RunPlan?
    if let decoded, request != nil, !diagnostics.hasErrors {
      if decoded.missing.isEmpty {
        plan = decoded.plan
        plan?.seal()
      } else {
        diagnostics += decoded.missing.map { input in
          Diagnostic(
            .missingInput, "the input `\(input.name)` has no value", source: source,
            span: decoder.names.inputSpans[input.name] ?? .none,
            notes: ["give it with -i \(input.name)=… or in a file with --inputs"])
        }
      }
    }
    return Compilation(
      runbook: decoded?.runbook, plan: plan, draft: decoded?.plan, diagnostics: diagnostics,
      missing: decoded?.missing ?? [],
      scripts: once(decoder.scripts), readSteps: decoder.readSteps,
      seemsForeign: decoded == nil && ForeignFile.seems(source, root: root))
  }

  /// The SHA-256 of all that a project's file says of people, roles, keys and rules, the files of keys included; nil where it
  /// cannot be read.
  package static func policyDigest(of settings: SourceText, in project: any ProjectSources) -> String? {
    guard let root = YAMLReader.read(settings).root else { return nil }
    var content: [JSON] = []
    for key in ["people", "roles", "keys", "starts", "approvals", "freezes"] {
      guard let node = root[key] else { continue }
      content += [.string(key), Decoder.json(node)]
      guard key == "keys" else { continue }
      for pair in node.mapping ?? [] {
        guard let path = pair.value.scalar?.text, let file = project.file(at: path) else { return nil }
        content.append(.string(String(decoding: file.bytes, as: UTF8.self)))
      }
    }
    return RunPlan.digest(of: .array(content))
  }

  /// What a rehearsal's file says, and the runbook that it is of, planned for it; nil where there is an error.
  package static func rehearsal(
    _ source: SourceText, project: any ProjectSources
  ) -> (decoded: PlannedRehearsal?, diagnostics: [Diagnostic]) {
    let (root, problems) = YAMLReader.read(source)
    guard let root else { return (nil, problems.sortedForDisplay()) }
    let decoder = Decoder(source: source)
    decoder.project = project
    decoder.diagnostics = problems
    if root.mapping?.first?.key != FileKind.rehearsal.firstKey {
      decoder.report(.notARunbook, "a rehearsal begins with `rehearsal: 1`", root.span)
    }
    let decoded = decoder.rehearsal(root)
    let diagnostics = decoder.diagnostics.sortedForDisplay()
    guard let decoded, let plan = decoded.plan, !diagnostics.hasErrors else { return (nil, diagnostics) }
    return (PlannedRehearsal(rehearsal: decoded.rehearsal, plan: plan, readSteps: decoded.readSteps), diagnostics)
  }

  /// The inputs that a file gives: a mapping of their names to values.
  public static func inputsFile(_ source: SourceText) -> (inputs: [GivenInput], diagnostics: [Diagnostic]) {
    let (root, problems) = YAMLReader.read(source)
    guard let root else { return ([], problems) }
    guard let pairs = root.mapping else {
      let problem = Diagnostic(
        .wrongKind, "a file of inputs is a mapping of names to values, not \(root.kindName)", source: source,
        span: root.span)
      return ([], problems + [problem])
    }
    let inputs = pairs.map { GivenInput(name: $0.key, node: $0.value, source: source, span: $0.keySpan) }
    return (inputs, problems)
  }

  /// A named check that is used twice is decoded twice, and its script is one.
  private static func once(_ scripts: [RunbookScript]) -> [RunbookScript] {
    var seen: Set<ByteSpan> = []
    return scripts.filter { seen.insert($0.node.span).inserted }.sorted { $0.node.span < $1.node.span }
  }

  /// A named check that is used twice is decoded twice, and its mistakes are said once.
  private static func unique(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    var kept: [Diagnostic] = []
    for diagnostic in diagnostics {
      if let last = kept.last, last.span == diagnostic.span, last.code == diagnostic.code,
        last.message == diagnostic.message, last.source === diagnostic.source
      {
        continue
      }
      kept.append(diagnostic)
    }
    return kept
  }
}
