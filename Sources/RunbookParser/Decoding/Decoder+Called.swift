import Diagnostics
import Expressions
import YAMLSyntax

/// A runbook that another one calls: its inputs get their values from the caller, most of them while the run is on.
extension Decoder {
  func called(
    as id: String, _ given: YAMLNode?, of caller: Decoder, _ span: ByteSpan, in place: ExpressionPlace
  ) -> Call? {
    let (root, problems) = YAMLReader.read(source)
    diagnostics += problems
    guard let root, hasRightHead(root), let root = file(root, .runbook) else { return nil }
    var runbook = Runbook(name: "", title: "")
    head(root, &runbook)
    takeRules(for: runbook)
    var plan = RunPlan(
      name: runbook.name, title: runbook.title, version: runbook.version?.description ?? "0.0.0")
    if let environment = caller.constants?.environment, !runbook.environments.isEmpty,
      !runbook.environments.contains(environment)
    {
      caller.report(
        .environmentChoice, "the runbook `\(runbook.name)` does not run in `\(environment)`", span,
        notes: ["it runs in \(runbook.environments.joined(separator: ", "))"])
    }
    var call = Call(runbook: runbook.name, version: plan.version)
    let pairs = given.map { caller.entries($0, "`inputs`") } ?? []
    let declared = inputs(root["inputs"])
    for pair in pairs where !declared.contains(where: { $0.name == pair.key }) {
      let nearest = Spelling.nearest(to: pair.key, in: declared.map(\.name))
      caller.report(
        .unknownInput, "the runbook `\(runbook.name)` has no input `\(pair.key)`", pair.keySpan,
        notes: nearest.map { ["did you mean `\($0)`?"] } ?? [])
    }
    for input in declared {
      let node = pairs.first { $0.key == input.name }?.value
      if input.type == .secret {
        secret(input, node, as: id, caller, place)
      } else if let content = content(of: input, node, caller, span, place, runbook.name) {
        call.inputs.append(Call.Input(name: input.name, type: input.type, content: content))
      }
    }
    plan.values = use(root["use"]) + values(root["values"])
    call.values = valueDeclarations
    settings(root, &plan)
    call.maxParallel = plan.maxParallel
    call.timeout = plan.timeout
    call.onFailure = plan.onFailure
    let ownTunnels = plan.tunnels
    steps(root, &runbook, &plan)
    openWithCaller(ownTunnels, root["tunnels"])
    call.preconditions = plan.tools.map { Precondition(check: Check(.tool($0))) } + plan.preconditions
    call.steps = plan.steps
    call.finally = plan.finally
    call.outputs = outputs(root["outputs"], in: ExpressionPlace(.outputs))
    calledLocks += plan.locks + (plan.concurrent ? [] : ["runbook/" + runbook.name])
    return call
  }

  /// A secret is the caller's, passed on whole, or one that the called runbook reads itself.
  private func secret(
    _ input: DeclaredInput, _ node: YAMLNode?, as id: String, _ caller: Decoder, _ place: ExpressionPlace
  ) {
    let spelled = ExpressionSpelling.of(input.name)
    guard let node else {
      let name = "\(id)/\(input.name)"
      names.secretNames[spelled] = name
      if let source = input.source {
        calledSecrets.append(
          PlannedInput(name: name, type: .secret, content: .secret(source), isOptional: !input.isRequired))
      }
      return
    }
    if case .secret(let name)? = caller.text(node, in: place.forSecrets, "`\(input.name)`") {
      names.secretNames[spelled] = name
    } else {
      caller.report(
        .secretPlace, "the secret `\(input.name)` is given a secret of the caller's, whole", node.span,
        notes: ["as \"${{ inputs.NAME }}\", where NAME is an input of type secret"])
    }
  }

  private func content(
    of input: DeclaredInput, _ node: YAMLNode?, _ caller: Decoder, _ span: ByteSpan, _ place: ExpressionPlace,
    _ runbook: String
  ) -> Call.Input.Content? {
    let spelled = ExpressionSpelling.of(input.name)
    if let node {
      switch caller.argument(node, of: input.type, "`\(input.name)`", in: place) {
      case .value(let value)?:
        constants?.inputs[spelled] = value
        return .value(value)
      case .expression(let expression)?:
        constants?.later.insert("inputs.\(spelled)")
        return .expression(expression)
      case .text(let text)?:
        constants?.later.insert("inputs.\(spelled)")
        return .text(text)
      case nil: return nil
      }
    }
    if let value = input.defaultValue {
      constants?.inputs[spelled] = value
      return .value(value)
    }
    if case .template(let template)? = input.defaultText {
      guard let sole = template.soleExpression else {
        report(
          .badValue, "the default of `\(input.name)` must be one whole expression where the runbook is called",
          input.defaultNode?.span ?? input.span)
        return nil
      }
      constants?.later.insert("inputs.\(spelled)")
      return .fallback(sole)
    }
    if input.isRequired {
      caller.report(.missingKey, "the runbook `\(runbook)` needs the input `\(input.name)`", span)
    }
    return .absent
  }
}
