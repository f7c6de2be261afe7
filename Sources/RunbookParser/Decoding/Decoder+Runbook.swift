import Diagnostics
import Expressions
import YAMLSyntax

/// What one file gave.
struct DecodedRunbook {
  var runbook: Runbook
  /// Complete if no error was reported and no input is missing.
  var plan: RunPlan
  var missing: [MissingInput]
}

extension Decoder {
  /// The whole of a runbook. With a request inputs are resolved and constants worked out.
  func runbook(_ root: YAMLNode, request: PlanRequest?) -> DecodedRunbook? {
    if other(root) { return nil }
    guard hasRightHead(root), let root = file(root, .runbook) else { return nil }
    var runbook = Runbook(name: "", title: "")
    head(root, &runbook)
    openCalls = [runbook.name]
    projectSettings(request?.environment, of: runbook)
    var plan = RunPlan(
      name: runbook.name, title: runbook.title, version: runbook.version?.description ?? "0.0.0")
    let missing = inputs(root, request, &runbook, &plan)
    settings(root, &plan)
    steps(root, &runbook, &plan)
    plan.outputs = outputs(root["outputs"], in: ExpressionPlace(.outputs))
    lookAtUnusedChecks()
    plan.inputs += calledSecrets
    // Who may start it, and when it is frozen, is said of what it calls, too.
    plan.policy = calledPolicies.reduce(settings.policy) { $0?.adding($1) }
    plan.platform = settings.platform.flatMap { $0.restricted(to: platformKeys) }
    plan.zones = zones.sorted()
    plan.tunnels += calledTunnels
    plan.locks += calledLocks.filter { !plan.locks.contains($0) }
    return DecodedRunbook(runbook: runbook, plan: plan, missing: missing)
  }

  /// A file of another kind on its own: a library, the project's file, its inventory. False where it is none.
  private func other(_ root: YAMLNode) -> Bool {
    guard let first = root.mapping?.first, first.value.scalar?.text == "1" else { return false }
    switch first.key {
    case "library":
      projectSettings(nil)
      wholeLibrary(root)
    case "project": wholeProject(root)
    case "platform": wholeInventory(root)
    case "rehearsal": _ = rehearsal(root)
    default: return false
    }
    return true
  }

  func hasRightHead(_ root: YAMLNode) -> Bool {
    guard let first = root.mapping?.first else {
      report(.notARunbook, "a runbook is a mapping that begins with `belay: 1`, not \(root.kindName)", root.span)
      return false
    }
    guard first.key == "belay" else {
      report(
        .notARunbook, "a runbook begins with `belay: 1`, not with `\(first.key)`", first.keySpan,
        fix: ForeignFile.lacksHead(root)
          ? Diagnostic.Fix(
            title: "add `belay: 1`",
            edits: [
              Diagnostic.Edit(
                span: ByteSpan(Int(first.keySpan.start), Int(first.keySpan.start)), replacement: "belay: 1\n")
            ]) : nil)
      return false
    }
    if first.value.scalar?.text != "1" {
      report(.notARunbook, "this program understands version 1 of the language", first.value.span)
      return false
    }
    return true
  }

  func head(_ root: YAMLNode, _ runbook: inout Runbook) {
    if let node = required("name", of: root, "a runbook"), let text = plainText(node, "`name`"),
      name(text, node.span, "a runbook")
    {
      runbook.name = text
    }
    runbook.title = root["title"].flatMap { plainText($0, "`title`") } ?? runbook.name
    runbook.version = root["version"].flatMap { text($0, fitting: .version, "`version`") }.flatMap {
      SemanticVersion($0)
    }
    runbook.owner = root["owner"].flatMap { plainText($0, "`owner`") }
    runbook.summary = root["summary"].flatMap { plainText($0, "`summary`") }
    runbook.severity = root["severity"].flatMap { plainText($0, "`severity`") }
    runbook.tags = names(root["tags"], "`tags`").map(\.name)
    let related = names(root["related"], "`related`")
    runbook.related = related.map(\.name)
    for (name, span) in related { lookFor(name, span) }
    for key in ["title", "summary"] {
      guard let node = root[key], node.scalar?.text.contains("${{") == true else { continue }
      report(
        .expressionWarning, "`\(key)` of a runbook is shown as it stands: no expression in it is worked out", node.span,
        severity: .warning)
    }
    runbook.environments = names(root["environments"], "`environments`").map(\.name)
  }

  private func inputs(
    _ root: YAMLNode, _ request: PlanRequest?, _ runbook: inout Runbook, _ plan: inout RunPlan
  ) -> [MissingInput] {
    let declared = inputs(root["inputs"])
    runbook.inputs = declared.map {
      Runbook.Input(
        name: $0.name, type: $0.type.name, words: $0.type.words,
        isRequired: $0.isRequired && $0.defaultNode == nil && $0.type != .secret,
        description: $0.description)
    }
    var missing: [MissingInput] = []
    if let request {
      plan.environment = environment(request.environment, root["environments"], runbook.environments)
      constants = ConstantScope(environment: plan.environment ?? "", platform: settings.platform)
      let fromEnvironment = settings.inputs.filter { given in declared.contains { $0.name == given.name } }
      (plan.inputs, missing) = resolve(
        declared, given: (fromEnvironment + request.inputs).filter { !misdeclaredInputs.contains($0.name) })
      // Without all inputs nothing can be worked out; the rest is still checked.
      if !missing.isEmpty || diagnostics.hasErrors { constants = nil }
    } else {
      lookAtGivenInputs(declared, in: runbook.environments)
    }
    plan.values = use(root["use"]) + values(root["values"])
    return missing
  }

  private func environment(_ chosen: String?, _ node: YAMLNode?, _ known: [String]) -> String? {
    let list = known.joined(separator: ", ")
    switch (chosen, known.isEmpty) {
    case (nil, true): return nil
    case (let chosen?, true): return chosen
    case (nil, false):
      report(
        .environmentChoice, "the runbook runs in one of its environments, and none was chosen", node?.span ?? .none,
        notes: ["add --environment with one of \(list)"])
      return nil
    case (let chosen?, false):
      if known.contains(chosen) { return chosen }
      report(
        .environmentChoice, "the runbook has no environment `\(chosen)`", node?.span ?? .none,
        notes: ["it runs in \(list)"])
      return nil
    }
  }

  func settings(_ root: YAMLNode, _ plan: inout RunPlan) {
    if let node = root["requires"], let node = mapping(node, .requires), let tools = node["tools"] {
      plan.tools = entries(tools, "`tools`").compactMap { tool($0) }
    }
    if let node = root["objectives"], let node = mapping(node, .objectives) {
      plan.objectives = Objectives(
        recoveryTime: duration(node["rto"], "`rto`"), recoveryPoint: duration(node["rpo"], "`rpo`"))
    }
    plan.detached = word(root["detached"], DetachedPolicy.self, "`detached`") ?? .pause
    plan.locks = names(root["locks"], "`locks`").map(\.name)
    plan.concurrent = flag(root["concurrent"], "`concurrent`") ?? false
    plan.maxParallel = integer(root["max-parallel"], "`max-parallel`")
    plan.timeout = duration(root["timeout"], "`timeout`")
    plan.onFailure = word(root["on-failure"], FailurePolicy.self, "`on-failure`")
    plan.tunnels = tunnels(root["tunnels"])
    if let node = root["defaults"], let node = mapping(node, .defaults) {
      defaultTimeout = duration(node["timeout"], "`timeout`") ?? defaultTimeout
      defaultPrometheus = node["prometheus"].flatMap { mapping($0, .prometheusDefaults) } ?? defaultPrometheus
      defaultPlace = place(node["on"], in: ExpressionPlace(.beforeSteps))
    }
    plan.notices = runNotices(root["notify"])
    environment = variables(root["env"], in: ExpressionPlace(.beforeSteps), "`env`")
    announceChecks(root["checks"])
  }

  private func tool(_ pair: YAMLPair) -> ToolRequirement? {
    var tool = ToolRequirement(name: pair.key)
    if pair.value.isEmpty { return tool }
    if pair.value.scalar != nil {
      tool.version = constraint(pair.value)
      return tool
    }
    guard let node = mapping(pair.value, .tool) else { return nil }
    tool.version = node["version"].flatMap { constraint($0) }
    if let words = node["exec"] {
      tool.command = elements(words, "`exec`").compactMap { plainText($0, "a word of `exec`") }
    }
    if let said = node["pattern"], let pattern = plainText(said, "`pattern`") {
      do throws(PatternError) {
        _ = try LinearPattern(pattern)
        tool.pattern = pattern
      } catch {
        report(.badValue, "the pattern cannot be used: \(error.message)", said.span)
      }
    }
    return tool
  }

  private func constraint(_ node: YAMLNode) -> VersionConstraint? {
    text(node, fitting: .versionBounds, "`version`").flatMap { VersionConstraint($0) }
  }

  func steps(_ root: YAMLNode, _ runbook: inout Runbook, _ plan: inout RunPlan) {
    let heads = self.heads(root["steps"], "`steps`")
    runbook.steps = heads.map(\.id)
    plan.preconditions = preconditions(root["preconditions"], in: ExpressionPlace(.beforeSteps), ofRun: true)
    plan.steps = stepList(heads, "", isFinally: false)
    plan.finally = stepList(self.heads(root["finally"], "`finally`"), "`finally`", isFinally: true)
  }
}
