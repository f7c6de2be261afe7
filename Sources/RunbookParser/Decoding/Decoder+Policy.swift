import Diagnostics
import YAMLSyntax

extension Decoder {
  /// The people of a project and their roles; nil where it names neither.
  func policy(_ root: YAMLNode) -> Policy? {
    guard root["people"] != nil || root["roles"] != nil else { return nil }
    var people: [Policy.Person] = []
    var loginSpans: [String: ByteSpan] = [:]
    for pair in root["people"].map({ entries($0, "`people`") }) ?? [] {
      guard name(pair.key, pair.keySpan, "a person") else { continue }
      let node = mapping(pair.value, .person)
      let said = node?["login"]
      let login = said.flatMap { plainText($0, "`login`") } ?? pair.key
      let span = said?.span ?? pair.keySpan
      if let first = loginSpans[login] {
        report(
          .duplicateName, "a second person is logged in as `\(login)`", span, labels: [(first, "this is the first")])
      }
      loginSpans[login] = span
      people.append(Policy.Person(name: pair.key, login: login))
    }
    var roles: [Policy.Role] = []
    for pair in root["roles"].map({ entries($0, "`roles`") }) ?? [] {
      guard name(pair.key, pair.keySpan, "a role") else { continue }
      var names: [String] = []
      for node in elements(pair.value, "`\(pair.key)`") {
        guard let name = plainText(node, "a person") else { continue }
        if people.contains(where: { $0.name == name }) {
          if !names.contains(name) { names.append(name) }
        } else {
          reportUnknown(name, "person", among: people.map(\.name), "people stand under `people`", node.span)
        }
      }
      roles.append(Policy.Role(name: pair.key, people: names.sorted()))
    }
    return Policy(people: people, roles: roles)
  }

  /// The roles that may answer; those that the project does not know are reported.
  func roles(_ node: YAMLNode?) -> [String] {
    guard let node else { return [] }
    var names: [String] = []
    for element in elements(node, "`from`") {
      guard let name = plainText(element, "a role"), !names.contains(name) else { continue }
      if settings.policy?.role(named: name) == nil {
        reportUnknown(
          name, "role", among: settings.policy?.roles.map(\.name) ?? [],
          "roles stand under `roles` in the project's file, belay.yaml", element.span)
      }
      names.append(name)
    }
    return names
  }

  private func reportUnknown(_ name: String, _ kind: String, among known: [String], _ place: String, _ span: ByteSpan) {
    let nearest = Spelling.nearest(to: name, in: known.sorted())
    report(
      .unknownRole, "there is no \(kind) `\(name)`", span,
      notes: [nearest.map { "did you mean `\($0)`?" } ?? place],
      fix: nearest.map {
        Diagnostic.Fix(title: "write `\($0)`", edits: [Diagnostic.Edit(span: span, replacement: $0)])
      })
  }
}
