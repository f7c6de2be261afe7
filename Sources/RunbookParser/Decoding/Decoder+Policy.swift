import Diagnostics
import YAMLSyntax

extension Decoder {
  /// The people of a project, their roles, and the freezes that concern a runbook; nil where it says nothing of the kind.
  func policy(_ root: YAMLNode, of runbook: Runbook?, _ environment: String?) -> Policy? {
    guard ["people", "roles", "freezes"].contains(where: { root[$0] != nil }) else { return nil }
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
    return Policy(people: people, roles: roles, freezes: freezes(root, of: runbook, environment))
  }

  /// The freezes that hold in an environment and make no exception of a runbook.
  private func freezes(_ root: YAMLNode, of runbook: Runbook?, _ environment: String?) -> [Policy.Freeze] {
    let known = (root["environments"]?.mapping ?? []).map(\.key)
    var freezes: [Policy.Freeze] = []
    for pair in root["freezes"].map({ entries($0, "`freezes`") }) ?? [] {
      guard name(pair.key, pair.keySpan, "a freeze"), let node = mapping(pair.value, .freeze) else { continue }
      let from = time(node["from"], "`from`")
      let until = time(node["until"], "`until`")
      if let from, let until, until <= from, let written = node["until"] {
        report(.inputValue, "the freeze `\(pair.key)` is over before it begins", written.span)
      }
      let environments = names(node["environments"], "`environments`")
      for said in environments where !known.isEmpty && !known.contains(said.name) {
        reportUnknown(said.name, "environment", among: known, "environments stand under `environments`", said.span)
      }
      let exception = node["except"].flatMap { mapping($0, .exception) }
      let runbooks = names(exception?["runbooks"], "`runbooks`").map(\.name)
      let tags = names(exception?["tags"], "`tags`").map(\.name)
      guard let from, let until, let runbook, !runbooks.contains(runbook.name),
        Set(tags).isDisjoint(with: runbook.tags),
        environments.isEmpty || environments.contains(where: { $0.name == environment })
      else { continue }
      freezes.append(Policy.Freeze(name: pair.key, from: from, until: until))
    }
    return freezes
  }

  private func time(_ node: YAMLNode?, _ subject: String) -> Int64? {
    guard let node, let text = plainText(node, subject) else { return nil }
    switch InputType.timestamp.read(text: text) {
    case .success(.timestamp(let time)): return time.milliseconds
    case .success: return nil
    case .failure(let problem):
      report(.inputValue, "\(subject): \(problem.message)", node.span)
      return nil
    }
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
