import Diagnostics
import YAMLSyntax

extension Decoder {
  /// The people of a project, their roles and keys, and the rules and freezes that concern a runbook; nil where it says
  /// nothing of the kind.
  func policy(_ root: YAMLNode, of runbook: Runbook?, _ environment: String?) -> Policy? {
    guard ["people", "roles", "keys", "starts", "approvals", "freezes"].contains(where: { root[$0] != nil }) else {
      return nil
    }
    var people: [Policy.Person] = []
    var loginSpans: [String: ByteSpan] = [:]
    var principalSpans: [String: ByteSpan] = [:]
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
      let signing = node?["principal"]
      let principal = signing.flatMap { plainText($0, "`principal`") } ?? pair.key
      let place = signing?.span ?? pair.keySpan
      if let first = principalSpans[principal] {
        report(
          .duplicateName, "a second person has the principal `\(principal)`", place,
          labels: [(first, "this is the first")])
      }
      principalSpans[principal] = place
      people.append(Policy.Person(name: pair.key, login: login, principal: principal))
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
    let policy = Policy(people: people, roles: roles, keys: root["keys"].flatMap { keys($0, of: people) })
    let concern = Concern(
      runbook: runbook, environment: environment, known: (root["environments"]?.mapping ?? []).map(\.key))
    return Policy(
      people: people, roles: roles, freezes: freezes(root, of: runbook, environment), keys: policy.keys,
      approvals: approvals(root, concern, policy), starts: starts(root, concern, policy))
  }

  /// The rules and freezes that concern a called runbook hold in it beside those of its callers.
  func takeRules(for runbook: Runbook) {
    guard let root = settings.root, let file = settings.source, let policy = settings.policy else { return }
    // What is wrong with the file was reported for the caller.
    let silent = Decoder(source: file)
    silent.project = project
    guard let own = silent.policy(root, of: runbook, constants?.environment) else { return }
    settings.policy = policy.adding(own)
  }

  /// The keys of a project, from the files it names.
  private func keys(_ node: YAMLNode, of people: [Policy.Person]) -> PolicyKeys? {
    guard let node = mapping(node, .keys), let allowed = keyFile(node["allowed-signers"]) else { return nil }
    let signers = AllowedSigners(allowed)
    report(signers.problems, node["allowed-signers"])
    reportShared(signers, people, node["allowed-signers"])
    let revoked = keyFile(node["revoked"])
    if let revoked { report(AllowedSigners.problems(ofKeys: revoked), node["revoked"]) }
    return PolicyKeys(allowedSigners: allowed, revoked: revoked)
  }

  private func report(_ problems: [AllowedSigners.Problem], _ node: YAMLNode?) {
    guard let node, let path = node.scalar?.text else { return }
    for problem in problems {
      report(.unreadableKeys, "line \(problem.line) of `\(path)` cannot be used: \(problem.text)", node.span)
    }
  }

  /// A key that is several people's proves nothing of either.
  private func reportShared(_ signers: AllowedSigners, _ people: [Policy.Person], _ node: YAMLNode?) {
    guard let node, let path = node.scalar?.text else { return }
    for (place, line) in signers.lines.enumerated() where !line.isAuthority {
      let same = signers.lines.filter { $0.key == line.key && !$0.isAuthority }
      guard !signers.lines[..<place].contains(where: { $0.key == line.key && !$0.isAuthority }) else { continue }
      let owners = people.filter { person in same.contains { $0.names(person.principal) == true } }
      if Set(owners.map(\.principal)).count > 1 {
        report(
          .unreadableKeys,
          "the key on line \(line.number) of `\(path)` is that of \(owners.map(\.name).joined(separator: " and "))",
          node.span, notes: ["it proves nothing of either: each person needs a key of their own"])
      }
    }
  }

  private func keyFile(_ node: YAMLNode?) -> String? {
    guard let node, let path = plainText(node, "the path of a file of keys") else { return nil }
    return projectFile(path, node).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// The file at a path that stands at a node; reported where the project has none.
  func projectFile(_ path: String, _ node: YAMLNode) -> SourceText? {
    if let file = project?.file(at: path) { return file }
    report(
      .unknownFile, "the project has no file `\(path)`", node.span,
      notes: ["its path begins at the folder of `belay.yaml`, and leads to a file below that, whatever links are on it"]
    )
    return nil
  }

  // MARK: Rules

  /// The run that rules may concern.
  private struct Concern {
    let runbook: Runbook?
    let environment: String?
    let known: [String]
  }

  /// Whether a rule concerns a run: its environment, and one of its runbooks and tags where it names any.
  private func concerns(_ node: YAMLNode, _ concern: Concern) -> Bool {
    let environments = environments(node["environments"], among: concern.known)
    let runbooks = names(node["runbooks"], "`runbooks`").map(\.name)
    let tags = names(node["tags"], "`tags`").map(\.name)
    guard environments.isEmpty || environments.contains(where: { $0 == concern.environment }) else { return false }
    guard !runbooks.isEmpty || !tags.isEmpty else { return true }
    guard let runbook = concern.runbook else { return false }
    return runbooks.contains(runbook.name) || !Set(tags).isDisjoint(with: runbook.tags)
  }

  private func environments(_ node: YAMLNode?, among known: [String]) -> [String] {
    names(node, "`environments`").map { said in
      if !known.isEmpty, !known.contains(said.name) {
        reportUnknown(said.name, "environment", among: known, "environments stand under `environments`", said.span)
      }
      return said.name
    }
  }

  private func starts(_ root: YAMLNode, _ concern: Concern, _ policy: Policy) -> [StartRule] {
    var rules: [StartRule] = []
    for pair in root["starts"].map({ entries($0, "`starts`") }) ?? [] {
      guard name(pair.key, pair.keySpan, "a rule"), let node = mapping(pair.value, .startRule) else { continue }
      let roles = roles(node["from"], in: policy)
      if concerns(node, concern) { rules.append(StartRule(name: pair.key, roles: roles)) }
    }
    return rules
  }

  private func approvals(_ root: YAMLNode, _ concern: Concern, _ policy: Policy) -> [ApprovalRule] {
    var rules: [ApprovalRule] = []
    for pair in root["approvals"].map({ entries($0, "`approvals`") }) ?? [] {
      guard name(pair.key, pair.keySpan, "a rule"), let node = mapping(pair.value, .approvalRule) else { continue }
      var effects: [Effect] = (node["effects"].map { elements($0, "`effects`") } ?? []).compactMap { node in
        word(node, Effect.self, "an effect")
      }
      if node["effects"] == nil { effects = [.change, .irreversible] }
      if node["from"] == nil { effects = Effect.allCases }
      let excludesStarter = flag(node["not-starter"], "`not-starter`") ?? false
      if excludesStarter, policy.keys == nil {
        report(
          .unknownRole, "without `keys` nobody can tell who started a run", node["not-starter"]?.span ?? pair.keySpan,
          notes: ["a login name proves nothing: name a file of allowed signers, `keys: {allowed-signers: PATH}`"])
      }
      let rule = ApprovalRule(
        name: pair.key, effects: effects, demand: demand(node, in: policy, rule: pair.key),
        within: duration(node["within"], "`within`"), excludesStarter: excludesStarter)
      if concerns(node, concern) { rules.append(rule) }
    }
    return rules
  }

  /// So many of some roles, as a rule or a step says it.
  private func demand(_ node: YAMLNode, in policy: Policy?, rule: String? = nil) -> Approval.Demand? {
    guard let from = node["from"] else { return nil }
    let roles = roles(from, in: policy)
    let count = integer(node["count"], "`count`") ?? 1
    let people = policy?.people(of: roles).count ?? 0
    if count > people, roles.allSatisfy({ policy?.role(named: $0) != nil }) {
      report(
        .unknownRole, "\(count) must approve, and \(people == 1 ? "one person has" : "\(people) people have") the role",
        node["count"]?.span ?? from.span)
    }
    return Approval.Demand(roles: roles, count: count, rule: rule)
  }

  /// What a step says of approvals itself.
  func approval(_ node: YAMLNode?) -> Approval? {
    guard let node, let node = mapping(node, .approval), let demand = demand(node, in: settings.policy) else {
      return nil
    }
    return Approval(demands: [demand], within: duration(node["within"], "`within`"))
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
      let environments = environments(node["environments"], among: known)
      let exception = node["except"].flatMap { mapping($0, .exception) }
      let runbooks = names(exception?["runbooks"], "`runbooks`").map(\.name)
      let tags = names(exception?["tags"], "`tags`").map(\.name)
      guard let from, let until, let runbook, !runbooks.contains(runbook.name),
        Set(tags).isDisjoint(with: runbook.tags),
        environments.isEmpty || environments.contains(where: { $0 == environment })
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
  func roles(_ node: YAMLNode?) -> [String] { roles(node, in: settings.policy) }

  private func roles(_ node: YAMLNode?, in policy: Policy?) -> [String] {
    guard let node else { return [] }
    var names: [String] = []
    for element in elements(node, "`from`") {
      guard let name = plainText(element, "a role"), !names.contains(name) else { continue }
      if policy?.role(named: name) == nil {
        reportUnknown(
          name, "role", among: policy?.roles.map(\.name) ?? [],
          "roles stand under `roles` in the project's file, belay.yaml", element.span)
      }
      names.append(name)
    }
    return names
  }

  func reportUnknown(_ name: String, _ kind: String, among known: [String], _ place: String, _ span: ByteSpan) {
    let nearest = Spelling.nearest(to: name, in: known.sorted())
    report(
      .unknownRole, "there is no \(kind) `\(name)`", span,
      notes: [nearest.map { "did you mean `\($0)`?" } ?? place])
  }
}
