import Diagnostics
import YAMLSyntax

extension Decoder {
  /// Where a program runs: what its own `on` says, else what `defaults` say; nil is the engine's machine.
  func place(_ node: YAMLNode?, in reach: ExpressionPlace) -> Place? {
    guard let node else { return defaultPlace }
    if node.scalar != nil {
      if let text = plainText(node, "`on`"), text != "local" {
        report(
          .badValue, "`on` is `local`, `{ssh: user@host}` or `{pod: NAME}`, not `\(text)`", node.span,
          notes: ["a machine is reached with `on: {ssh: \(text)}`"])
      }
      return nil
    }
    guard let node = mapping(node, .place) else { return nil }
    let target = node["ssh"] ?? node["pod"]
    guard let target else {
      report(.missingKey, "`on` needs `ssh` or `pod`", headSpan(node))
      return nil
    }
    guard let name = self.target(target, in: reach) else { return nil }
    guard node["ssh"] == nil else {
      for pair in node.mapping ?? [] where pair.key != "ssh" && KeyTable.place.keys.contains(pair.key) {
        report(.unknownKey, "`\(pair.key)` means nothing beside `ssh`", pair.keySpan)
      }
      return .ssh(name)
    }
    var pod = Place.Pod(target: name)
    pod.namespace = node["namespace"].flatMap { text($0, in: reach, "`namespace`") }
    pod.container = node["container"].flatMap { text($0, in: reach, "`container`") }
    pod.context = node["context"].flatMap { text($0, in: reach, "`context`") }
    return .pod(pod)
  }

  func target(_ node: YAMLNode, in reach: ExpressionPlace) -> Text? {
    let text = text(node, in: reach, "a place")
    if case .literal(let name)? = text, let flaw = Place.flaw(of: name) {
      report(.badValue, "`\(name)` cannot name a place: \(flaw)", node.span)
      return nil
    }
    return text
  }
}
