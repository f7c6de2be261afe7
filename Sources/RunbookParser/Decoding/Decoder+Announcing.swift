import Diagnostics
import Expressions
import YAMLSyntax

/// What others may read of a step, and whether it is surely there.
extension Decoder {
  /// Makes a step known to expressions.
  func announce(_ head: StepHead, place: Int, isFinally: Bool) {
    let node = head.node
    let outputs = (node["outputs"]?.mapping ?? []).compactMap { pair -> (name: String, type: ValueType)? in
      // A mistake in it is reported when the step itself is decoded.
      let silent = Decoder(source: source)
      let type = silent.type(pair.value, .output, "an output")?.valueType ?? .dyn
      guard node["for-each"] != nil else { return (pair.key, type) }
      return (pair.key, .list(elementType(type, of: node, isFinally)))
    }
    var step = NameTable.Step(
      id: head.id, spelled: ExpressionSpelling.of(head.id), span: head.idSpan, outputs: outputs,
      hasUnreadableOutputs: node["outputs"].map { $0.mapping == nil && !$0.isEmpty } ?? false,
      mayLack: lack(node, isFinally),
      place: place)
    step.succeedsWithout = node["for-each"] == nil && Self.otherwise(node).contains("done") || Self.isCutShort(node)
    names.add(step)
  }

  /// Why the outputs of a step may be absent though what needs it runs; nil if they are surely there.
  private func lack(_ node: YAMLNode, _ isFinally: Bool) -> String? {
    if node["for-each"] != nil {
      // Each item has its own `when`, preconditions and end; the gate is one for all.
      let hasGate = node["confirm"] != nil || node["approval"] != nil
      return hasGate && goesOn(afterFailureOf: node, isFinally) == "continue"
        ? "the run goes on if the step is denied" : nil
    }
    if node["when"] != nil { return "the step is skipped if its `when` is false" }
    switch goesOn(afterFailureOf: node, isFinally) {
    case "continue"?: return "the run goes on if the step fails"
    case _?: return "the run goes on without the step if it fails"
    case nil: break
    }
    let skipping = Self.otherwise(node).first { ["skip", "done", "ask"].contains($0) }
    return skipping.map { "a precondition may skip the step (`otherwise: \($0)`)" }
  }

  /// What makes the run go on after a failure of the step: its policy, or that of the group around; nil where it does not.
  private func goesOn(afterFailureOf node: YAMLNode, _ isFinally: Bool) -> String? {
    if isFinally { return "continue" }
    let own = node["on-failure"]
    if (own ?? heldPolicy)?.scalar?.text == "continue" { return "continue" }
    // A group that is undone as a whole leaves none of its steps to go on.
    return own?["then"]?.scalar?.text == "continue" ? "then" : nil
  }

  /// What the preconditions of a step that do not hold lead to.
  private static func otherwise(_ node: YAMLNode) -> [String] {
    node["preconditions"]?.sequence?.compactMap { $0["otherwise"]?.scalar?.text } ?? []
  }

  /// The type of an element of what a repetition gives: one value for each item, null where an item gave none.
  private func elementType(_ type: ValueType, of node: YAMLNode, _ isFinally: Bool) -> ValueType {
    let mayLack =
      node["when"] != nil || goesOn(afterFailureOf: node, isFinally) != nil
      || Self.otherwise(node).contains { ["skip", "done", "ask"].contains($0) }
    if mayLack { return type == .dyn ? .dyn : .nullable(type) }
    // A runbook that is called may have a policy of its caller's.
    return openCalls.count > 1 ? .dyn : type
  }

  // MARK: Choices that end the run

  /// Marks the steps that a choice may leave out of a run that ends well.
  func announceEarlyEnds(_ heads: [StepHead]) {
    let ends = heads.indices.filter { Self.mayEndRun(heads[$0].node) }
    for (place, head) in heads.enumerated() {
      if Self.isCutShort(head.node) {
        names.leaveOut(place, because: "a choice inside the step may end the run")
      } else if let end = ends.first(where: { $0 != place && names.reachability?.isNeeded(place, by: $0) != true }) {
        names.leaveOut(place, because: "the choice of `\(heads[end].id)` may end the run without the step")
      }
    }
  }

  /// Whether a step is, or holds, a choice that ends the runbook.
  private static func mayEndRun(_ node: YAMLNode) -> Bool {
    node["decide"]?["options"]?.sequence?.contains { $0["ends"] != nil } ?? false
      || node["steps"]?.sequence?.contains(where: mayEndRun) ?? false
  }

  /// Whether a choice inside a step may end the runbook before all of the step is done: it has succeeded then, and gives
  /// nothing.
  private static func isCutShort(_ node: YAMLNode) -> Bool {
    guard mayEndRun(node) else { return false }
    if node["for-each"] != nil { return true }
    let steps = node["steps"]?.sequence ?? []
    return steps.indices.contains { place in
      mayEndRun(steps[place]) && (isCutShort(steps[place]) || needed(by: place, among: steps).count < steps.count - 1)
    }
  }

  /// The steps of a list that one of them needs, directly or through others.
  private static func needed(by place: Int, among steps: [YAMLNode]) -> Set<Int> {
    var needed: Set<Int> = []
    var open = [place]
    while let place = open.popLast() {
      let said = steps[place]["needs"]?.sequence?.compactMap { $0.scalar?.text }
      let needs = said.map { names in steps.indices.filter { names.contains(steps[$0]["id"]?.scalar?.text ?? "") } }
      for need in needs ?? (place > 0 ? [place - 1] : []) where needed.insert(need).inserted { open.append(need) }
    }
    return needed
  }
}
