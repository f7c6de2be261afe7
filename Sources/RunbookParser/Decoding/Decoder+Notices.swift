import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// How long an attempt to tell people may take, where nothing is said, in milliseconds.
  static let noticePatience: Int64 = 30_000

  /// Something that people are told, over one of the project's channels.
  func notice(_ node: YAMLNode, in place: ExpressionPlace) -> Notice? {
    guard let node = mapping(node, .notice), let said = required("channel", of: node, "a notice"),
      let name = plainText(said, "`channel`"), let written = required("message", of: node, "a notice"),
      let message = text(written, in: place, "`message`")
    else { return nil }
    let required = flag(node["required"], "`required`") ?? false
    return transport(name, said.span).map { Notice(channel: $0, message: message, required: required) }
  }

  /// What people are told when something happens to the run.
  func runNotices(_ node: YAMLNode?) -> [RunNotice] {
    guard let node else { return [] }
    return elements(node, "`notify`").compactMap { element in
      guard let element = mapping(element, .runNotice), let said = required("when", of: element, "a notice of a run"),
        let named = required("channel", of: element, "a notice of a run"), let name = plainText(named, "`channel`"),
        let written = required("message", of: element, "a notice of a run"),
        let message = text(written, in: ExpressionPlace(.notice), "`message`")
      else { return nil }
      let moments = elements(said, "`when`").compactMap { word($0, RunMoment.self, "a word of `when`") }
      return transport(name, named.span).map { RunNotice(when: moments, channel: $0, message: message) }
    }
  }

  /// The project's channel of this name.
  private func transport(_ name: String, _ span: ByteSpan) -> Channel? {
    guard let declared = settings.channels[name], let file = settings.source else {
      let nearest = Spelling.nearest(to: name, in: settings.channels.keys.sorted())
      report(
        .unknownChannel, "there is no channel `\(name)`", span,
        notes: [
          nearest.map { "did you mean `\($0)`?" }
            ?? "channels stand under `channels` in the project's file, belay.yaml"
        ])
      return nil
    }
    let outside = (source, names.parameters)
    source = file
    names.parameters = ["message": .string]
    defer { (source, names.parameters) = outside }
    return channel(name, declared)
  }

  func channel(_ name: String, _ node: YAMLNode) -> Channel? {
    guard let node = mapping(node, .channel), let pair = node.mapping?.first else { return nil }
    let place = ExpressionPlace(.beforeSteps)
    switch pair.key {
    case "webhook":
      guard var call = http(pair.value, in: place) else { return nil }
      if pair.value["method"] == nil { call.method = "POST" }
      return Channel(name: name, transport: .webhook(call))
    case "slack":
      guard let node = mapping(pair.value, .slack),
        let url = required("url", of: node, "`slack`").flatMap({
          text($0, in: place, "`url`")
        })
      else { return nil }
      return Channel(name: name, transport: .slack(url: url))
    case "pagerduty":
      guard let node = mapping(pair.value, .pagerDuty), let keyNode = required("routing-key", of: node, "`pagerduty`"),
        let key = text(keyNode, in: place, "`routing-key`")
      else { return nil }
      let url =
        node["url"].flatMap { text($0, in: place, "`url`") } ?? .literal("https://events.pagerduty.com/v2/enqueue")
      let severity = node["severity"].flatMap { plainText($0, "`severity`") } ?? "critical"
      return Channel(name: name, transport: .pagerDuty(url: url, routingKey: key, severity: severity))
    case "command":
      guard let words = arguments(pair.value, in: place, "`command`") else { return nil }
      return Channel(name: name, transport: .command(Program(.exec(words))))
    default: return nil
    }
  }
}
