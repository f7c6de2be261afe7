import Diagnostics
import Expressions
import YAMLSyntax

/// A step as the first pass sees it: enough to know the graph and what others may read of it.
struct StepHead {
  var node: YAMLNode
  var id: String
  var idSpan: ByteSpan
  var needs: [(name: String, span: ByteSpan)]?
}

extension Decoder {
  /// The first pass over a list of steps.
  func heads(_ node: YAMLNode?, _ subject: String) -> [StepHead] {
    guard let node else { return [] }
    var heads: [StepHead] = []
    var seen: [String: ByteSpan] = [:]
    for element in elements(node, subject) {
      guard let element = mapping(element, .step) else { continue }
      guard let idNode = required("id", of: element, "a step"), let id = plainText(idNode, "`id`") else { continue }
      guard name(id, idNode.span, "a step") else {
        names.misnamedSteps.insert(ExpressionSpelling.of(id))
        continue
      }
      if let first = seen[id] ?? names.stepPlaces[ExpressionSpelling.of(id)].map({ names.steps[$0].span }) {
        report(.duplicateName, "a second step is called `\(id)`", idNode.span, labels: [(first, "this is the first")])
        continue
      }
      seen[id] = idNode.span
      heads.append(
        StepHead(
          node: element, id: id, idSpan: idNode.span,
          needs: element["needs"].map { names($0, "`needs`") }))
    }
    return heads
  }

  /// The needs of each step as places in the list: those it names, or the step before it.
  func needs(of heads: [StepHead], _ subject: String) -> [[Int]] {
    var places: [String: Int] = [:]
    for (place, head) in heads.enumerated() { places[head.id] = place }
    return heads.enumerated().map { place, head in
      guard let said = head.needs else { return place > 0 ? [place - 1] : [] }
      var needs: [Int] = []
      for (name, span) in said {
        if let need = places[name] {
          if !needs.contains(need) { needs.append(need) }
        } else if !self.names.misnamedSteps.contains(ExpressionSpelling.of(name)) {
          let nearest = Spelling.nearest(to: name, in: heads.map(\.id))
          report(
            .unknownStep, "there is no step `\(name)`\(subject.isEmpty ? "" : " in \(subject)")", span,
            notes: nearest.map { ["did you mean `\($0)`?"] } ?? [])
        }
      }
      return needs
    }
  }

  /// The order of the steps; nil, every cycle reported, where there is none.
  func order(_ heads: [StepHead], _ needs: [[Int]]) -> [Int]? {
    let graph = StepGraph(needs: needs)
    if let order = graph.order() { return order }
    for cycle in graph.cycles() {
      let first = heads[cycle[0]]
      // Each step of a cycle needs the next one.
      let path = (cycle + [cycle[0]]).map { heads[$0].id }.joined(separator: " → ")
      let span = first.needs?.first { need in cycle.contains { heads[$0].id == need.name } }?.span ?? first.idSpan
      report(
        .cycle, cycle.count == 1 ? "the step `\(first.id)` needs itself" : "steps need each other: \(path)", span,
        labels: cycle.dropFirst().map { (heads[$0].idSpan, "`\(heads[$0].id)` is on the way round") })
    }
    return nil
  }

  /// The second pass: a step as it will run. `index` is its place among the names.
  func step(_ head: StepHead, index: Int, isFinally: Bool) -> PlannedStep? {
    let step =
      head.node["for-each"].map { repetition($0, head, index: index, isFinally: isFinally) }
      ?? single(head, index: index, isFinally: isFinally)
    return step
  }

  /// A step without its repetition.
  func single(_ head: StepHead, index: Int, isFinally: Bool) -> PlannedStep? {
    let node = head.node
    if node["steps"] != nil || node["runbook"] != nil { return block(head, index: index, isFinally: isFinally) }
    var place = ExpressionPlace(isFinally ? .finally(index) : .step(index))
    let when = expression(node["when"], in: place, "`when`", expecting: .bool)
    // The rest of the step is worked out only where `when` was true.
    place.guards = when?.guardsWhenTrue ?? []
    return under(when) { single(head, index: index, isFinally: isFinally, when, in: place) }
  }

  private func single(
    _ head: StepHead, index: Int, isFinally: Bool, _ when: Expression?, in place: ExpressionPlace
  ) -> PlannedStep? {
    let node = head.node
    guard let action = action(node, in: place) else { return nil }
    let isBackground = flag(node["background"], "`background`") ?? false
    let effect = isBackground ? .observe : effect(of: head, action)
    if effect == .observe { cautionOfChange(node, "the step `\(head.id)`") }
    var step = PlannedStep(id: head.id, effect: effect ?? .observe, action: action.action)
    step.title = node["title"].flatMap { shownText($0, "`title`", in: place) }
    if let description = node["description"] { _ = plainText(description, "`description`") }
    step.when = when
    step.preconditions = preconditions(node["preconditions"], in: place, ofRun: false)
    step.confirm = confirmation(node["confirm"], in: place)
    step.approval = Approval(
      said: approval(node["approval"]), effect: step.effect, rules: settings.policy?.approvals ?? [])
    let after = place.with(action.result)
    step.expect = expression(node["expect"], in: after, "`expect`", expecting: .bool)
    step.outputs = outputs(node["outputs"], in: after)
    step.applied = node["applied"].flatMap { checkReference($0, in: place) }
    step.repeatable = flag(node["repeatable"], "`repeatable`") ?? false
    step.verify = checks(node["verify"], in: place, "`verify`")
    step.timeout = duration(node["timeout"], "`timeout`") ?? (isBackground ? nil : attemptTimeout(action.action))
    if isBackground { step.ready = ready(node["ready"], in: place) }
    step.action = action.action.bounded(by: &step.timeout)
    step.retry = retry(node["retry"], in: after)
    if case .notify = action.action, step.retry == nil { step.retry = Retry(attempts: 3) }
    (step.onFailure, step.undoScope) = failurePolicy(node["on-failure"])
    if isFinally, let pair = node.mapping?.first(where: { $0.key == "on-failure" }) {
      report(
        .unknownKey, "`on-failure` means nothing in `finally`: whatever fails there, the others run", pair.keySpan,
        severity: .warning)
    }
    step.dryRun = node["dry-run"].flatMap { dryRun($0, of: action, in: place) }
    step.keepsOutput = keepsOutput(node["keep-output"], action)
    if !step.keepsOutput { refuseReading(of: head, step) }
    step.temporary = flag(node["temporary"], "`temporary`") ?? false
    if let effect {
      step.rollback = rollback(of: head, index: index, effect: effect, isFinally: isFinally)
      checkContract(step, head, effect)
    }
    return step
  }

  private func keepsOutput(_ node: YAMLNode?, _ action: DecodedAction) -> Bool {
    guard let node, let word = plainText(node, "`keep-output`") else { return true }
    return word != "none"
  }

  /// What is not kept is not read either: a replay could not read it again.
  private func refuseReading(of head: StepHead, _ step: PlannedStep) {
    let read = step.outputs.map(\.value) + [step.expect, step.retry?.when].compactMap { $0 }
    for path in read.flatMap(\.paths) where path.segments.first == "result" && path.segments.count > 1 {
      guard ["stdout", "stderr", "lines", "json", "body"].contains(path.segments[1]) else { continue }
      return report(
        .badValue, "`result.\(path.segments[1])` is not there with `keep-output: none`",
        head.node["keep-output"]?.span ?? head.idSpan,
        notes: ["what is not kept could not be read again when the run is resumed or proven"])
    }
  }

  private func effect(of head: StepHead, _ action: DecodedAction) -> Effect? {
    head.node["effect"].map { word($0, Effect.self, "`effect`") } ?? action.defaultEffect
  }

  private func attemptTimeout(_ action: Action) -> Int64? {
    switch action {
    case .program, .http, .prometheus: defaultTimeout
    // A channel that hangs must not hold up the run.
    case .notify: Self.noticePatience
    default: nil
    }
  }

  /// A word, or what is undone and how the run goes on then.
  func failurePolicy(_ node: YAMLNode?) -> (FailurePolicy?, UndoScope?) {
    guard let node else { return (nil, nil) }
    guard node.mapping != nil else { return (word(node, FailurePolicy.self, "`on-failure`"), nil) }
    guard let node = mapping(node, .scopedFailure), let said = required("undo", of: node, "`on-failure`"),
      let undo = plainText(said, "`undo`")
    else { return (nil, nil) }
    let then = word(node["then"], FailurePolicy.self, "`then`")
    if undo == "run" { return (.rollback, nil) }
    return (then ?? .stop, word(said, UndoScope.self, "`undo`"))
  }

  func retry(_ node: YAMLNode?, in place: ExpressionPlace) -> Retry? {
    guard let node, let node = mapping(node, .retry) else { return nil }
    guard let attempts = integer(required("attempts", of: node, "`retry`"), "`attempts`")
    else { return nil }
    var retry = Retry(attempts: attempts)
    retry.delay = duration(node["delay"], "`delay`") ?? retry.delay
    retry.maxDelay = duration(node["max-delay"], "`max-delay`")
    if let factor = node["backoff"].flatMap({ text($0, fitting: .decimal(1...100), "`backoff`") }).flatMap(Double.init)
    {
      retry.backoffPermille = Int64((factor * 1000).rounded())
    }
    retry.when = expression(node["when"], in: place, "`when`", expecting: .bool)
    return retry
  }

  private func dryRun(_ node: YAMLNode, of step: DecodedAction, in place: ExpressionPlace) -> Action? {
    guard let node = mapping(node, .dryRun) else { return nil }
    if let more = node["append"] {
      guard case .program(var program) = step.action, case .exec(let words) = program.command,
        let added = arguments(more, in: place, "`append`")
      else { return nil }
      program.command = .exec(words + added)
      return .program(program)
    }
    return action(node, in: place)?.action
  }
}

extension Action {
  /// The action, where it waits for a person as one that ends with what bounds it; the bound is taken then.
  func bounded(by timeout: inout Int64?) -> Action {
    guard case .manual(var manual) = self, let bound = timeout else { return self }
    manual.within = min(manual.within ?? bound, bound)
    timeout = nil
    return .manual(manual)
  }
}
