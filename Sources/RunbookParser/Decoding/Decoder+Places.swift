import Diagnostics
import YAMLSyntax

extension Decoder {
  /// Where a program runs: what its own `on` says, else what `defaults` say; nil is the engine's machine.
  func place(_ node: YAMLNode?, in reach: ExpressionPlace) -> Place? {
    guard let node else { return defaultPlace }
    if node.scalar != nil {
      _ = text(node, fitting: .here, "`on`")
      return nil
    }
    guard let node = mapping(node, .place), let target = node["ssh"] ?? node["pod"],
      let name = self.target(target, in: reach)
    else { return nil }
    if node["ssh"] != nil { return .ssh(name) }
    var pod = Place.Pod(target: name)
    pod.namespace = node["namespace"].flatMap { text($0, in: reach, "`namespace`") }
    pod.container = node["container"].flatMap { text($0, in: reach, "`container`") }
    pod.context = node["context"].flatMap { text($0, in: reach, "`context`") }
    cautionOfContext(node, "pod", "a pod")
    return .pod(pod)
  }

  /// Warns of what goes through kubectl to whatever cluster was chosen last.
  func cautionOfContext(_ node: YAMLNode, _ key: String, _ subject: String) {
    guard node["context"] == nil, let pair = node.mapping?.first(where: { $0.key == key }), reportOnce(pair.keySpan)
    else {
      return
    }
    report(
      .kubectlContext, "\(subject) without `context` is looked for in whatever cluster was chosen last", pair.keySpan,
      severity: .warning, notes: ["add `context: NAME` beside it"])
  }

  func target(_ node: YAMLNode, in reach: ExpressionPlace) -> Text? {
    let text = text(node, in: reach, "a place")
    if case .literal(let name)? = text, let problem = ScalarShape.place.problem(name, "a place") {
      misfit(node.span, problem)
      return nil
    }
    return text
  }
}
