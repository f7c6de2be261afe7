import CanonicalJSON
import Diagnostics
import FuzzingLimits
import Presentation
import RunbookFormatter
import RunbookParser

/// Compiles, shows and formats what libFuzzer thinks up.
///
/// A plan must come back from its encoded form as it was, and formatting must leave its digest.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCompiler(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let source = SourceText(name: "fuzz.yaml", bytes: Array(UnsafeBufferPointer(start: start, count: count)))
  withinASecond { compile(source) }
  return 0
}

private func compile(_ source: SourceText) {
  let project = FuzzProject(source: source)
  let first = RunbookCompiler.compile(source, project: project)
  for diagnostic in first.diagnostics {
    check(diagnostic.span, in: diagnostic.source)
    for label in diagnostic.labels { check(label.span, in: label.source) }
    for edit in diagnostic.fix?.edits ?? [] { check(edit.span, in: diagnostic.source) }
  }
  _ = DiagnosticTextRenderer(colour: false).render(first.diagnostics)
  _ = RunbookCompiler.compile(
    SourceText(name: "fuzz.yaml", bytes: FixApplication(first.diagnostics, to: source).bytes), project: project)
  guard let runbook = first.runbook, !first.diagnostics.hasErrors else { return }
  var request = PlanRequest(environment: runbook.environments.first)
  let missing = RunbookCompiler.compile(source, request: request, project: project).missing
  request.inputs = missing.map { GivenInput(name: $0.name, text: "1") }
  let formatted = RunbookFormatter.format(source).text
  guard let plan = RunbookCompiler.compile(source, request: request, project: project).plan else { return }
  do {
    let again = try RunPlan(decoding: JSON.parse(plan.encoded().canonicalBytes()))
    precondition(again == plan, "the plan does not come back from its encoded form")
  } catch {
    preconditionFailure("the plan cannot be read back: \(error)")
  }
  if let formatted {
    let formattedSource = SourceText(name: "fuzz.yaml", text: formatted)
    let digest = RunbookCompiler.compile(formattedSource, request: request, project: project).plan?.digest
    precondition(digest == plan.digest, "formatting changes the plan")
    precondition(RunbookFormatter.format(formattedSource).text == formatted, "formatting twice is not formatting once")
  }
}

private func check(_ span: ByteSpan, in source: SourceText) {
  precondition(span.start >= 0 && span.start <= span.end && Int(span.end) <= source.bytes.count, "\(span)")
}

/// A project in which every library is the same one, and the runbook called `self` is the input.
private struct FuzzProject: ProjectSources {
  let source: SourceText
  let settings: SourceText? = SourceText(
    name: "belay.yaml",
    text: """
      project: 1
      channels:
        incidents: {command: {exec: [mail, ops]}}
      """)

  func library(named name: String) -> SourceText? {
    SourceText(
      name: "library.yaml",
      text: """
        library: 1
        name: \(name)
        checks:
          ready: {with: {pod: string}, exec: [kubectl, get, pod, "${{ with.pod }}"]}
        """)
  }

  func runbook(named name: String) -> SourceText? {
    if name == "self" { return source }
    return SourceText(
      name: "called.yaml",
      text: """
        belay: 1
        name: called
        version: 1.0.0
        inputs: {n: {type: int, default: 1}}
        steps:
          - {id: look, exec: ["true", "${{ inputs.n }}"], effect: observe, outputs: {o: {type: int, value: result.exit}}}
        outputs: {o: {type: int, value: steps.look.outputs.o}}
        """)
  }

  func file(at path: String) -> SourceText? { nil }
}
